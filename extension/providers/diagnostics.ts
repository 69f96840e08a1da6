import * as vscode from 'vscode';
import type { Severity } from '../../language/analysis/diagnostic';
import { isMmscn } from '../documents';
import { rangeIn, workspace } from './files';

/** Milliseconds of quiet before a text is looked at again. */
const DEBOUNCE = 150;

const SEVERITIES: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

/** Says what is wrong with every open file, when it is opened and after each change. */
export function registerDiagnostics(): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('mmscn');
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const document of vscode.workspace.textDocuments) if (isMmscn(document)) void publish(document, collection);
    }, DEBOUNCE);
  };
  const changed = (document: vscode.TextDocument) => {
    if (!isMmscn(document)) return;
    workspace.changed();
    later();
  };
  for (const document of vscode.workspace.textDocuments) changed(document);
  return vscode.Disposable.from(
    collection,
    { dispose: () => clearTimeout(timer) },
    vscode.workspace.onDidOpenTextDocument(changed),
    vscode.workspace.onDidChangeTextDocument(({ document }) => changed(document)),
    vscode.workspace.onDidCloseTextDocument((document) => {
      collection.delete(document.uri);
      changed(document);
    }),
  );
}

/** What is said belongs to one version of one document; when it has changed meanwhile, nothing is said. */
async function publish(document: vscode.TextDocument, collection: vscode.DiagnosticCollection): Promise<void> {
  const { version } = document;
  try {
    const found = await workspace.check(document.uri.toString());
    if (document.version !== version || document.isClosed) return;
    collection.set(
      document.uri,
      found.map(({ severity, code, message, ...span }) => {
        const diagnostic = new vscode.Diagnostic(rangeIn(document, span), message, SEVERITIES[severity]);
        diagnostic.source = 'mmscn';
        diagnostic.code = code;
        return diagnostic;
      }),
    );
  } catch {
    collection.delete(document.uri);
  }
}

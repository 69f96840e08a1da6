import { type Connection, type Diagnostic, DocumentDiagnosticReportKind } from 'vscode-languageserver/node';
import { fixesFor } from '../../language/analysis/editor/editing';
import { type Documents, rangeIn } from './documents';
import { SEVERITIES } from './kinds';

/** Milliseconds of quiet before diagnostics are pushed. */
const DEBOUNCE = 100;

/** Diagnostics as the client wants them: pulled by those that can, pushed to the others. */
export function serveDiagnostics(connection: Connection, documents: Documents, pulls: () => boolean): void {
  const found = async (uri: string): Promise<Diagnostic[]> => {
    const document = documents.open.get(uri);
    if (!document) return [];
    const all = await documents.workspace.check(uri);
    return all.map(({ severity, code, message, ...span }) => ({
      range: rangeIn(document, span),
      severity: SEVERITIES[severity],
      code,
      message,
      source: 'mmscn',
    }));
  };
  connection.languages.diagnostics.on(async ({ textDocument }) => ({
    kind: DocumentDiagnosticReportKind.Full,
    items: await found(textDocument.uri),
  }));

  let timer: ReturnType<typeof setTimeout> | undefined;
  documents.open.onDidChangeContent(() => {
    if (pulls()) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const { uri, version } of documents.open.all()) {
        void found(uri).then((diagnostics) => {
          if (documents.open.get(uri)?.version === version) void connection.sendDiagnostics({ uri, version, diagnostics });
        });
      }
    }, DEBOUNCE);
  });
  documents.open.onDidClose(({ document: { uri } }) => {
    if (!pulls()) void connection.sendDiagnostics({ uri, diagnostics: [] });
  });

  connection.onCodeAction(async ({ textDocument: { uri }, range }) => {
    const document = documents.open.get(uri);
    if (!document) return [];
    const [from, to] = [document.offsetAt(range.start), document.offsetAt(range.end)];
    const here = (await documents.workspace.check(uri)).filter(({ start, end }) => start <= to && from <= end);
    return here.flatMap((diagnostic) =>
      fixesFor(diagnostic).map((fix) => ({
        title: fix.title,
        kind: 'quickfix',
        isPreferred: true,
        edit: { changes: { [uri]: [{ range: rangeIn(document, fix), newText: fix.text }] } },
      })),
    );
  });
}

import * as vscode from 'vscode';
import { completion, completionDoc, type CompletionKind, signatureHelp } from '../../language/analysis/editor/completion';
import { opened, SELECTOR } from './files';

const KINDS: Readonly<Record<CompletionKind, vscode.CompletionItemKind>> = {
  keyword: vscode.CompletionItemKind.Keyword,
  call: vscode.CompletionItemKind.Method,
  routine: vscode.CompletionItemKind.Function,
  function: vscode.CompletionItemKind.Function,
  constant: vscode.CompletionItemKind.EnumMember,
  observable: vscode.CompletionItemKind.Property,
  variable: vscode.CompletionItemKind.Variable,
  process: vscode.CompletionItemKind.Class,
  design: vscode.CompletionItemKind.Module,
  filesystem: vscode.CompletionItemKind.Module,
  option: vscode.CompletionItemKind.Property,
  value: vscode.CompletionItemKind.EnumMember,
};

/** Completion and signature help. */
export function registerCompletion(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(
      SELECTOR,
      {
        async provideCompletionItems(document, position) {
          const file = await opened(document);
          if (!file) return [];
          return completion(file.program, file.source, document.offsetAt(position)).map((one, i) => {
            const item = new vscode.CompletionItem(one.label, KINDS[one.kind]);
            if (one.detail !== undefined) item.detail = one.detail;
            if (one.snippet !== undefined) {
              item.insertText = new vscode.SnippetString(one.snippet);
              item.command = { command: 'editor.action.triggerParameterHints', title: 'Parameters' };
            }
            const doc = completionDoc(one);
            if (doc !== undefined) item.documentation = new vscode.MarkdownString(doc);
            item.sortText = String(i).padStart(5, '0');
            return item;
          });
        },
      },
      '.',
      '|',
    ),
    vscode.languages.registerSignatureHelpProvider(
      SELECTOR,
      {
        async provideSignatureHelp(document, position) {
          const file = await opened(document);
          const found = file && signatureHelp(file.program, file.source, document.offsetAt(position));
          if (!found) return undefined;
          const signature = new vscode.SignatureInformation(found.label, new vscode.MarkdownString(found.doc));
          signature.parameters = found.params.map(({ start, end, doc }) => new vscode.ParameterInformation([start, end], doc));
          return Object.assign(new vscode.SignatureHelp(), { signatures: [signature], activeSignature: 0, activeParameter: found.active });
        },
      },
      '(',
      ',',
    ),
  );
}

import { type Connection, InsertTextFormat, MarkupKind } from 'vscode-languageserver/node';
import { completion, completionDoc, signatureHelp } from '../../language/analysis/editor/completion';
import type { Documents } from './documents';
import { COMPLETIONS } from './kinds';

/** Completion and signature help. */
export function serveCompletion(connection: Connection, documents: Documents): void {
  connection.onCompletion(async ({ textDocument, position }) => {
    const file = await documents.get(textDocument.uri);
    if (!file) return [];
    return completion(file.program, file.source, file.document.offsetAt(position)).map((one, i) => {
      const doc = completionDoc(one);
      return {
        label: one.label,
        kind: COMPLETIONS[one.kind],
        sortText: String(i).padStart(5, '0'),
        ...(one.detail !== undefined && { detail: one.detail }),
        ...(one.snippet !== undefined && { insertText: one.snippet, insertTextFormat: InsertTextFormat.Snippet }),
        ...(doc !== undefined && { documentation: { kind: MarkupKind.Markdown, value: doc } }),
      };
    });
  });
  connection.onSignatureHelp(async ({ textDocument, position }) => {
    const file = await documents.get(textDocument.uri);
    const found = file && signatureHelp(file.program, file.source, file.document.offsetAt(position));
    if (!found) return null;
    const parameters = found.params.map(({ start, end, doc }) => ({ label: [start, end] as [number, number], documentation: doc }));
    const signature = { label: found.label, documentation: { kind: MarkupKind.Markdown, value: found.doc }, parameters };
    return { signatures: [signature], activeSignature: 0, activeParameter: found.active };
  });
}

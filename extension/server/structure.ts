import { type Connection, type DocumentSymbol, SemanticTokensBuilder } from 'vscode-languageserver/node';
import { folds } from '../../language/analysis/editor/editing';
import { outline, type OutlineEntry } from '../../language/analysis/editor/outline';
import { semanticTokens, TOKEN_MODIFIERS, TOKEN_TYPES } from '../../language/analysis/editor/tokens';
import { LineMap } from '../../language/syntax/positions';
import { format } from '../../language/syntax/print';
import { type Documents, rangeIn } from './documents';
import { SYMBOLS } from './kinds';

/** Outline, folding, semantic tokens, formatting. */
export function serveStructure(connection: Connection, documents: Documents): void {
  connection.onDocumentSymbol(async ({ textDocument }) => {
    const file = await documents.get(textDocument.uri);
    const entry = (e: OutlineEntry): DocumentSymbol => ({
      name: e.name,
      detail: e.detail,
      kind: SYMBOLS[e.kind],
      range: rangeIn(file!.document, e),
      selectionRange: rangeIn(file!.document, e.selection),
      children: e.children.map(entry),
    });
    return file ? outline(file.source).map(entry) : [];
  });
  connection.onFoldingRanges(async ({ textDocument }) => {
    const file = await documents.get(textDocument.uri);
    if (!file) return [];
    return folds(file.source, new LineMap(file.source.text)).map(({ start, end, kind }) => ({
      startLine: start - 1,
      endLine: end - 1,
      ...(kind && { kind }),
    }));
  });
  connection.languages.semanticTokens.on(async ({ textDocument }) => {
    const file = await documents.get(textDocument.uri);
    const builder = new SemanticTokensBuilder();
    for (const { start, end, type, modifiers } of file ? semanticTokens(file.program, file.source) : []) {
      const { line, character } = file!.document.positionAt(start);
      const bits = modifiers.reduce((all, modifier) => all + 2 ** TOKEN_MODIFIERS.indexOf(modifier), 0);
      builder.push(line, character, end - start, TOKEN_TYPES.indexOf(type), bits);
    }
    return builder.build();
  });
  connection.onDocumentFormatting(({ textDocument }) => {
    const document = documents.open.get(textDocument.uri);
    const text = document?.getText() ?? '';
    const neat = format(text);
    return document && neat !== text ? [{ range: rangeIn(document, { start: 0, end: text.length }), newText: neat }] : [];
  });
}

import { type Connection, DocumentHighlightKind, ErrorCodes, MarkupKind, ResponseError, type TextEdit } from 'vscode-languageserver/node';
import { hover } from '../../language/analysis/editor/hover';
import { definition, documentLinks, references, renamable, rename } from '../../language/analysis/editor/navigation';
import { type Documents, locationIn, rangeIn } from './documents';

/** Hover, definition, references, highlights, rename, links of imports. */
export function serveNavigation(connection: Connection, documents: Documents): void {
  connection.onHover(async ({ textDocument, position }) => {
    const file = await documents.get(textDocument.uri);
    const found = file && hover(file.program, file.source, file.document.offsetAt(position));
    return found ? { contents: { kind: MarkupKind.Markdown, value: found.markdown }, range: rangeIn(file.document, found) } : null;
  });
  connection.onDefinition(async ({ textDocument, position }) => {
    const file = await documents.get(textDocument.uri);
    return file
      ? definition(file.program, file.source, file.document.offsetAt(position)).map((place) => locationIn(file, place.uri, place))
      : null;
  });
  connection.onReferences(async ({ textDocument, position, context }) => {
    const file = await documents.get(textDocument.uri);
    const found = file ? references(file.program, file.source, file.document.offsetAt(position)) : [];
    return found.filter((place) => context.includeDeclaration || !place.definition).map((place) => locationIn(file!, place.uri, place));
  });
  connection.onDocumentHighlight(async ({ textDocument, position }) => {
    const file = await documents.get(textDocument.uri);
    const found = file ? references(file.program, file.source, file.document.offsetAt(position)) : [];
    return found
      .filter(({ uri }) => uri === textDocument.uri)
      .map((place) => ({
        range: rangeIn(file!.document, place),
        kind: place.definition ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
      }));
  });
  connection.onPrepareRename(async ({ textDocument, position }) => {
    const file = await documents.get(textDocument.uri);
    const found = file && renamable(file.program, file.source, file.document.offsetAt(position));
    return found ? rangeIn(file.document, found) : null;
  });
  connection.onRenameRequest(async ({ textDocument, position, newName }) => {
    const file = await documents.get(textDocument.uri);
    if (!file) return null;
    const places = rename(file.program, file.source, file.document.offsetAt(position), newName);
    if ('error' in places) throw new ResponseError(ErrorCodes.InvalidRequest, places.error);
    const changes: Record<string, TextEdit[]> = {};
    for (const place of places) (changes[place.uri] ??= []).push({ range: locationIn(file, place.uri, place).range, newText: newName });
    return { changes };
  });
  connection.onDocumentLinks(async ({ textDocument }) => {
    const file = await documents.get(textDocument.uri);
    return file ? documentLinks(file.source).map((link) => ({ range: rangeIn(file.document, link), target: link.target })) : [];
  });
}

import * as vscode from 'vscode';
import { hover } from '../../language/analysis/editor/hover';
import { definition, documentLinks, references, renamable, rename } from '../../language/analysis/editor/navigation';
import { locationIn, opened, rangeIn, SELECTOR } from './files';

/** Hover, definition, references, highlights, rename, links of imports. */
export function registerNavigation(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerHoverProvider(SELECTOR, {
      async provideHover(document, position) {
        const file = await opened(document);
        const found = file && hover(file.program, file.source, document.offsetAt(position));
        return found && new vscode.Hover(new vscode.MarkdownString(found.markdown), rangeIn(document, found));
      },
    }),
    vscode.languages.registerDefinitionProvider(SELECTOR, {
      async provideDefinition(document, position) {
        const file = await opened(document);
        return (
          file && definition(file.program, file.source, document.offsetAt(position)).map((place) => locationIn(file, place.uri, place))
        );
      },
    }),
    vscode.languages.registerReferenceProvider(SELECTOR, {
      async provideReferences(document, position, { includeDeclaration }) {
        const file = await opened(document);
        const found = file && references(file.program, file.source, document.offsetAt(position));
        return found?.filter((place) => includeDeclaration || !place.definition).map((place) => locationIn(file!, place.uri, place));
      },
    }),
    vscode.languages.registerDocumentHighlightProvider(SELECTOR, {
      async provideDocumentHighlights(document, position) {
        const file = await opened(document);
        const found = file && references(file.program, file.source, document.offsetAt(position));
        return found
          ?.filter((place) => place.uri === file!.source.uri)
          .map(
            (place) =>
              new vscode.DocumentHighlight(
                rangeIn(document, place),
                place.definition ? vscode.DocumentHighlightKind.Write : vscode.DocumentHighlightKind.Read,
              ),
          );
      },
    }),
    vscode.languages.registerRenameProvider(SELECTOR, {
      async prepareRename(document, position) {
        const file = await opened(document);
        const found = file && renamable(file.program, file.source, document.offsetAt(position));
        if (!found) throw new Error("This name is the language's own.");
        return rangeIn(document, found);
      },
      async provideRenameEdits(document, position, to) {
        const file = await opened(document);
        const places = file && rename(file.program, file.source, document.offsetAt(position), to);
        if (!places) return undefined;
        if ('error' in places) throw new Error(places.error);
        const edit = new vscode.WorkspaceEdit();
        for (const place of places) {
          const { uri, range } = locationIn(file, place.uri, place);
          edit.replace(uri, range, to);
        }
        return edit;
      },
    }),
    vscode.languages.registerDocumentLinkProvider(SELECTOR, {
      async provideDocumentLinks(document) {
        const file = await opened(document);
        return (
          file && documentLinks(file.source).map((link) => new vscode.DocumentLink(rangeIn(document, link), vscode.Uri.parse(link.target)))
        );
      },
    }),
  );
}

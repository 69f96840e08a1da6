import * as vscode from 'vscode';
import { fixesFor } from '../../language/analysis/editor/editing';
import { format } from '../../language/syntax/print';
import { rangeIn, SELECTOR, workspace } from './files';

/** Formatting, and quick fixes from the suggestions that diagnostics make. */
export function registerEditing(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerDocumentFormattingEditProvider(SELECTOR, {
      provideDocumentFormattingEdits(document) {
        const text = document.getText();
        const neat = format(text);
        return neat === text ? [] : [vscode.TextEdit.replace(rangeIn(document, { start: 0, end: text.length }), neat)];
      },
    }),
    vscode.languages.registerCodeActionsProvider(
      SELECTOR,
      {
        async provideCodeActions(document, range) {
          const found = await workspace.check(document.uri.toString()).catch(() => []);
          return found
            .filter((diagnostic) => rangeIn(document, diagnostic).intersection(range) !== undefined)
            .flatMap((diagnostic) =>
              fixesFor(diagnostic).map((fix) => {
                const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
                action.edit = new vscode.WorkspaceEdit();
                action.edit.replace(document.uri, rangeIn(document, fix), fix.text);
                action.diagnostics = vscode.languages.getDiagnostics(document.uri).filter((shown) => shown.message === diagnostic.message);
                action.isPreferred = true;
                return action;
              }),
            );
        },
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
  );
}

import * as vscode from 'vscode';
import { evaluatable, folds } from '../../language/analysis/editor/editing';
import { lenses, outline, type OutlineEntry } from '../../language/analysis/editor/outline';
import { semanticTokens, TOKEN_MODIFIERS, TOKEN_TYPES } from '../../language/analysis/editor/tokens';
import { LineMap } from '../../language/syntax/positions';
import { programOf } from '../documents';
import { opened, rangeIn, SELECTOR } from './files';

const KINDS: Readonly<Record<OutlineEntry['kind'], vscode.SymbolKind>> = {
  scenario: vscode.SymbolKind.Module,
  routine: vscode.SymbolKind.Function,
  design: vscode.SymbolKind.Interface,
  param: vscode.SymbolKind.Constant,
  process: vscode.SymbolKind.Class,
  step: vscode.SymbolKind.Event,
  file: vscode.SymbolKind.File,
  mount: vscode.SymbolKind.Namespace,
  cgroup: vscode.SymbolKind.Package,
};
const LEGEND = new vscode.SemanticTokensLegend([...TOKEN_TYPES], [...TOKEN_MODIFIERS]);
const DEBUG_COMMAND = 'mmscn.debugScenario';

/** Outline, folding, semantic tokens, Run and Debug above scenarios, what a debugger's hover evaluates. */
export function registerStructure(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerDocumentSymbolProvider(SELECTOR, {
      async provideDocumentSymbols(document) {
        const file = await opened(document);
        const entry = (e: OutlineEntry): vscode.DocumentSymbol => {
          const symbol = new vscode.DocumentSymbol(e.name, e.detail, KINDS[e.kind], rangeIn(document, e), rangeIn(document, e.selection));
          symbol.children = e.children.map(entry);
          return symbol;
        };
        return file && outline(file.source).map(entry);
      },
    }),
    vscode.languages.registerFoldingRangeProvider(SELECTOR, {
      async provideFoldingRanges(document) {
        const file = await opened(document);
        const kinds = { comment: vscode.FoldingRangeKind.Comment, imports: vscode.FoldingRangeKind.Imports };
        return (
          file &&
          folds(file.source, new LineMap(file.source.text)).map(
            ({ start, end, kind }) => new vscode.FoldingRange(start - 1, end - 1, kind && kinds[kind]),
          )
        );
      },
    }),
    vscode.languages.registerDocumentSemanticTokensProvider(
      SELECTOR,
      {
        async provideDocumentSemanticTokens(document) {
          const file = await opened(document);
          const builder = new vscode.SemanticTokensBuilder(LEGEND);
          for (const token of file ? semanticTokens(file.program, file.source) : [])
            builder.push(rangeIn(document, token), token.type, [...token.modifiers]);
          return builder.build();
        },
      },
      LEGEND,
    ),
    vscode.languages.registerCodeLensProvider(SELECTOR, {
      async provideCodeLenses(document) {
        const file = await opened(document);
        return file && lenses(file.source).flatMap((lens) => [lensOf(document, lens, 'Run', true), lensOf(document, lens, 'Debug', false)]);
      },
    }),
    vscode.languages.registerEvaluatableExpressionProvider(SELECTOR, {
      async provideEvaluatableExpression(document, position) {
        const file = await opened(document);
        const found = file && evaluatable(file.source, document.offsetAt(position));
        return found && new vscode.EvaluatableExpression(rangeIn(document, found), document.getText(rangeIn(document, found)));
      },
    }),
    vscode.commands.registerCommand(DEBUG_COMMAND, (uri: vscode.Uri, scenario: string, noDebug: boolean) =>
      vscode.debug.startDebugging(
        vscode.workspace.getWorkspaceFolder(uri),
        { type: 'mmscn', request: 'launch', name: scenario, program: programOf(uri), scenario, stopOnEntry: true },
        { noDebug },
      ),
    ),
  );
}

function lensOf(
  document: vscode.TextDocument,
  lens: { start: number; end: number; scenario: string },
  title: string,
  noDebug: boolean,
): vscode.CodeLens {
  return new vscode.CodeLens(rangeIn(document, lens), { title, command: DEBUG_COMMAND, arguments: [document.uri, lens.scenario, noDebug] });
}

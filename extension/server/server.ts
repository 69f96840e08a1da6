import { createConnection, ProposedFeatures, type ServerCapabilities, TextDocumentSyncKind } from 'vscode-languageserver/node';
import type { ReadText } from '../../language/analysis/program';
import { TOKEN_MODIFIERS, TOKEN_TYPES } from '../../language/analysis/editor/tokens';
import { implemented } from '../../language/simulator/implemented';
import { serveCompletion } from './completion';
import { serveDiagnostics } from './diagnostics';
import { Documents } from './documents';
import { serveNavigation } from './navigation';
import { serveStructure } from './structure';

const CAPABILITIES: ServerCapabilities = {
  textDocumentSync: TextDocumentSyncKind.Incremental,
  completionProvider: { triggerCharacters: ['.', '|'] },
  signatureHelpProvider: { triggerCharacters: ['(', ','] },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  documentSymbolProvider: true,
  documentFormattingProvider: true,
  documentLinkProvider: {},
  foldingRangeProvider: true,
  renameProvider: { prepareProvider: true },
  codeActionProvider: { codeActionKinds: ['quickfix'] },
  semanticTokensProvider: { legend: { tokenTypes: [...TOKEN_TYPES], tokenModifiers: [...TOKEN_MODIFIERS] }, full: true },
  diagnosticProvider: { interFileDependencies: true, workspaceDiagnostics: false },
};

/**
 * The language server on two streams. Ends the process when the client says `exit` or goes away, as the protocol wants.
 * `readFile`: the text of files that the client has not opened.
 */
export function serve(input: NodeJS.ReadableStream, output: NodeJS.WritableStream, readFile: ReadText): void {
  const connection = createConnection(ProposedFeatures.all, input, output);
  const documents = new Documents(readFile, implemented);
  let pulls = false;
  connection.onInitialize(({ capabilities }) => {
    pulls = capabilities.textDocument?.diagnostic !== undefined;
    return { capabilities: CAPABILITIES, serverInfo: { name: 'mmscn' } };
  });
  serveDiagnostics(connection, documents, () => pulls);
  serveNavigation(connection, documents);
  serveStructure(connection, documents);
  serveCompletion(connection, documents);
  documents.open.listen(connection);
  connection.listen();
}

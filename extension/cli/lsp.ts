import type { Command } from './command';

export const lsp: Command = {
  name: 'lsp',
  usage: '',
  doc: 'The language server on standard input and output (Language Server Protocol)',
  options: {},
  // TODO the server
  run: () => 2,
};

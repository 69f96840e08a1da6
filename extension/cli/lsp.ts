import type { Command } from './command';
import { readTextFile } from './files';

export const lsp: Command = {
  name: 'lsp',
  usage: '[--stdio]',
  doc: 'The language server on standard input and output (Language Server Protocol)',
  options: { stdio: { type: 'boolean', doc: 'What it does anyway; clients like to say it' } },
  run: async () => {
    const { serve } = await import('../server/server');
    serve(process.stdin, process.stdout, (uri) => Promise.resolve().then(() => readTextFile(uri)));
    // The server ends the process itself when its client is gone.
    return new Promise<number>(() => undefined);
  },
};

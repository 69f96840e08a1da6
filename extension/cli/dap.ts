import type { Command } from './command';

export const dap: Command = {
  name: 'dap',
  usage: '',
  doc: 'The debug adapter on standard input and output (Debug Adapter Protocol, type mmscn)',
  options: {},
  run: async () => (await import('./dapServer')).serve(process.stdin, process.stdout),
};

import type { Command } from './command';

export const dap: Command = {
  name: 'dap',
  usage: '[--stdio]',
  doc: 'The debug adapter on standard input and output (Debug Adapter Protocol, type mmscn)',
  options: { stdio: { type: 'boolean', doc: 'What it does anyway; clients like to say it' } },
  run: async () => (await import('./dapServer')).serve(process.stdin, process.stdout),
};

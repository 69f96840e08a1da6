import type { Command } from './command';
import { hasErrors } from './diagnostics';
import { exitCode, loadAll } from './loadAll';
import { diagnosticLines } from './printDiagnostics';
import { painter } from './terminal';
import { counted } from './words';

export const check: Command = {
  name: 'check',
  usage: 'FILE… [--json]',
  doc: 'Says what is wrong with scenarios, without running them',
  options: { json: { type: 'boolean', doc: 'One JSON object a line for each diagnostic' } },
  run: async (args, streams) => {
    const { loaded, unreadable } = await loadAll(args, streams);
    const { out } = streams;
    let errors = 0;
    for (const one of loaded) {
      errors += one.diagnostics.filter(({ severity }) => severity === 'error').length;
      const lines = args.flag('json')
        ? one.diagnostics.map((diagnostic) => JSON.stringify(diagnostic))
        : diagnosticLines(one, one.diagnostics, out);
      for (const line of lines) out.write(`${line}\n`);
    }
    if (!args.flag('json') && loaded.length > 0) {
      const summary = `${counted(loaded.length, 'file')}: ${errors === 0 ? 'no errors' : counted(errors, 'error')}`;
      out.write(`${painter(out)(errors === 0 ? 'green' : 'red', summary)}\n`);
    }
    return exitCode(unreadable, !loaded.some(({ diagnostics }) => hasErrors(diagnostics)));
  },
};

import { cProgram } from '../../language/export/c/program';
import { parseParams, WrongUse } from './arguments';
import type { Command } from './command';
import { exitCode, loadAll } from './loadAll';
import { chosenScenarios, liveTrace } from './live/traces';
import { checkScenarios } from './run';

export const exportC: Command = {
  name: 'export',
  usage: 'FILE --c [--scenario TITLE]',
  doc: 'Prints a scenario as one C program that does the same with real system calls',
  options: {
    c: { type: 'boolean', doc: 'As C (there is nothing else so far)' },
    scenario: { type: 'string', value: 'TITLE', doc: 'The scenario with this title; needed where a file has several' },
    param: { type: 'string', multiple: true, value: 'n=1500', doc: 'Another value for a param; may be given several times' },
  },
  run: async (args, streams) => {
    if (!args.flag('c')) throw new WrongUse('export as what? mmscn export --c FILE');
    if (args.files.length !== 1) throw new WrongUse('export takes one file');
    const { loaded, unreadable } = await loadAll(args, streams);
    const [one] = loaded;
    if (one === undefined) return exitCode(unreadable, true);
    checkScenarios(args.all('scenario'), parseParams(args.all('param')), loaded);
    const chosen = chosenScenarios(one, args.all('scenario'));
    if (chosen.length !== 1)
      throw new WrongUse(
        chosen.length === 0 ? `${one.file} has no scenario` : `${one.file} has ${chosen.length} scenarios: name one with --scenario TITLE`,
      );
    const trace = liveTrace(one, chosen[0]!, args);
    if ('error' in trace && trace.error !== undefined && !('steps' in trace)) {
      streams.err.write(`mmscn: ${one.file}: ${trace.error}\n`);
      return 1;
    }
    if (!('steps' in trace)) return 1;
    if (trace.stopped) streams.err.write(`mmscn: the program ends before line ${trace.stopped.line}: ${trace.stopped.why}\n`);
    streams.out.write(cProgram(trace));
    return 0;
  },
};

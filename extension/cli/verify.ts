import { type Verified, verifyTrace } from '../../language/export/verify';
import type { Scenario } from '../../language/syntax/ast';
import { type ParsedArguments, parseParams } from './arguments';
import type { Command } from './command';
import { interrupted, interruptible, thisKernel } from './live/machine';
import { chosenScenarios, liveTrace } from './live/traces';
import { VerifyReport } from './live/report';
import { exitCode, loadAll } from './loadAll';
import type { Loaded } from './program';
import { checkScenarios } from './run';

export const verify: Command = {
  name: 'verify',
  usage: 'FILE… [--scenario TITLE] [--param n=…] [--steps] [--json]',
  doc: 'Does the steps of scenarios on this kernel, and says where it and the simulator differ',
  options: {
    scenario: { type: 'string', multiple: true, value: 'TITLE', doc: 'Only the scenario with this title; may be given several times' },
    param: { type: 'string', multiple: true, value: 'n=1500', doc: 'Another value for a param; may be given several times' },
    steps: { type: 'boolean', doc: 'Show the steps that agree, too' },
    json: { type: 'boolean', doc: 'One JSON object a line for each scenario' },
  },
  run: async (args, streams) => {
    const { loaded, unreadable } = await loadAll(args, streams);
    checkScenarios(args.all('scenario'), parseParams(args.all('param')), loaded);
    const report = new VerifyReport(streams.out, args.flag('json'), args.flag('steps'));
    let ok = true;
    await interruptible(async () => {
      for (const one of loaded) {
        for (const scenario of chosenScenarios(one, args.all('scenario'))) {
          if (interrupted.signal) return;
          const verified = await verifyScenario(one, scenario, args);
          report.scenario(verified);
          ok &&= verified.differences === 0 && verified.problem === undefined;
        }
      }
    });
    report.total();
    return interrupted.signal ? 130 : exitCode(unreadable, ok);
  },
};

function verifyScenario(loaded: Loaded, scenario: Scenario, args: ParsedArguments): Promise<Verified> {
  return verifyTrace(liveTrace(loaded, scenario, args), { file: loaded.file, scenario: scenario.title.value }, thisKernel);
}

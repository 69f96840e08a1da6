import { compare } from '../../language/export/compare';
import type { Scenario } from '../../language/syntax/ast';
import type { ParsedArguments } from './arguments';
import type { Command } from './command';
import { interrupted, interruptible, refusal, runLive } from './live/machine';
import { chosenScenarios, liveTrace } from './live/traces';
import { VerifyReport, type Verified } from './live/report';
import { exitCode, loadAll } from './loadAll';
import type { Loaded } from './program';

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

async function verifyScenario(loaded: Loaded, scenario: Scenario, args: ParsedArguments): Promise<Verified> {
  const about = { file: loaded.file, scenario: scenario.title.value };
  const nothing = { ...about, steps: [], differences: 0, compared: 0 };
  const trace = liveTrace(loaded, scenario, args);
  if (!('steps' in trace)) return { ...nothing, refused: trace.error };
  if (trace.steps.length === 0) return { ...nothing, refused: trace.stopped?.why ?? trace.error ?? 'it has no steps' };
  const refused = refusal(trace);
  if (refused !== undefined) return { ...nothing, refused };
  const live = await runLive(trace);
  const steps = compare(trace, live.steps);
  return {
    ...about,
    steps,
    differences: steps.reduce((sum, each) => sum + each.differences.length, 0),
    compared: steps.reduce((sum, each) => sum + each.compared, 0),
    ...(live.problem !== undefined && { problem: live.problem }),
    ...(trace.stopped && { stopped: trace.stopped }),
    ...(trace.error !== undefined && { ended: trace.error }),
  };
}

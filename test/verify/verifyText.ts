import { check } from '../../language/analysis/check';
import { compare } from '../../language/export/compare';
import { traceScenario } from '../../language/export/trace';
import { implemented } from '../../language/simulator/implemented';
import { parse } from '../../language/syntax/parse';
import { hostOptions } from '../../extension/cli/live/host';
import { refusal, runLive } from '../../extension/cli/live/machine';
import { grouped } from '../../extension/cli/live/report';

/** Does a scenario on this kernel; what differs as text, undefined where all agrees. */
export async function verifyText(text: string): Promise<string | undefined> {
  const program = { sources: [{ uri: 'random.mmscn', text, file: parse(text) }] };
  const [wrong] = check(program, implemented, []).filter(({ severity }) => severity === 'error');
  if (wrong) return `the scenario is wrong: ${wrong.message}`;
  const trace = traceScenario(program, { machine: hostOptions() });
  if (!('steps' in trace)) return `it cannot be traced: ${trace.error}`;
  const refused = refusal(trace) ?? trace.error;
  if (refused !== undefined) return `it cannot be done: ${refused}`;
  const live = await runLive(trace);
  const differences = compare(trace, live.steps).flatMap(({ step, differences: found }) =>
    found.length === 0 ? [] : [`line ${step.line}: ${step.text}`, ...grouped(found).map((line) => `    ${line}`)],
  );
  if (live.problem !== undefined) differences.push(`on the machine: ${live.problem}`);
  return differences.length === 0 ? undefined : differences.join('\n');
}

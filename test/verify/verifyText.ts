import { check } from '../../language/analysis/check';
import { compare, grouped } from '../../language/export/compare';
import { traceScenario } from '../../language/export/trace';
import { implemented } from '../../language/simulator/implemented';
import { parse } from '../../language/syntax/parse';
import { hostOptions } from '../../extension/cli/live/host';
import { thisKernel } from '../../extension/cli/live/machine';
import { refusal, runLive } from '../../language/export/verify';

/** Does a scenario on this kernel; what differs as text, undefined where all agrees. */
export async function verifyText(text: string): Promise<string | undefined> {
  const program = { sources: [{ uri: 'random.mmscn', text, file: parse(text) }] };
  const [wrong] = check(program, implemented, []).filter(({ severity }) => severity === 'error');
  if (wrong) return `the scenario is wrong: ${wrong.message}`;
  const trace = traceScenario(program, { machine: hostOptions() });
  if (!('steps' in trace)) return `it cannot be traced: ${trace.error}`;
  const refused = refusal(trace, thisKernel) ?? trace.error;
  if (refused !== undefined) return `it cannot be done: ${refused}`;
  const live = await runLive(trace, thisKernel);
  const differences = compare(trace, live.steps, thisKernel.root).flatMap(({ step, differences: found }) =>
    found.length === 0 ? [] : [`line ${step.line}: ${step.text}`, ...grouped(found).map((line) => `    ${line}`)],
  );
  if (live.problem !== undefined) differences.push(`on the machine: ${live.problem}`);
  return differences.length === 0 ? undefined : differences.join('\n');
}

import { blocking } from '../../language/analysis/blocking';
import { check } from '../../language/analysis/check';
import { loadProgram } from '../../language/analysis/program';
import { type Trace, traceScenario } from '../../language/export/trace';
import { scenarios } from '../../language/runtime/program';
import type { Options } from '../../language/simulator/api';
import { implemented } from '../../language/simulator/implemented';
import { textOf, uriOf } from '../documents';

/** The steps of a scenario, as the editor has it, under the baseline on a machine like this host; rejects if the file lacks it. */
export async function traced(file: string, scenario: string, machine: Options): Promise<Trace | { readonly error: string }> {
  const { program, problems } = await loadProgram(file, (uri) => textOf(uriOf(uri)));
  const node = scenarios(program).find((each) => each.node.title.value === scenario)?.node;
  if (!node) throw new Error(`the file has no scenario "${scenario}" any more.`);
  const [blocker] = blocking(program, check(program, implemented, problems), node, 'baseline');
  if (blocker) return { error: blocker.message };
  const memory = typeof machine['memory'] === 'bigint' ? Number(machine['memory']) : Infinity;
  return traceScenario(program, { scenario, machine, mostMemory: memory / 4 });
}

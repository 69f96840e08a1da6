import { check } from '../../language/analysis/check';
import { compare, grouped } from '../../language/export/compare';
import { traceScenario } from '../../language/export/trace';
import { implemented } from '../../language/simulator/implemented';
import { parse } from '../../language/syntax/parse';
import { hostOptions } from '../../extension/cli/live/host';
import { interrupted, thisKernel } from '../../extension/cli/live/machine';
import { refusal, runLive } from '../../language/export/verify';
import { type Cells, cells, PLACES, type Place } from './cells';

const CELLS = 18;
const ROUNDS = 14;

/** `count` scenarios of cells, from this seed on; whether all agree. */
export async function manyCells(seed: number, count: number, say: (line: string) => void): Promise<boolean> {
  let differing = 0;
  for (let i = 0; i < count && !interrupted.signal; i++) differing += await liveCells(seed + i, CELLS, ROUNDS, PLACES, say);
  say(differing === 0 ? `${count} scenarios of ${CELLS} cells agree (from seed ${seed})` : `${differing} cells differ`);
  return differing === 0;
}

/** Does cells on this kernel; for each that differs what it did until then, as a scenario, and what differs. Gives how many cells differ. */
async function liveCells(
  seed: number,
  count: number,
  rounds: number,
  places: readonly Place[],
  say: (text: string) => void,
): Promise<number> {
  const made = cells(seed, count, rounds, places);
  const program = { sources: [{ uri: 'cells.mmscn', text: made.text, file: parse(made.text) }] };
  const [wrong] = check(program, implemented, []).filter(({ severity }) => severity === 'error');
  if (wrong) throw new Error(`the scenario is wrong: ${wrong.message}\n${made.text}`);
  const trace = traceScenario(program, { machine: hostOptions() });
  if (!('steps' in trace)) throw new Error(`it cannot be traced: ${trace.error}`);
  const refused = refusal(trace, thisKernel) ?? trace.error ?? trace.stopped?.why;
  if (refused !== undefined) throw new Error(`it cannot be done: ${refused}\n${made.text}`);
  const live = await runLive(trace, thisKernel);
  if (live.problem !== undefined) throw new Error(`on the machine: ${live.problem}`);
  const done = new Set<number>();
  for (const { index, step, differences } of compare(trace, live.steps, thisKernel.root)) {
    const at = made.steps[index]!.cell;
    const found = new Map<number, string[]>();
    for (const cell of new Set(differences.map(({ what }) => cellOf(made, what, at)))) {
      if (done.has(cell)) continue;
      done.add(cell);
      found.set(cell, grouped(differences.filter(({ what }) => cellOf(made, what, at) === cell)));
    }
    for (const [cell, text] of found)
      say(
        `seed ${seed}, cell ${cell}:\n${cell < 0 ? '' : made.only(cell, index)}\n  ${step.text}\n${text.map((line) => `      ${line}`).join('\n')}\n`,
      );
  }
  return done.size;
}

function cellOf(made: Cells, what: string, at: number): number {
  const cell = made.cellOf(what);
  return cell >= 0 ? cell : at;
}

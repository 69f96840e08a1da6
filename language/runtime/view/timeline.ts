import { Mark } from '../../simulator/state/trace';
import type { Actor } from '../position';
import type { Run } from '../run';
import { sourceText } from './sourceText';
import type { StepRow, Timeline, Want } from './types';

/** Where the run stands in its history, and the statements around that. */
export function timeline(run: Run, want: Want): Timeline {
  const { entry, mark, held } = run.position;
  const position = entry + (held ? 1 : 0);
  const { count } = want.steps;
  const from = Math.max(run.oldest, Math.min(want.steps.from ?? position - Math.floor(count / 2), run.length - count));
  const steps: StepRow[] = [];
  for (let index = from; index < Math.min(run.length, from + count); index++) {
    const row = stepRow(run, index);
    if (row !== undefined) steps.push(row);
  }
  const inside = run.between || held ? undefined : run.entry(entry);
  return {
    position,
    micro: inside === undefined ? 0 : micros(run, inside.marks[0], mark),
    micros: inside === undefined ? 0 : micros(run, ...inside.marks),
    length: run.length,
    ended: run.entry(run.length) === undefined,
    lanes: lanes(run, steps),
    steps,
  };
}

function stepRow(run: Run, index: number): StepRow | undefined {
  const entry = run.entry(index);
  if (entry === undefined) return undefined;
  const text = sourceText(run, entry.place);
  const call = typeof entry.actor === 'number' || entry.actor === 'kernel' ? text.replace(/^\w+(\[[^\]]*\])?: /, '') : text;
  const label = entry.label !== undefined && entry.label !== run.entry(index - 1)?.label ? { label: entry.label } : {};
  const problem = entry.exception === undefined ? {} : { problem: run.exception(index)?.message ?? entry.exception };
  return { step: index + 1, who: actorName(run, entry.actor), text: call, ...label, ...problem };
}

export function actorName(run: Run, actor: Actor): string {
  return typeof actor === 'number' ? run.nameOf(actor) : actor;
}

/** The actors of the window: processes in the order of creation, then the others. */
function lanes(run: Run, steps: readonly StepRow[]): string[] {
  const names = new Set(steps.map(({ who }) => who));
  const processes = run.processes().flatMap(({ name }) => (names.has(name) ? [name] : []));
  return [...processes, ...[...names].filter((name) => !processes.includes(name))];
}

/** Micro-steps among the marks from `from` to `to` (exclusive). */
function micros(run: Run, from: number, to: number): number {
  let found = 0;
  for (let mark = from; mark < to; mark++) if (run.machine.trace.kind(mark) === Mark.Micro) found++;
  return found;
}

import { Mark } from '../../simulator/state/trace';
import type { Run } from '../run';
import { lineOf, sourceText } from './sourceText';
import { actorName } from './timeline';
import type { Summary } from './types';

/** Sentences of a finished statement that are shown; of more only the last. */
const MOST_SENTENCES = 3;

/** Which run this is, where it stands, and what has just happened. */
export function summary(run: Run): Summary {
  const { location, position } = run;
  const line = lineOf(run, location.place);
  const functions = location.stack.flatMap((frame) => (frame.kind === 'kernel' ? [frame.name] : [])).reverse();
  const done = run.between ? run.entry(position.entry - 1) : run.entry(position.entry);
  const past =
    done === undefined
      ? { sentences: [], stack: [] }
      : told(run, done.marks[0], run.between || position.held ? done.marks[1] : position.mark + 1);
  return {
    scenario: run.scenario,
    design: run.design,
    status: statusOf(run, line),
    statement: run.ended === undefined ? sourceText(run, location.place) : '',
    line: run.ended === undefined ? line : 0,
    who: done === undefined ? '' : actorName(run, done.actor),
    stack: functions.length > 0 ? functions : past.stack,
    sentence: location.sentence !== undefined && functions.length > 0 ? location.sentence : joined(past.sentences) || expected(run),
  };
}

function statusOf(run: Run, line: number): string {
  const { position, ended } = run;
  if (ended !== undefined) return ended.kind === 'error' ? `ended by an error: ${ended.error.message}` : 'end of run';
  if (position.held) return `line ${line}: ${run.exception(position.entry)?.message ?? 'stopped on this line'}`;
  return run.between ? `before line ${line}` : `in the kernel, line ${line}`;
}

function joined(sentences: readonly string[]): string {
  if (sentences.length <= MOST_SENTENCES) return sentences.join('; ');
  return `${sentences.length} micro-steps, the last: ${sentences.at(-1)}`;
}

/** What the expectation came to that was the last statement. */
function expected(run: Run): string {
  const { position, between } = run;
  const last = run.expectations.at(-1);
  if (last === undefined || last.entry !== (between ? position.entry - 1 : position.entry)) return '';
  return last.ok ? `expected and true: ${last.text}` : `expected, but not so: ${last.text}`;
}

/** Micro-steps of a statement up to a mark, and the functions around the last of them. */
function told(run: Run, first: number, end: number): { sentences: string[]; stack: string[] } {
  const { trace } = run.machine;
  const micros: number[] = [];
  const open: string[] = [];
  let stack: string[] = [];
  for (let mark = first; mark < end; mark++) {
    const kind = trace.kind(mark);
    if (kind === Mark.Enter) open.push(trace.info(mark).what);
    else if (kind === Mark.Exit) open.pop();
    else if (kind === Mark.Micro) {
      micros.push(mark);
      stack = [...open];
    }
  }
  const shown =
    micros.length > MOST_SENTENCES
      ? micros.map((mark, index) => (index === micros.length - 1 ? run.machine.describeMark(mark) : ''))
      : micros.map((mark) => run.machine.describeMark(mark));
  return { sentences: shown, stack };
}

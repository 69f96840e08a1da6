import { Mark } from '../../simulator/state/trace';
import type { TimelineEntry } from '../position';
import type { Run } from '../run';
import { grouped } from './slots';
import { lineOf, sourceText } from './sourceText';
import { actorName } from './timeline';
import type { Summary } from './types';

/** Sentences of a finished statement that are shown; of more only one. */
const MOST_SENTENCES = 3;

/** Which run this is, where it stands, and what has just happened. */
export function summary(run: Run): Summary {
  const { location, position } = run;
  const line = lineOf(run, location.place);
  const functions = location.stack.flatMap((frame) => (frame.kind === 'kernel' ? [frame.name] : [])).reverse();
  const done = run.between ? run.entry(position.entry - 1) : run.entry(position.entry);
  const past =
    done === undefined
      ? { sentence: '', stack: [] }
      : told(run, done.marks[0], run.between || position.held ? done.marks[1] : position.mark + 1);
  return {
    scenario: run.scenario,
    design: run.design,
    status: statusOf(run, line),
    statement: run.ended === undefined ? sourceText(run, location.place) : '',
    line: run.ended === undefined ? line : 0,
    who: done === undefined ? '' : actorName(run, done.actor),
    stack: functions,
    sentence: functions.length > 0 ? micro(run) : expected(run) || whatWasDone(run, done, past),
  };
}

/** The statement behind the run, apart from the one before it: its line, what it did, and where in the kernel. */
function whatWasDone(run: Run, done: TimelineEntry | undefined, { sentence, stack }: { sentence: string; stack: string[] }): string {
  if (done === undefined || sentence === '') return '';
  return `line ${lineOf(run, done.place)} did: ${sentence}${stack.length > 0 ? ` (${stack.join(' › ')})` : ''}`;
}

/** Inside of a step: the effect that has just happened, or the function that is about to be entered. */
function micro(run: Run): string {
  const { machine, position, location } = run;
  const begins = machine.trace.kind(position.mark) === Mark.Enter;
  return begins ? `${machine.describeMark(position.mark)}() is called` : (location.sentence ?? '');
}

function statusOf(run: Run, line: number): string {
  const { position, ended } = run;
  if (ended !== undefined)
    return ended.kind === 'error' ? `ended by an error: ${ended.error.message}` : ['end of run', verdict(run)].filter(Boolean).join(': ');
  if (position.held) return `line ${line}: ${run.exception(position.entry)?.message ?? 'stopped on this line'}`;
  return run.between ? `before line ${line}` : `in the kernel, line ${line}`;
}

function verdict(run: Run): string {
  const { length } = run.expectations;
  const failed = run.failures.length;
  if (length === 0) return '';
  return failed > 0
    ? `${failed} of ${length} expectations failed`
    : length === 1
      ? 'the expectation holds'
      : `all ${length} expectations hold`;
}

/** What the expectation came to that was the last statement. */
function expected(run: Run): string {
  const { position, between } = run;
  const last = run.expectations.at(-1);
  if (last === undefined || last.entry !== (between ? position.entry - 1 : position.entry)) return '';
  return last.ok
    ? `expected and true: ${last.text}`
    : `expected, but not so: ${last.text}${last.reason === undefined ? '' : ` (${last.reason})`}`;
}

/** What a statement did, up to a mark: few sentences whole, of many the last that a kernel function said; and the functions around that one. */
function told(run: Run, first: number, end: number): { sentence: string; stack: string[] } {
  const { machine } = run;
  const micros: number[] = [];
  const open: string[] = [];
  let stack: string[] = [];
  let last = first;
  for (let mark = first; mark < end; mark++) {
    const kind = machine.trace.kind(mark);
    if (kind === Mark.Enter) open.push(machine.trace.info(mark).what);
    else if (kind === Mark.Exit) open.pop();
    else if (kind === Mark.Micro) {
      micros.push(mark);
      if (open.length > 0 || stack.length === 0) {
        stack = [...open];
        last = mark;
      }
    }
  }
  if (micros.length <= MOST_SENTENCES) return { sentence: micros.map((mark) => machine.describeMark(mark)).join('; '), stack };
  return { sentence: `${grouped(micros.length)} micro-steps, among them: ${machine.describeMark(last)}`, stack };
}

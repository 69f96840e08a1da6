import type { DebugProtocol } from '@vscode/debugprotocol';
import { KernelLines } from '../../language/runtime/kernelLines';
import type { Run } from '../../language/runtime/run';
import { HitCounter } from './hitCounter';
import { formatValue } from './variables/format';

export interface DataRequest {
  /** The expression whose value is watched: `frame[17].refcount`, `p.pte[0x7ffff7fff000].writable`, `p.n`. */
  readonly dataId: string;
  readonly condition: string | undefined;
  readonly hitCondition: string | undefined;
}

export interface DataBreakpoint extends DataRequest {
  readonly id: number;
  readonly counter: HitCounter;
}

/** Places of one statement at which a watched value is not what it was at the place before. */
export interface DataChanges {
  readonly inside: ReadonlyMap<number, readonly DataBreakpoint[]>;
  /** Changed by what comes after the last place inside: seen before the next statement. */
  readonly behind: readonly DataBreakpoint[];
}

/** Inside a statement with more lines than this only its beginning and its end are compared. */
const LINES = 5000;

const NONE: DataChanges = { inside: new Map(), behind: [] };

/** Breakpoints on values. A value is looked at where the journal stands at each line of the kernel: nothing is executed again. */
export class DataBreakpoints {
  private list: readonly DataBreakpoint[] = [];

  set(requests: readonly DataRequest[], nextId: () => number, run: Run | undefined): DebugProtocol.Breakpoint[] {
    this.list = requests.map((request) => ({ ...request, id: nextId(), counter: new HitCounter(request.hitCondition) }));
    return this.list.map(({ id, dataId }) => {
      const error = run && valueOf(run, dataId).error;
      return error === undefined ? { id, verified: true } : { id, verified: true, message: `It has no value now: ${error}` };
    });
  }

  get any(): boolean {
    return this.list.length > 0;
  }

  /** What statement `entry` changes. The run stands right behind it, and stands there afterwards. */
  changesIn(run: Run, entry: number): DataChanges {
    const { journal } = run.machine;
    const end = journal.position;
    const first = run.before(entry);
    const last = run.before(entry + 1);
    run.moveTo(first);
    if (journal.position === end) {
      run.moveTo(last);
      return NONE;
    }
    const inside = new Map<number, DataBreakpoint[]>();
    const values = this.list.map(({ dataId }) => textOf(run, dataId));
    const compare = (): DataBreakpoint[] =>
      this.list.filter(({ dataId }, i) => {
        const before = values[i];
        values[i] = textOf(run, dataId);
        return values[i] !== before;
      });
    let records = journal.position;
    for (const mark of linesOf(run, first.mark, last.mark)) {
      run.moveTo({ entry, mark });
      if (journal.position === records) continue;
      records = journal.position;
      const changed = compare();
      if (changed.length > 0) inside.set(mark, changed);
    }
    run.moveTo(last);
    return { inside, behind: compare() };
  }

  /** What came after mark `mark` has been discarded. */
  forget(mark: number): void {
    for (const { counter } of this.list) counter.forget(mark);
  }
}

function linesOf(run: Run, first: number, end: number): number[] {
  if (end - first > LINES) return [];
  const lines = new KernelLines(run.machine.trace, first, end);
  const found: number[] = [];
  for (let mark = lines.firstInside; mark !== undefined; mark = lines.next(mark)) found.push(mark);
  return found;
}

/** Of nobody's point of view: the expression names whose variables it means. */
function valueOf(run: Run, expression: string) {
  return run.evaluate(expression, { process: 0 });
}

/** Two values are the same if they read the same; what can't be evaluated has a value, too: it is not there. */
function textOf(run: Run, expression: string): string {
  const { value } = valueOf(run, expression);
  return value === undefined ? 'nothing' : formatValue(value, { hex: false });
}

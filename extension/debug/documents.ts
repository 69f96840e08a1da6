import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Run } from '../../language/runtime/run';
import { Mark } from '../../language/simulator/state/trace';
import { RequestError } from './protocol';

/** Marks of a step that are shown at once; of a longer step the stretch around the current one. */
const WINDOW = 20_000;

interface Path {
  readonly text: string;
  /** Line (from 1) of mark `first` + i. */
  readonly lines: readonly number[];
  readonly first: number;
}

/**
 * Texts to look at where the run stands inside the kernel: the path that the step took, one line for each function and each effect,
 * indented as they nest. The client knows them by number.
 */
export class Documents {
  private readonly byKey = new Map<string, number>();
  private readonly paths: Path[] = [];
  private readonly names: string[] = [];
  private generation = 0;

  /** What was done after the position is done anew: texts about it are new ones. */
  clear(): void {
    this.generation++;
  }

  /** The document of the step that `mark` belongs to, and the mark's line in it. */
  pathAt(run: Run, mark: number): { source: DebugProtocol.Source; line: number } {
    const [first, end] = windowOf(run, mark);
    const key = `${this.generation}:${first}`;
    let reference = this.byKey.get(key);
    if (reference === undefined) {
      reference = this.paths.push(listing(run, first, end));
      this.byKey.set(key, reference);
      this.names.push(`${run.machine.trace.info(first).what}`);
    }
    const path = this.paths[reference - 1]!;
    const source = { name: `path of ${this.names[reference - 1]}`, sourceReference: reference, origin: 'the kernel path of this step' };
    return { source, line: path.lines[mark - path.first] ?? path.lines.length };
  }

  text(reference: number): string {
    const path = this.paths[reference - 1];
    if (!path) throw new RequestError(`There is no source ${reference}.`);
    return path.text;
  }
}

/** The marks of the step around `mark`, its StepEnd excluded; a window of them where there are very many. */
function windowOf(run: Run, mark: number): [number, number] {
  const trace = run.machine.trace;
  const [begin, limit] = run.entry(run.position.entry)!.marks;
  let first = mark;
  while (first > begin && trace.kind(first) !== Mark.Step) first--;
  let end = mark;
  while (end < limit && trace.kind(end) !== Mark.StepEnd) end++;
  if (end - first <= WINDOW) return [first, end];
  const start = first + Math.floor((mark - first) / WINDOW) * WINDOW;
  return [start, Math.min(end, start + WINDOW)];
}

function listing(run: Run, first: number, end: number): Path {
  const trace = run.machine.trace;
  const text: string[] = [];
  const lines: number[] = [];
  let depth = 0;
  for (let mark = first; mark < end; mark++) {
    const kind = trace.kind(mark);
    if (kind === Mark.Exit) depth = Math.max(0, depth - 1);
    else text.push('  '.repeat(depth) + lineOf(run, mark));
    if (kind === Mark.Step || kind === Mark.Enter) depth++;
    lines.push(text.length);
  }
  if (trace.kind(first) !== Mark.Step) text[0] += '   (what came before is not shown)';
  if (end - first === WINDOW) text.push('…');
  return { text: text.join('\n') + '\n', lines, first };
}

function lineOf(run: Run, mark: number): string {
  const { kind, what, pages } = run.machine.trace.info(mark);
  if (kind === Mark.Micro) return run.machine.describeMark(mark);
  return pages > 1 ? `${what}()   ${pages} pages` : `${what}()`;
}

import type { Statement } from '../syntax/ast';
import { printStatement } from '../syntax/print';
import { name, nowhere, number } from './build';
import { numbersOf, shapeOf, statementOf, type Step, type Turn } from './step';

/** So many steps, loops counted once, are looked back for the same work. */
const LONGEST = 24;
/** From here on a step is as it will stay, and becomes text. */
const WINDOW = 4 * LONGEST;
const VARIABLES = ['i', 'j', 'k', 'l'];

type Item = Single | Loop;

interface Folded {
  /** Equal for items that can be turns of one loop. */
  readonly shape: string;
  /** All numbers in it, those of the first turn. */
  readonly numbers: readonly number[];
  readonly depth: number;
}

interface Single extends Folded {
  readonly step: Step;
}

interface Loop extends Folded {
  readonly body: readonly Item[];
  count: number;
  /** By how much each number grows a turn. */
  readonly strides: readonly number[];
}

/**
 * Steps, one by one, to lines of a scenario. What comes again becomes `repeat`, or `for` where numbers grow by the same amount each turn: the
 * steps that a run does are the same, one for one. Memory is bounded by the text that comes out.
 */
export class Folder {
  private readonly items: Item[] = [];
  /** Finished lines, two spaces in. */
  readonly lines: string[] = [];

  push(step: Step): void {
    this.items.push({ step, shape: shapeOf(step), numbers: numbersOf(step), depth: 0 });
    while (this.fold());
    while (this.items.length > WINDOW) this.print(this.items.shift()!);
  }

  finish(): void {
    for (const item of this.items.splice(0)) this.print(item);
  }

  private fold(): boolean {
    const last = this.items.at(-1)!;
    if (last.depth > VARIABLES.length - 1 || ('step' in last && last.step.kind === 'remark')) return false;
    for (let length = 1; length <= LONGEST && length < this.items.length; length++)
      if (this.extend(length) || this.create(length)) return true;
    return false;
  }

  /** The last items are one more turn of the loop before them. */
  private extend(length: number): boolean {
    const loop = this.items[this.items.length - length - 1];
    if (!loop || !('body' in loop) || loop.body.length !== length) return false;
    const turn = this.items.slice(-length);
    if (!sameShape(loop.body, turn)) return false;
    const numbers = turn.flatMap((item) => item.numbers);
    if (!numbers.every((value, i) => value === loop.numbers[i]! + loop.count * loop.strides[i]!)) return false;
    this.items.length -= length;
    this.items.pop();
    this.items.push({ ...loop, ...looped(loop.body, loop.count + 1, loop.strides) });
    return true;
  }

  private create(length: number): boolean {
    const end = this.items.length;
    if (this.items[end - 1]!.shape !== this.items[end - 1 - length]?.shape) return false;
    const turns = (count: number) =>
      Array.from({ length: count }, (_, i) => this.items.slice(end - (count - i) * length, end - (count - i - 1) * length));
    const few = length === 1 ? 4 : length === 2 ? 3 : 2;
    for (const count of new Set([few, Math.max(few, 3)])) {
      if (end < count * length) return false;
      const parts = turns(count);
      const [first, second] = parts;
      if (!parts.every((part) => sameShape(first!, part))) return false;
      if (first!.some((item) => item.depth >= VARIABLES.length || ('step' in item && item.step.kind === 'remark'))) return false;
      const numbers = parts.map((part) => part.flatMap((item) => item.numbers));
      const strides = numbers[1]!.map((value, i) => value - numbers[0]![i]!);
      if (second === undefined || (count < 3 && strides.some((stride) => stride !== 0))) continue;
      if (!numbers.every((row, turn) => row.every((value, i) => value === numbers[0]![i]! + turn * strides[i]!))) continue;
      this.items.length = end - count * length;
      this.items.push(looped(first!, count, strides));
      return true;
    }
    return false;
  }

  private print(item: Item): void {
    const text = 'step' in item && item.step.kind === 'remark' ? `// ${item.step.text}` : printStatement(statement(item, []));
    for (const line of text.split('\n')) this.lines.push(`  ${line}`);
  }
}

function sameShape(a: readonly Item[], b: readonly Item[]): boolean {
  return a.every((item, i) => item.shape === b[i]!.shape);
}

function looped(body: readonly Item[], count: number, strides: readonly number[]): Loop {
  const shape = `${count}×${strides.join()}{${body.map((item) => item.shape).join(';')}}`;
  const depth = 1 + Math.max(...body.map((item) => item.depth));
  return { body, count, strides, shape, numbers: body.flatMap((item) => item.numbers), depth };
}

function statement(item: Item, turns: readonly Turn[]): Statement {
  if ('step' in item) {
    if (item.step.kind === 'remark') throw new RangeError('a remark is no statement');
    return statementOf(item.step, turns);
  }
  const growing = item.strides.some((stride) => stride !== 0);
  const variable = VARIABLES[turns.length]!;
  const own: Turn = { variable, strides: item.strides };
  let at = 0;
  const statements = item.body.map((part) => {
    const from = at;
    at += part.numbers.length;
    const inside = [...turns, own].map((turn) => ({ ...turn, strides: turn.strides.slice(from, at) }));
    return statement(part, inside);
  });
  const body = { statements, ...nowhere };
  if (!growing) return { kind: 'repeat', count: number(item.count), body, ...nowhere };
  const range = { kind: 'range', from: number(0), to: number(item.count - 1), ...nowhere } as const;
  return { kind: 'for', name: name(variable), in: range, body, ...nowhere };
}

import { calls } from '../../../language/catalogue/calls';
import type { CallEntry } from '../../../language/catalogue/types';
import type { Outcome } from '../../../language/simulator/api';
import { Machine } from '../../../language/simulator/machine';
import { Content } from '../../../language/simulator/state/content';
import type { Value } from '../../../language/simulator/value';
import type { Binding, Linked } from '../../../language/runtime/control';
import { evaluate, type World } from '../../../language/runtime/evaluate';
import { parseExpression } from '../../../language/runtime/parsing';

const PAGE = 4096n;
const BASE = 0x20000000000n;

/**
 * What every call of the tables finds: a filesystem at /m with the files f (3 pages and 100 bytes) and g (empty) and the directories d (with a file x)
 * and e, a tmpfs at /t with the file z (1 page), descriptors, and mappings of 4 pages each (`anon`: 8). perform.c makes the same.
 */
export const NAMES: Readonly<Record<string, bigint>> = {
  rw: 3n,
  ro: 4n,
  wo: 5n,
  direct: 6n,
  dir: 7n,
  append: 8n,
  empty: 9n,
  memfd: 10n,
  foreign: 11n,
  closed: 99n,
  anon: BASE,
  gap: BASE + 8n * PAGE,
  shared: BASE + 16n * PAGE,
  private: BASE + 32n * PAGE,
  none: BASE + 48n * PAGE,
  readonly: BASE + 64n * PAGE,
  shared_anon: BASE + 80n * PAGE,
};

const SETUP = [
  'open("/m/f", O_RDWR)',
  'open("/m/f", O_RDONLY)',
  'open("/m/f", O_WRONLY)',
  'open("/m/f", O_RDWR | O_DIRECT)',
  'open("/m/d", O_RDONLY | O_DIRECTORY)',
  'open("/m/f", O_RDWR | O_APPEND)',
  'open("/m/g", O_RDWR)',
  'memfd_create("mem", 0)',
  'ftruncate(memfd, 2 pages)',
  'open("/t/z", O_RDWR)',
  'mmap(anon, 8 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)',
  'touch(anon, 8 pages, PROT_WRITE)',
  'mmap(shared, 4 pages, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, rw, 0)',
  'mmap(private, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, ro, 0)',
  'mmap(none, 4 pages, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)',
  'mmap(readonly, 4 pages, PROT_READ, MAP_SHARED | MAP_FIXED, ro, 0)',
  'mmap(shared_anon, 4 pages, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED)',
];

/** A call of the tables, its arguments evaluated. */
export interface Performed {
  readonly name: string;
  readonly args: readonly Value[];
}

let names: Linked<Binding> | undefined;
for (const [name, value] of Object.entries(NAMES)) names = { item: { name, value }, rest: names };
const nothing = (): undefined => undefined;
const WORLD = { machine: { host: nothing, observe: nothing }, processes: { group: nothing, variable: nothing, nameOf: String } };

export function read(text: string): Performed {
  const parsed = parseExpression(text);
  if ('error' in parsed || parsed.expr.kind !== 'call') throw new Error(`${text}: ${'error' in parsed ? parsed.error : 'no call'}`);
  const args = parsed.expr.args.map((arg) => evaluate(arg, { locals: undefined, names, pid: undefined }, WORLD as unknown as World));
  return { name: parsed.expr.callee.text, args };
}

/** Performs calls, each with the same surroundings. */
export class Simulated {
  private readonly machine: Machine;
  private readonly pid: number;
  private readonly start: ReturnType<Machine['position']>;

  constructor(filesystem: string) {
    const machine = Machine.create({ machine: {}, design: { name: 'baseline', base: 'baseline', options: {} }, seed: 0 });
    if ('error' in machine) throw new Error(machine.error);
    this.machine = machine;
    const declared = [
      machine.declare({ kind: 'mount', type: filesystem, path: '/m', options: {} }),
      machine.declare({ kind: 'mount', type: 'tmpfs', path: '/t', options: {} }),
      machine.declare({ kind: 'file', path: '/m/f', content: Content.text('A').repeat(12388), options: {} }),
      machine.declare({ kind: 'file', path: '/m/g', options: {} }),
      machine.declare({ kind: 'file', path: '/m/d/x', options: {} }),
      machine.declare({ kind: 'directory', path: '/m/e', options: {} }),
      machine.declare({ kind: 'file', path: '/t/z', content: Content.text('A').repeat(4096), options: {} }),
      machine.declare({ kind: 'process', name: 'p', options: {} }),
    ];
    for (const { error } of declared) if (error !== undefined) throw new Error(error);
    this.pid = declared.at(-1)!.pid!;
    for (const text of SETUP) {
      const ended = this.step(text);
      if (!/^(\d|ok|address)/.test(ended)) throw new Error(`${text}: ${ended}`);
    }
    this.start = machine.position();
  }

  /** How a call ends; the state is as before. Violations of an invariant and audits that fail count as an end of their own. */
  perform(text: string): string {
    const ended = this.step(text);
    this.machine.moveTo(this.start);
    this.machine.discardFuture();
    return ended;
  }

  private step(text: string): string {
    const { name, args } = read(text);
    const { outcome, violations } = this.machine.step(this.pid, name, args);
    const broken = [...violations, ...this.machine.audit()][0];
    return broken ? `broken: ${broken.invariant} ${broken.message}` : endOf(name, outcome);
  }
}

/** An outcome in a table's words: a number, `ok` where there is none, `address`, an errno or a signal. */
function endOf(name: string, outcome: Outcome): string {
  if (outcome.kind === 'errno') return outcome.errno;
  if (outcome.kind === 'signal') return outcome.signal;
  if (outcome.kind === 'error') return `${outcome.code}: ${outcome.why}`;
  return worded(name, outcome.value instanceof Content ? BigInt(outcome.value.length) : outcome.value);
}

/** A value that a call gave, in the words of the tables. */
export function worded(name: string, value: Value | undefined): string {
  const { returns } = (calls as Readonly<Record<string, CallEntry>>)[name]!;
  if (returns === 'void' || name === 'mincore') return 'ok';
  return returns === 'address' ? 'address' : String(value ?? 0n);
}

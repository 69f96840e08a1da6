import { hex, scenarioAddress } from './addresses';
import { type Ending, type Fields, KPF, type Observation, subject } from './observation';
import { KSM, SMAPS } from './observe';

/** A step as the C program told of it. */
export interface LiveStep {
  readonly ending: Ending;
  readonly after: Observation;
}

/** Reads what the program printed. `complete`: it got to its end. */
export function parseLive(
  output: string,
  names: ReadonlyMap<number, string>,
): { readonly steps: readonly LiveStep[]; readonly complete: boolean } {
  const steps: Reader[] = [];
  const pids = new Map([...names].map(([pid, name]) => [name.replaceAll(' ', '_'), subject.pid(pid)]));
  let complete = false;
  for (const line of output.split('\n')) {
    if (line === 'end') complete = true;
    else if (line.startsWith('step ')) steps.push(new Reader(pids));
    else if (line !== '') steps[steps.length - 1]?.line(line);
  }
  return { steps: steps.map((step) => step.done()), complete };
}

class Reader {
  constructor(private readonly pids: ReadonlyMap<string, string>) {}

  private readonly facts = new Map<string, Fields>();
  private readonly frames = new Map<string, string>();
  private ending: { result: string; minflt?: string; majflt?: string; fields?: Fields } = { result: 'none' };

  line(line: string): void {
    const words = line.split(' ');
    const [kind = '', first = '', b = '', c = ''] = words;
    const a = this.pids.get(first) ?? first;
    switch (kind) {
      case 'result':
        this.ending.result = first === 'errno' ? b : words.slice(1).join(' ');
        return;
      case 'fields':
        this.ending.fields = told(words.slice(1));
        return;
      case 'faults':
        this.ending.minflt = first;
        this.ending.majflt = b;
        return;
      case 'tables':
        this.facts.set(subject.process(a), { VmPTE: b });
        return;
      case 'vma':
        this.facts.set(subject.vma(a, address(b)), { end: address(c), perms: words[4] ?? '', ...fields(words.slice(5), SMAPS) });
        return;
      case 'pte':
        this.pte(subject.pte(a, address(b)), c, words.slice(4));
        return;
      case 'ksm':
        this.facts.set('KSM', Object.fromEntries(Object.keys(KSM).map((field, i) => [field, words[i + 1] ?? ''])));
        return;
      case 'file':
        this.facts.set(subject.file(a), { size: b, cached: c });
        return;
      case 'cache':
        this.facts.set(subject.page(a, Number(b)), { is: 'cached', ...frame(words.slice(4)), content: words[6] ?? '' });
        this.frames.set(subject.page(a, Number(b)), c);
    }
  }

  private pte(at: string, bits: string, rest: readonly string[]): void {
    const protectedBy = { ...(bits[3] === 'W' && { uffd_wp: '1' }) };
    if (bits.startsWith('S')) this.facts.set(at, { is: bits[2] === 'G' ? 'a guard' : 'swapped out', ...protectedBy });
    if (!bits.startsWith('P')) return;
    const [pfn = '0', mapcount = '', flags = '0'] = rest;
    const word = BigInt(`0x${flags}`);
    if ((word >> 24n) & 1n) this.facts.set(at, { is: 'the zero page', ...protectedBy });
    else {
      this.facts.set(at, { is: 'a page', exclusive: String(bits[1] === 'X'), ...protectedBy, ...frame([mapcount, flags]) });
      this.frames.set(at, pfn);
    }
  }

  done(): LiveStep {
    return { ending: this.ending, after: { facts: this.facts, frames: this.frames } };
  }
}

/** Fields of a structure that a call filled in; where one is an address, the scenario's. */
function told(words: readonly string[]): Fields {
  return Object.fromEntries(
    words.map((word) => {
      const [name = '', value = ''] = word.split('=');
      return [name, value.startsWith('0x') ? address(value.slice(2)) : value];
    }),
  );
}

const address = (text: string): string => hex(scenarioAddress(BigInt(`0x${text || '0'}`)));

function fields(words: readonly string[], wanted: object): Fields {
  return Object.fromEntries(words.map((word) => word.split('=') as [string, string]).filter(([name]) => Object.hasOwn(wanted, name)));
}

function frame([mapcount = '', flags = '0']: readonly string[]): Fields {
  const word = BigInt(`0x${flags}`);
  const set = Object.entries(KPF).filter(([, bit]) => (word >> BigInt(bit)) & 1n);
  return { mapcount, ...Object.fromEntries(set.map(([name]) => [name, '1'])) };
}

import { flags as flagExpr, hex, ref, string } from '../build';
import { Folder } from '../fold';
import { Losses } from '../losses';
import { mappingName } from '../names';
import { type Arg, bytes, fixed, word } from '../step';
import { common, isAnonymous, type Member } from './families';
import type { Backing, Files } from './files';
import type { OpenDescriptor, RunningProcess } from './process';
import type { Mapping } from './smaps';

const PAGE = 4096;
const O_ACCMODE = 3;
const O_APPEND = 0o2000;

/** A mapping as the scenario has it so far in one process. */
interface Placed {
  readonly start: number;
  readonly end: number;
  readonly variable: string;
  /** The address that the variable stands for. */
  readonly base: number;
  readonly backing: Backing | undefined;
  readonly offset: number;
  readonly shared: boolean;
  prot: readonly string[];
}

/** What a forked child starts with. */
interface Inherited {
  readonly placed: readonly Placed[];
  /** Anonymous pages that are there: address → which. */
  readonly frames: ReadonlyMap<number, number>;
  readonly variables: ReadonlySet<string>;
}

const NOTHING: Inherited = { placed: [], frames: new Map(), variables: new Set() };

/** Writes the steps by which processes come to hold what they hold. */
export class Writer {
  readonly folder = new Folder();
  readonly losses = new Losses();
  steps = 0;
  /** Pages that are touched, of whatever kind. */
  pages = 0;
  private mapped: { readonly backing: Backing; readonly how: string } | undefined;

  constructor(
    private readonly files: Files,
    private readonly nameOf: (member: Member) => string,
  ) {}

  /** A family: its first process is there from the start. */
  family(member: Member): void {
    this.member(member, NOTHING);
    if (!member.process) this.step(this.nameOf(member), 'exit', []);
  }

  private step(who: string, call: string, args: readonly Arg[], more: { bind?: string; as?: string } = {}): void {
    this.steps++;
    this.folder.push({ kind: 'step', who, call, args, ...more });
  }

  private member(member: Member, inherited: Inherited): void {
    const who = this.nameOf(member);
    const { process } = member;
    this.folder.push({
      kind: 'remark',
      text: process ? `${who}: ${process.name}, pid ${process.pid}` : `${who} stands in for a parent that was not asked for`,
    });
    const mappings = process ? process.mappings : sharedMappings(member);
    const placed: Placed[] = [];
    const variables = new Set(inherited.variables);
    const stays = this.unmap(who, mappings, inherited.placed);
    for (const mapping of mappings) {
      const old = stays.get(mapping);
      const made = old ? { ...old } : this.map(who, mapping, placed.at(-1), variables, !process || (mapping.anonymous ?? 0) > 0);
      if (made) placed.push(made);
    }
    this.close(who);
    const frames = within([...stays.values()], inherited.frames);
    if (member.children.length > 0) {
      const wanted = common(member);
      this.write(who, placed, wanted, frames);
      for (const child of member.children) this.step(who, 'fork', [], { as: this.nameOf(child) });
      for (const child of member.children) this.member(child, { placed, frames: new Map(frames), variables });
    }
    if (!process) return;
    this.write(who, placed, member.frames, frames);
    this.read(who, process, placed, member);
    this.drop(who, process, placed, member.frames, frames);
    const finals = new Map(mappings.map((mapping) => [mapping.start, mapping]));
    for (const each of placed) {
      const { prot } = finals.get(each.start)!;
      if (prot.join() !== each.prot.join())
        this.step(who, 'mprotect', [at(each, each.start), bytes(each.end - each.start), protection(prot)]);
    }
    for (const descriptor of process.descriptors) this.open(who, descriptor);
  }

  /** What is inherited and not wanted goes; gives what stays, by the mapping that it is. */
  private unmap(who: string, mappings: readonly Mapping[], old: readonly Placed[]): Map<Mapping, Placed> {
    const stays = new Map<Mapping, Placed>();
    const byStart = new Map(mappings.map((mapping) => [mapping.start, mapping]));
    for (const each of old) {
      const same = byStart.get(each.start);
      const fits =
        same?.end === each.end && same.shared === each.shared && same.offset === each.offset && this.files.backing(same) === each.backing;
      if (same && fits) stays.set(same, each);
      else this.step(who, 'munmap', [at(each, each.start), bytes(each.end - each.start)]);
    }
    return stays;
  }

  private map(who: string, mapping: Mapping, before: Placed | undefined, variables: Set<string>, written: boolean): Placed | undefined {
    const { start, end, shared, offset } = mapping;
    if (mapping.hugetlb || (mapping.path.startsWith('[') && !isAnonymous(mapping))) {
      if (mapping.hugetlb) this.losses.add('mappings of hugetlbfs', 0);
      return undefined;
    }
    const backing = this.files.backing(mapping);
    if (!backing && !isAnonymous(mapping)) {
      this.losses.add('mappings of devices and other things that are no files', 0);
      return undefined;
    }
    // What is written at some time must be writable then; the protection that it has now comes after that.
    const prot = written && !mapping.prot.includes('PROT_WRITE') ? ['PROT_READ', 'PROT_WRITE'] : mapping.prot;
    const goesOn = backing !== undefined && before?.backing === backing && before.end === start;
    const variable = goesOn ? before.variable : unused(variables, backing ? mappingName(backing.path) : heapOrStack(mapping));
    const kind = [shared ? 'MAP_SHARED' : 'MAP_PRIVATE', ...(backing ? [] : ['MAP_ANONYMOUS']), 'MAP_FIXED'];
    const place: Arg = goesOn ? { kind: 'sum', base: ref(variable), offset: start - before.base } : fixed(hex(start));
    if (!backing) this.close(who);
    else this.openFor(who, backing, shared && prot.includes('PROT_WRITE') ? 'O_RDWR' : 'O_RDONLY');
    const rest = backing ? [word('fd'), bytes(offset)] : [];
    this.step(who, 'mmap', [place, bytes(end - start), protection(prot), fixed(flagExpr(kind)), ...rest], goesOn ? {} : { bind: variable });
    return { start, end, variable, base: goesOn ? before.base : start, backing, offset, shared, prot };
  }

  /** The file that is open in `fd` for mappings, one after the other. */
  private openFor(who: string, backing: Backing, how: string): void {
    if (this.mapped?.backing === backing && this.mapped.how === how) return;
    this.close(who);
    this.mapped = { backing, how };
    this.step(who, 'open', [fixed(string(backing.path)), word(how)], { bind: 'fd' });
  }

  private close(who: string): void {
    if (this.mapped) this.step(who, 'close', [word('fd')]);
    this.mapped = undefined;
  }

  /** Anonymous pages that a process has and that are not there, or are another one's, are written. */
  private write(who: string, placed: readonly Placed[], wanted: ReadonlyMap<number, number>, frames: Map<number, number>): void {
    const addresses: number[] = [];
    for (const [address, frame] of wanted) {
      if (frames.get(address) === frame) continue;
      frames.set(address, frame);
      addresses.push(address);
    }
    this.touch(who, placed, addresses, ['PROT_READ', 'PROT_WRITE']);
  }

  /** Pages of files, and of shared memory, that a process has mapped; and pages of zeros. */
  private read(who: string, process: RunningProcess, placed: readonly Placed[], member: Member): void {
    const addresses: number[] = [];
    for (const mapping of process.mappings) {
      const pages = process.pages?.get(mapping.start);
      if (!pages) {
        this.guess(who, mapping, placed);
        continue;
      }
      for (const index of pages.index) {
        const address = mapping.start + index * PAGE;
        if (!member.frames.has(address)) addresses.push(address);
      }
    }
    this.touch(who, placed, addresses, ['PROT_READ']);
  }

  /** Without a pagemap: so much of the mapping is there as smaps says, and it is the first pages. */
  private guess(who: string, mapping: Mapping, placed: readonly Placed[]): void {
    const { start, rss = 0, anonymous = 0 } = mapping;
    const range = (from: number, to: number) => Array.from({ length: Math.max(0, (to - from) / PAGE) }, (_, i) => start + from + i * PAGE);
    this.touch(who, placed, range(0, mapping.shared ? 0 : anonymous), ['PROT_READ', 'PROT_WRITE']);
    this.touch(who, placed, range(mapping.shared ? 0 : anonymous, rss), ['PROT_READ']);
  }

  /** What was inherited and is not there any more. */
  private drop(
    who: string,
    process: RunningProcess,
    placed: readonly Placed[],
    own: ReadonlyMap<number, number>,
    frames: ReadonlyMap<number, number>,
  ): void {
    if (!process.pages) return;
    const addresses = [...frames.keys()].filter((address) => !own.has(address));
    for (const [each, from, to] of runs(placed, addresses))
      this.step(who, 'madvise', [at(each, from), bytes(to - from), word('MADV_DONTNEED')]);
  }

  private touch(who: string, placed: readonly Placed[], addresses: number[], prot: readonly string[]): void {
    for (const [each, from, whole] of runs(placed, addresses)) {
      let to = whole;
      if (each.backing) {
        const left = Math.ceil(each.backing.size / PAGE) * PAGE - each.offset;
        to = Math.min(to, each.start + left);
      }
      if (to <= from) continue;
      if (prot.includes('PROT_WRITE') && !each.prot.includes('PROT_WRITE')) {
        each.prot = ['PROT_READ', 'PROT_WRITE'];
        this.step(who, 'mprotect', [at(each, each.start), bytes(each.end - each.start), protection(each.prot)]);
      }
      if (!each.prot.includes('PROT_READ')) {
        this.losses.add('pages of mappings that can not be read', 0);
        continue;
      }
      this.pages += (to - from) / PAGE;
      this.step(who, 'touch', [at(each, from), bytes(to - from), protection(prot)]);
    }
  }

  private open(who: string, { fd, path, file, flags, position }: OpenDescriptor): void {
    const backing = this.files.named(path, file);
    if (!backing) return;
    const access = ['O_RDONLY', 'O_WRONLY', 'O_RDWR'][flags % (O_ACCMODE + 1)] ?? 'O_RDWR';
    const names = [access, ...(Math.floor(flags / O_APPEND) % 2 === 1 ? ['O_APPEND'] : [])];
    this.step(who, 'open', [fixed(string(backing.path)), fixed(flagExpr(names))], { bind: `fd${fd}` });
    if (position > 0 && position <= 2 ** 43) this.step(who, 'lseek', [word(`fd${fd}`), bytes(position), word('SEEK_SET')]);
  }
}

function at(placed: Placed, address: number): Arg {
  return { kind: 'sum', base: ref(placed.variable), offset: address - placed.base };
}

function protection(names: readonly string[]): Arg {
  return fixed(names.length === 0 ? ref('PROT_NONE') : flagExpr(names));
}

function heapOrStack({ path }: Mapping): string {
  return path === '[heap]' ? 'm_heap' : path === '[stack]' ? 'm_stack' : 'm';
}

function unused(variables: Set<string>, name: string): string {
  let found = name;
  for (let n = 2; variables.has(found); n++) found = `${name}_${n}`;
  variables.add(found);
  return found;
}

/** The pages that lie in mappings, which are in order. */
function within(placed: readonly Placed[], frames: ReadonlyMap<number, number>): Map<number, number> {
  const found = new Map<number, number>();
  for (const [, from, to] of runs(placed, [...frames.keys()]))
    for (let address = from; address < to; address += PAGE) found.set(address, frames.get(address)!);
  return found;
}

/** A parent that stands in has the private mappings that its children agree on. */
function sharedMappings(member: Member): Mapping[] {
  const [first, ...others] = member.children.map((child) => child.process?.mappings ?? []);
  const key = ({ start, end, file, offset, shared }: Mapping) => `${start}-${end}-${file}-${offset}-${shared}`;
  const sets = others.map((mappings) => new Set(mappings.map(key)));
  return (first ?? []).filter((mapping) => sets.every((set) => set.has(key(mapping))));
}

/** Addresses of pages as stretches within mappings, each with where it begins and ends. */
function* runs(placed: readonly Placed[], addresses: number[]): Generator<[Placed, number, number]> {
  addresses.sort((a, b) => a - b);
  let next = 0;
  for (const each of placed) {
    while (next < addresses.length && addresses[next]! < each.start) next++;
    while (next < addresses.length && addresses[next]! < each.end) {
      const from = addresses[next]!;
      let to = from;
      while (next < addresses.length && addresses[next] === to && to < each.end) {
        to += PAGE;
        next++;
      }
      yield [each, from, to];
    }
  }
}

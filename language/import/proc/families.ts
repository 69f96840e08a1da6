import type { Mapping } from './smaps';
import type { RunningProcess } from './process';

/** Anonymous pages of a process, by address. */
export type Frames = ReadonlyMap<number, number>;

/** A process with the children that it was forked into and that have something of its memory yet. */
export interface Member {
  /** undefined: a parent that is not among the processes that were asked for, and stands in for what its children have in common. */
  readonly process: RunningProcess | undefined;
  readonly frames: Frames;
  readonly children: Member[];
}

const PAGE = 4096;

export function isAnonymous({ path, shared, inode }: Mapping): boolean {
  return !shared && inode === 0 && (path === '' || /^\[(heap|stack|anon)/.test(path));
}

/** The anonymous pages of private mappings. One that is at several addresses is the page of zeros (or merged by KSM), and nobody's. */
function framesOf(process: RunningProcess): Frames {
  const frames = new Map<number, number>();
  const seen = new Set<number>();
  const repeated = new Set<number>();
  for (const mapping of process.mappings) {
    const pages = mapping.shared ? undefined : process.pages?.get(mapping.start);
    if (!pages) continue;
    for (let i = 0; i < pages.index.length; i++) {
      if (pages.ofFile[i]) continue;
      const frame = pages.frame[i]!;
      if (frame > 0 && seen.has(frame)) repeated.add(frame);
      seen.add(frame);
      frames.set(mapping.start + pages.index[i]! * PAGE, frame);
    }
  }
  if (repeated.size > 0) for (const [address, frame] of frames) if (repeated.has(frame)) frames.delete(address);
  return frames;
}

/** Whether one process is a fork of the other: they have anonymous pages in common, at the same addresses. */
function related(a: Frames, b: Frames): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const [address, frame] of few) if (many.get(address) === frame) return true;
  return false;
}

/** Processes as trees of forks. Siblings whose parent was not asked for get one that stands in. */
export function families(processes: readonly RunningProcess[]): Member[] {
  const members = new Map(processes.map((process) => [process.pid, { process, frames: framesOf(process), children: [] as Member[] }]));
  const roots: (Member & { process: RunningProcess })[] = [];
  for (const member of members.values()) {
    const parent = members.get(member.process.parent);
    if (parent && parent !== member && related(parent.frames, member.frames)) parent.children.push(member);
    else roots.push(member);
  }
  const found: Member[] = [];
  while (roots.length > 0) {
    const first = roots.shift()!;
    const siblings = roots.filter(({ process, frames }) => process.parent === first.process.parent && related(first.frames, frames));
    for (const sibling of siblings) roots.splice(roots.indexOf(sibling), 1);
    if (siblings.length === 0) found.push(first);
    else found.push({ process: undefined, frames: new Map(), children: [first, ...siblings] });
  }
  return found;
}

/** All processes of a tree, itself included. */
export function* everyone(member: Member): Generator<Member> {
  yield member;
  for (const child of member.children) yield* everyone(child);
}

/**
 * The pages that a process must have before it forks: those that are the same in it and a child, or in two children. By address; where there are
 * several, the one that most have.
 */
export function common(member: Member): Map<number, number> {
  const seen = new Map<number, Map<number, Set<number>>>();
  const note = (branch: number, frames: Frames) => {
    for (const [address, frame] of frames) {
      if (Number.isNaN(frame)) continue;
      const there = seen.get(address) ?? new Map<number, Set<number>>();
      seen.set(address, there);
      const branches = there.get(frame) ?? new Set<number>();
      there.set(frame, branches);
      branches.add(branch);
    }
  };
  note(-1, member.frames);
  member.children.forEach((child, branch) => {
    for (const each of everyone(child)) note(branch, each.frames);
  });
  const found = new Map<number, number>();
  for (const [address, there] of seen) {
    let most = 1;
    for (const [frame, branches] of there) {
      if (branches.size <= most) continue;
      most = branches.size;
      found.set(address, frame);
    }
  }
  return found;
}

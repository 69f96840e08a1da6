import { Mark } from '../../simulator/state/trace';
import { any, PTE } from '../../simulator/state/flags';
import { FrameType, type Kernel } from '../../simulator/state/kernel';
import { target } from '../../simulator/state/shift';
import type { Run } from '../run';
import { Asked } from './asked';
import { band } from './band';
import { changes } from './changes';
import { files, pagesIn } from './files';
import { focus } from './focus';
import { FRAMES, frameSlots, type NameOf } from './frames';
import { Hosts } from './hosts';
import { processes } from './processes';
import { type AddressSpace, type Process, regionSpace, regionsOf, spaceOf } from './spaces';
import { summary } from './summary';
import { sums } from './sums';
import { Touched } from './touched';
import type { ChangeRow, Listing, Picture, Want } from './types';

/** A run's machine as it is shown: of several hosts one, its processes, its address spaces, and whose an mm is. */
export interface World {
  readonly run: Run;
  readonly k: Kernel;
  readonly known: readonly Process[];
  readonly spaces: readonly AddressSpace[];
  readonly nameOf: NameOf;
}

/** What there is to see of a run where it stands, and what its last step changed. */
export interface Seen {
  readonly world: World;
  readonly picture: Picture;
  readonly changes: Listing<ChangeRow>;
}

/**
 * What is wanted of the state at the run's position, and what the last step changed of that. To know what was there before, the machine is
 * moved back and forth again; afterwards it stands where it stood.
 */
export function seen(run: Run, want: Want): Seen {
  const actor = run.location.actor;
  const current = typeof actor === 'number' ? actor : 0;
  const hosts = new Hosts(run);
  const k = hosts.shown;
  const asked = new Asked(want);
  const known = run.processes();
  const here = run.machine.journal.position;
  const before = Math.min(here, lastStepBegan(run));
  const touched = new Touched(k, before, here);

  const now = owners(k, known);
  const then = at(k, before, () => owners(k, known));
  const ownerOf = (mm: number) => now.get(mm) ?? then.get(mm);
  const nameOf = (mm: number) => ownerOf(mm)?.name ?? `mm ${mm}`;
  const sizes = at(k, before, () => new Map([...touched.inodes].map((inode) => [inode, pagesIn(k, inode)])));
  const said = summary(run);
  const pfn = want.frame !== null && want.frame <= k.options.memory ? want.frame : frameOfInterest(k, touched);
  const unfinished = {
    sums: hosts.all((host, prefix) => sums(host, prefix)),
    frames: band(frameSlots(k, nameOf), asked, touched),
    files: hosts.files(files(k, asked, touched, sizes), want.files),
    processes: processes(k, known, current, asked, touched, hosts, said.who),
    changes: changes(k, known, touched, want.changes, nameOf),
    focus: pfn === undefined ? () => null : focus(k, pfn, want.holders, ownerOf),
  };
  const stands = hosts.summary(said);
  const spaces = spacesOf(k, known);
  return at(k, before, () => ({
    world: { run, k, known, spaces, nameOf },
    picture: {
      summary: stands,
      sums: unfinished.sums(),
      frames: unfinished.frames(),
      files: unfinished.files(),
      processes: unfinished.processes(),
      focus: unfinished.focus(),
    },
    changes: unfinished.changes(),
  }));
}

/** Asks something of the state at another place of the journal. */
function at<T>(k: Kernel, records: number, ask: () => T): T {
  const here = k.journal.position;
  k.journal.moveTo(records);
  try {
    return ask();
  } finally {
    k.journal.moveTo(here);
  }
}

/** Records of the journal before the last step: the statement before the position, or inside of one the last micro-step. */
function lastStepBegan(run: Run): number {
  const { entry, mark } = run.position;
  const { trace } = run.machine;
  const done = run.entry(run.between ? entry - 1 : entry);
  if (done === undefined) return run.machine.journal.position;
  const first = done.marks[0];
  const atFirst = first < done.marks[1] ? trace.info(first).records : run.machine.journal.position;
  if (run.between || run.position.held) return atFirst;
  for (let earlier = mark - 1; earlier >= first; earlier--) if (trace.kind(earlier) === Mark.Micro) return trace.info(earlier).records;
  return atFirst;
}

/** The processes' address spaces, then the hosts of regions. */
export function spacesOf(k: Kernel, known: readonly Process[]): AddressSpace[] {
  return [...known.map(spaceOf), ...regionsOf(k).map((region) => regionSpace(k, region))];
}

/** Whose is which mm; threads share one. */
function owners(k: Kernel, known: readonly Process[]): ReadonlyMap<number, AddressSpace> {
  const byMm = new Map<number, AddressSpace>();
  for (const space of spacesOf(k, known)) {
    const mm = space.mm(k);
    if (mm !== 0 && !byMm.has(mm)) byMm.set(mm, space);
  }
  return byMm;
}

/** The frame that the step was about: what a changed PTE maps now, else a changed data frame, one in use first. */
function frameOfInterest(k: Kernel, touched: Touched): number | undefined {
  for (const mm of touched.ids('mm')) {
    const { pte, pfn } = k.space4.of(mm);
    for (const { from } of touched.of(`mm:${mm}`)) {
      const flags = pte.get(from);
      if (any(flags, PTE.PRESENT)) return any(flags, PTE.SPECIAL) ? 0 : target(from, pfn.get(from));
    }
  }
  const frames = touched.of(FRAMES).map(({ from }) => from);
  return frames.find((frame) => (k.page.type.get(frame) as FrameType) === FrameType.Page) ?? frames[0];
}

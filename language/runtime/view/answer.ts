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
import { FRAMES, frameSlots } from './frames';
import { Hosts } from './hosts';
import { LEGEND } from './legend';
import { processes } from './processes';
import { type AddressSpace, type Process, regionSpace, regionsOf, spaceOf } from './spaces';
import { summary } from './summary';
import { sums } from './sums';
import { timeline } from './timeline';
import { Touched } from './touched';
import type { PanelState, Want } from './types';

export interface PanelRequest {
  readonly kind: 'state';
  readonly want: Want;
}

export interface PanelReply {
  readonly kind: 'state';
  readonly state: PanelState;
}

/**
 * Answers the panel: what it wants to see of the state at the run's position, and what the last step changed of that. To know what
 * was there before, the machine is moved back and forth again; afterwards it stands where it stood.
 */
export function answerPanel(run: Run, { want }: PanelRequest): PanelReply {
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
  const pfn = want.frame !== null && want.frame <= k.options.memory ? want.frame : frameOfInterest(k, touched);
  const said = summary(run);
  const unfinished = {
    sums: hosts.all((host, prefix) => sums(host, prefix)),
    frames: band(frameSlots(k, nameOf), asked, touched),
    files: hosts.files(files(k, asked, touched, sizes), want.files),
    processes: processes(k, known, current, asked, touched, hosts, said.who),
    changes: changes(k, known, touched, want.changes, nameOf),
    focus: pfn === undefined ? () => null : focus(k, pfn, want.holders, ownerOf),
  };
  const shown = { summary: hosts.summary(said), timeline: timeline(run, want), legend: LEGEND };
  const finished = at(k, before, () => ({
    sums: unfinished.sums(),
    frames: unfinished.frames(),
    files: unfinished.files(),
    processes: unfinished.processes(),
    changes: unfinished.changes(),
    focus: unfinished.focus(),
  }));
  return { kind: 'state', state: { ...shown, ...finished } };
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

/** Whose is which mm; threads share one. */
function owners(k: Kernel, known: readonly Process[]): ReadonlyMap<number, AddressSpace> {
  const byMm = new Map<number, AddressSpace>();
  for (const space of [...known.map(spaceOf), ...regionsOf(k).map((region) => regionSpace(k, region))]) {
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

/** The plain-data views that a panel shows: the same shapes as webview/protocol/state.ts, which this room must not know (a test compares them). */

/** Added, modified, deleted (or freed) by the last step. */
export type Mark = 'A' | 'M' | 'D';

/** One field that the last step changed, values as they are shown; an empty name is what the thing is (`free→file`). */
export interface Change {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export interface Marked {
  readonly mark?: Mark;
  readonly changes?: readonly Change[];
  /** How it is in the picture beside, in words; absent where it is the same there. */
  readonly differs?: string;
}

/** One slot of an index space: a physical frame, a page of a file, a page table entry. */
export interface Cell extends Marked {
  /** The slot: page frame number, index in the file, virtual page number. */
  readonly at: number;
  /** The frame that it is or points to; null where there is none. A ghost still names the frame that it had. */
  readonly pfn: number | null;
  /** What the frame is, a `kind` of the legend. */
  readonly kind: string;
  /** One letter a bit, `-` for one that is clear, in the order of the legend's letters for this band. */
  readonly flags: string;
  /** Page table entries that map the frame. */
  readonly mapcount: number;
  /** Something short to tell it by, such as `a[3]` for page 3 of /data/a. */
  readonly note?: string;
  /** It has just gone: shown for this stop only. */
  readonly ghost?: boolean;
}

/** A stretch of an index space: shown slot by slot, or, when all its slots are alike, as one run. */
export interface Segment extends Marked {
  readonly from: number;
  readonly count: number;
  /** Present for a run: how each of its slots looks (`at` and `pfn` are those of the first). */
  readonly like?: Cell;
  /** Present for a run: "78,643,200 frames of shmem". */
  readonly text?: string;
  /** The frames of the run's slots follow each other: slot `from + i` has frame `like.pfn + i`. */
  readonly consecutive?: boolean;
}

/** An index space: its outline, and the cells of the part in view. */
export interface Band {
  readonly id: string;
  readonly segments: readonly Segment[];
  /** Slots after the last segment, of which nothing was sent. */
  readonly more: number;
  /** Slots outside all runs, ascending; only those that were asked for. */
  readonly cells: readonly Cell[];
}

/** The first rows of a list and how many there are. */
export interface Listing<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** A number with its name; `previous` where the last step changed it. */
export interface Amount {
  readonly name: string;
  readonly value: number;
  readonly unit: 'bytes' | 'count';
  readonly doc: string;
  readonly previous?: number;
}

export interface Extent {
  /** First page of the file, pages. */
  readonly from: number;
  readonly count: number;
  /** First block (of a page) on the device; null for a hole. */
  readonly block: number | null;
  /** How many files' extents refer to the blocks. */
  readonly refcount: number;
}

export interface FileRow extends Marked {
  readonly id: string;
  readonly path: string;
  readonly type: string;
  readonly amounts: readonly Amount[];
  readonly extents: Listing<Extent>;
  /** Absent while the row is folded. */
  readonly band?: Band;
  readonly ghost?: boolean;
}

export interface VmaRow extends Marked {
  readonly id: string;
  /** Virtual page numbers. */
  readonly from: number;
  readonly count: number;
  /** As in /proc/PID/maps: `rw-s`. */
  readonly permissions: string;
  /** File path and offset, `[anon]`, … */
  readonly backing: string;
  readonly band?: Band;
  readonly ghost?: boolean;
}

export interface ProcessRow extends Marked {
  readonly id: string;
  readonly name: string;
  readonly pid: number;
  /** What stands beside its name in place of the pid: of an address space that no process has. */
  readonly detail?: string;
  /** The process whose step is current. */
  readonly current: boolean;
  readonly amounts: readonly Amount[];
  /** Absent while the row is folded. */
  readonly vmas?: Listing<VmaRow>;
  readonly ghost?: boolean;
}

/** What refers to a frame: a page table entry or a mapping's slot. */
export interface Holder extends Marked {
  readonly how: 'pte' | 'cache' | 'other';
  readonly text: string;
  /** Where it is shown; absent when the panel has no cell for it. */
  readonly band?: string;
  readonly at?: number;
  readonly ghost?: boolean;
}

export interface FrameDetail {
  readonly pfn: number;
  readonly kind: string;
  readonly title: string;
  readonly mapcount: number;
  readonly refcount: number;
  /** The counts before the last step, where it changed one of them. */
  readonly previous?: { readonly mapcount: number; readonly refcount: number };
  readonly facts: readonly { readonly name: string; readonly value: string; readonly doc: string; readonly previous?: string }[];
  readonly holders: Listing<Holder>;
  /** Other frames with the very same bytes. */
  readonly twins: Listing<number>;
}

/** One thing that the last step changed, in words; `band` and `at` say where it is shown. */
export interface ChangeRow {
  readonly mark: Mark;
  readonly what: string;
  readonly changes: readonly Change[];
  readonly band?: string;
  readonly at?: number;
}

export interface StepRow {
  /** Steps count from 1; position n is after step n. */
  readonly step: number;
  readonly who: string;
  readonly text: string;
  /** Name that the scenario gives to the lines from here on. */
  readonly label?: string;
  readonly problem?: string;
}

export interface Timeline {
  /** Steps done at this position; 0 is before the first. */
  readonly position: number;
  /** Micro-steps done of the step that is under way, and how many it has; both 0 between steps. */
  readonly micro: number;
  readonly micros: number;
  /** Steps recorded so far. */
  readonly length: number;
  /** The run has ended: there is nothing after `length`. */
  readonly ended: boolean;
  /** The processes of the window's steps, in the order of creation. */
  readonly lanes: readonly string[];
  readonly steps: readonly StepRow[];
}

export interface Summary {
  readonly scenario: string;
  readonly design: string;
  /** Why it stands here: "stopped at line 12", "end of run". */
  readonly status: string;
  /** The text of the statement about to run, or under way. */
  readonly statement: string;
  /** 1-based line in the scenario; 0 when there is none. */
  readonly line: number;
  /** The process or kernel that did the last step; empty before the first. */
  readonly who: string;
  /** Kernel functions that are entered, outermost first. */
  readonly stack: readonly string[];
  /** One plain sentence on what has just happened. */
  readonly sentence: string;
}

export interface LegendEntry {
  readonly kind: string;
  readonly letter: string;
  readonly name: string;
  readonly doc: string;
  readonly tint: Tint;
}

export const TINTS = ['none', 'blue', 'green', 'orange', 'purple', 'red', 'yellow', 'grey'] as const;
export type Tint = (typeof TINTS)[number];

/** What the letters of a cell's flags mean. */
export interface FlagEntry {
  readonly letter: string;
  readonly name: string;
  readonly doc: string;
}

export interface Legend {
  readonly kinds: readonly LegendEntry[];
  readonly frameFlags: readonly FlagEntry[];
  readonly pageFlags: readonly FlagEntry[];
  readonly pteFlags: readonly FlagEntry[];
}

/** One run where it stands. */
export interface Picture {
  readonly summary: Summary;
  readonly sums: readonly Amount[];
  readonly frames: Band;
  readonly files: Listing<FileRow>;
  readonly processes: Listing<ProcessRow>;
  /** The frame that was asked for; when none was, the one that the step was about; null when there is none. */
  readonly focus: FrameDetail | null;
}

/** One thing that is otherwise in the picture beside, in words; `band` and `at` say where it is shown. */
export interface DifferenceRow {
  readonly what: string;
  readonly here: string;
  readonly there: string;
  readonly band?: string;
  readonly at?: number;
}

/** The same scenario under another design, brought to the same statement. A row that is the same thing in both pictures has the same id in both. */
export interface Beside {
  /** As it is asked for. */
  readonly design: string;
  /** Why there is no picture; empty when there is one. */
  readonly problem: string;
  readonly picture: Picture | null;
  readonly differences: Listing<DifferenceRow>;
}

export interface PanelState extends Picture {
  readonly legend: Legend;
  readonly changes: Listing<ChangeRow>;
  readonly timeline: Timeline;
  /** Designs that can be shown beside this one; those that go along anyway come first. */
  readonly designs: readonly string[];
  /** How many of them go along anyway. */
  readonly along: number;
  readonly beside: Beside | null;
}

/** A part of a band that is in view, there may be several; `open: false` folds it, `count: 0` opens it without saying what is in view. */
export interface BandWant {
  readonly id: string;
  readonly open: boolean;
  readonly from: number;
  readonly count: number;
}

/** What it wants to see beside: which design, the parts of its bands in view, and the frame under the pointer or focus there. */
export interface BesideWant {
  readonly design: string;
  readonly bands: readonly BandWant[];
  readonly frame: number | null;
}

/** What the panel wants to see. Whatever it leaves out is decided by the host: the first few rows are open. */
export interface Want {
  /** Rows of files and processes, VMAs of a process. */
  readonly files: number;
  readonly processes: number;
  readonly vmas: number;
  readonly changes: number;
  readonly holders: number;
  /** Only processes whose name contains this. */
  readonly filter: string;
  /** The parts of bands in view; a file, process or VMA may be folded by its id. */
  readonly bands: readonly BandWant[];
  /** Runs shorter than this are shown slot by slot: of slots with something in them, and of empty ones. */
  readonly minRun: number;
  readonly minEmptyRun: number;
  /** Step rows around the position, or from a step on. */
  readonly steps: { readonly from: number | null; readonly count: number };
  /** The frame under the pointer or focus; null lets the host choose. */
  readonly frame: number | null;
  /** null: nothing. */
  readonly beside: BesideWant | null;
}

/** What was seen after a step, on the machine or in the simulator, under the same keys. */
export interface Observation {
  /** `subject` → field → value: `@1 0x10000000` → `mapcount` → `2`. */
  readonly facts: ReadonlyMap<string, Fields>;
  /** Which frame is where: `@1 0x10000000` or `/x/f page 3` → the frame, by a name that no other frame has while both are in use. */
  readonly frames: ReadonlyMap<string, string>;
}

export type Fields = Readonly<Record<string, string>>;

/** How a step ended: `0`, `ENOENT`, `SIGBUS`, or what it returned. */
export interface Ending {
  readonly result: string;
  /** Fault counts of the process that did it, where they can be told apart. */
  readonly minflt?: string;
  readonly majflt?: string;
  /** Fields of the structure that it filled in. */
  readonly fields?: Fields;
}

/** Keys of what is looked at. A process is `@3` until the report names it: its name comes only after the step that makes it. */
export const subject = {
  pid: (pid: number): string => `@${pid}`,
  pte: (process: string, address: string): string => `${process} ${address}`,
  vma: (process: string, start: string): string => `${process} VMA ${start}`,
  process: (process: string): string => process,
  file: (path: string): string => path,
  page: (path: string, index: number): string => `${path} page ${index}`,
};

/** The flags of a page that are compared, under the kernel's names, with their bits in /proc/kpageflags. */
export const KPF = {
  referenced: 2,
  uptodate: 3,
  dirty: 4,
  lru: 5,
  active: 6,
  writeback: 8,
  anon: 12,
  swapbacked: 14,
  unevictable: 18,
  ksm: 21,
  mlocked: 33,
} as const;

/** Pages of a mapping or of a file that are looked at; what lies behind them is not. */
export const MOST_PAGES = 512;

/** FNV-1a, 32 bits: the C program computes the same. */
export function fnv(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}

/** The shapes of the catalogue's tables. The catalogue is data: what exists in the language and the kernel, not what is simulated so far. */
import type { errno } from './constants/errno';

export type Errno = keyof typeof errno;

/**
 * What a value stands for. Amounts (`length`, `offset`, `size`) are bytes; `path` is a string; `content` is bytes compared by value;
 * `object` has fields; everything else is an integer.
 */
export type Kind =
  | 'fd'
  | 'address'
  | 'length'
  | 'offset'
  | 'size'
  | 'flags'
  | 'enum'
  | 'mode'
  | 'path'
  | 'content'
  | 'count'
  | 'pid'
  | 'uid'
  | 'id'
  | 'status'
  | 'boolean'
  | 'object';

/** Which constants go together: `open` for O_*, `prot` for PROT_* and so on. */
export type ConstantGroup =
  | 'open'
  | 'seek'
  | 'falloc'
  | 'fadvise'
  | 'sync_file_range'
  | 'rwf'
  | 'mount'
  | 'subvolume'
  | 'prot'
  | 'map'
  | 'madvise'
  | 'msync'
  | 'mlock'
  | 'mlockall'
  | 'mremap'
  | 'memfd'
  | 'shmget'
  | 'shmat'
  | 'shmctl'
  | 'clone'
  | 'prctl'
  | 'uffd'
  | 'uffd_feature'
  | 'io_uring_register'
  | 'errno'
  | 'signal'
  | 'null';

export interface Constant {
  readonly value: bigint;
  readonly groups: readonly ConstantGroup[];
  readonly doc: string;
}

export interface Parameter {
  readonly name: string;
  readonly kind: Kind;
  /** The constants that a `flags` or `enum` parameter takes. */
  readonly group?: ConstantGroup;
  /** Bare words that are taken in place of a value, as `all` in `reclaim(all)`. */
  readonly words?: readonly string[];
  readonly optional?: true;
  /** `flags` of 64 bits; others are an `int`. */
  readonly wide?: true;
  readonly doc: string;
}

export interface CallEntry {
  readonly params: readonly Parameter[];
  readonly returns: Kind | 'void';
  /** Fields of the result where `returns` is `object`. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly who: 'process' | 'kernel';
  /** errno → when. */
  readonly errors: Readonly<Partial<Record<Errno, string>>>;
  readonly doc: string;
  /** The man page, and the kernel's function. */
  readonly source: string;
  /** What the simulator chose where the documents are silent; shown as "simulator choice". */
  readonly choice?: string;
}

/** `bytes` are amounts of memory or I/O, `count` plain numbers, `object` has observables of its own (`of`). */
export type Unit = 'bytes' | 'count' | 'boolean' | 'content' | 'path' | 'address' | 'object';

export interface Observable {
  readonly unit: Unit;
  /** For `object`: the owner in the catalogue whose observables it has. */
  readonly of?: Owner;
  /** It is asked with an index: `p.pte[addr]`, `file("/a").page[3]`. The text says of what. */
  readonly index?: string;
  readonly doc: string;
  readonly source: string;
}

export type Owner =
  | 'process'
  | 'pte'
  | 'vma'
  | 'file'
  | 'page'
  | 'flags'
  | 'mapping'
  | 'mm'
  | 'memory'
  | 'disk'
  | 'lru'
  | 'cgroup'
  | 'faults'
  | 'design'
  | 'host'
  | 'run';

export type ValueKind = 'size' | 'count' | 'boolean' | 'word' | 'words' | 'path' | 'paths' | 'content' | 'mode' | 'integer';

/** Where an option may stand: in the braces of a statement, or of one filesystem type's mount. */
export interface OptionEntry {
  readonly kind: ValueKind;
  /** The words that a `word` option takes. */
  readonly values?: readonly string[];
  /** As it would be written; absent when the option must be given or has no default. */
  readonly default?: string;
  readonly required?: true;
  readonly doc: string;
  readonly source: string;
  /** The sources leave it open; the simulator chose. */
  readonly choice?: true;
}

export interface DesignEntry {
  readonly title: string;
  readonly doc: string;
  /** What it saves, against a cache for each file. */
  readonly saves: string;
  /** What was said against it, and by whom. */
  readonly against: string;
  /** Who proposed it and where. */
  readonly source: string;
  readonly options: Readonly<Record<string, OptionEntry>>;
}

export interface DiagnosticEntry {
  readonly title: string;
  readonly doc: string;
}

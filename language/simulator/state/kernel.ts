import type { Design } from '../designs/design';
import { Column } from './column';
import { Journal } from './journal';
import { Names } from './names';
import { PageContents } from './pages';
import { Ids, PerObject, table } from './tables';
import { Trace } from './trace';

/** Machine-wide counts, `/proc/vmstat` and `/proc/meminfo` style; in pages unless the name says otherwise. */
export const COUNTERS = [
  'nr_used',
  'nr_file_pages',
  'nr_shmem',
  'nr_anon_pages',
  'nr_page_table_pages',
  'nr_dirty',
  'nr_inactive_anon',
  'nr_active_anon',
  'nr_inactive_file',
  'nr_active_file',
  'disk_reads',
  'disk_writes',
  'minflt',
  'majflt',
  'copies',
  'design_hits',
  'design_breaks',
  'design_copies',
  'design_invalidations',
] as const;

export type Counter = (typeof COUNTERS)[number];

export interface KernelOptions {
  /** Size of memory in pages. Frames 1 … memory exist; frame 0 is the zero page, which is nobody's memory. */
  readonly memory: number;
  /** Pages that a read fault maps around the address; 1 turns fault-around off. */
  readonly faultAround: number;
}

/** All state of one machine, as columns over one journal. Functions of mm/ and fs/ take it as their first argument. */
export class Kernel {
  readonly journal = new Journal();
  readonly trace = new Trace(this.journal);
  readonly names = new Names();
  readonly contents = new PageContents();

  /** `struct page` / `struct folio` by pfn. `type`: FrameType. `mapping`: > 0 address_space, < 0 anon_vma, for tables the mm. `index` and `content` as in shift.ts and pages.ts. */
  readonly page = table(this.journal, 'frame', ['type', 'flags', 'refcount', 'mapcount', 'mapping', 'index', 'content', 'memcg', 'lru']);
  /** LRU lists by number (mm/swap.ts). A list is its places, ascending from the tail; a page that leaves leaves a hole. `next`: the place at the head. */
  readonly lru = table(this.journal, 'lru', ['next']);
  readonly lruList = new PerObject(this.journal, 'lru', ['places']);

  /** `lowest`: no frame below it is free; `highest`: none above. */
  readonly allocator = table(this.journal, 'allocator', ['lowest', 'highest']);

  /** `struct address_space`. `aops`: AddressSpaceKind. */
  readonly mappings = new Ids(this.journal, 'mapping');
  readonly mapping = table(this.journal, 'mapping', ['host', 'aops', 'nrpages', 'nrdirty']);
  /** `pages`: `i_pages`, index → pfn; `dirty`: its tag; `vmas`: `i_mmap`, VMA id → 1. */
  readonly space = new PerObject(this.journal, 'mapping', ['pages', 'dirty', 'vmas']);

  /** `struct inode`. `size` in bytes; `path`: the name it was created under; `opens`: open files and mappings. */
  readonly inodes = new Ids(this.journal, 'inode');
  readonly inode = table(this.journal, 'inode', ['size', 'nlink', 'mode', 'uid', 'mount', 'mapping', 'path', 'refs', 'directory']);
  /** `blocks`: the extent map, file block → device block; `unwritten`: 1 where the block is allocated and reads as zeros. */
  readonly extents = new PerObject(this.journal, 'inode', ['blocks', 'unwritten']);
  /** Path (by its name's number) → inode. */
  readonly dentry = new Column(this.journal, 'dentry.inode');

  /** A mounted filesystem. `type`: FilesystemType; `device` 0: none. */
  readonly mounts = new Ids(this.journal, 'mount');
  readonly mount = table(this.journal, 'mount', ['type', 'path', 'device']);
  /** A block device: `refcount` of each block (how many files' extents hold it), its `content`; `free`: no block below it is free; `cache`: the address_space that a design keeps for it. */
  readonly devices = new Ids(this.journal, 'device');
  readonly device = new PerObject(this.journal, 'device', ['refcount', 'content', 'free', 'cache']);

  /** `struct file`. `position` and `previous` (last index read, +1: `ra.prev_pos`) in bytes and pages; `advice`: POSIX_FADV_*. */
  readonly files = new Ids(this.journal, 'file');
  readonly file = table(this.journal, 'file', ['inode', 'flags', 'position', 'previous', 'refs', 'advice']);
  readonly descriptors = new PerObject(this.journal, 'files', ['fd']);

  /** `struct mm_struct`; counts in pages. */
  readonly mms = new Ids(this.journal, 'mm');
  readonly mm = table(this.journal, 'mm', ['users', 'rss_file', 'rss_anon', 'rss_shmem', 'pgtables', 'map_count', 'total_vm', 'cgroup']);
  /** `vma`: page number → VMA id; `pte` flags and `pfn` by page number; `pt`, `pmd`, `pud`: the table that holds the entry, by its index. */
  readonly space4 = new PerObject(this.journal, 'mm', ['vma', 'pte', 'pfn', 'pt', 'pmd', 'pud', 'pgd']);

  /** `struct vm_area_struct`; `start`, `end`, `pgoff` in pages. */
  readonly vmas = new Ids(this.journal, 'vma');
  readonly vma = table(this.journal, 'vma', ['mm', 'start', 'end', 'flags', 'pgoff', 'file', 'mapping', 'anon_vma']);
  readonly anonVmas = new Ids(this.journal, 'anon_vma');
  readonly anonVma = new PerObject(this.journal, 'anon_vma', ['vmas']);

  /** `struct task_struct`. `state`: TaskState. */
  readonly tasks = new Ids(this.journal, 'task');
  readonly task = table(this.journal, 'task', ['mm', 'files', 'state', 'uid', 'cgroup', 'parent', 'minflt', 'majflt', 'name', 'death']);

  /** Memory control groups; `limit` in pages, 0: none. */
  readonly cgroups = new Ids(this.journal, 'cgroup');
  readonly cgroup = table(this.journal, 'cgroup', ['usage', 'limit', 'parent', 'path']);

  private readonly counters: Readonly<Record<Counter, Column>> = table(this.journal, 'counter', COUNTERS);

  /** Violations by invariant name, counted. */
  readonly violations = table(this.journal, 'violation', ['count']);

  design!: Design;

  /** The task on whose behalf the kernel works (`current`); 0 for what no process asks for. */
  current = 0;

  constructor(readonly options: KernelOptions) {}

  count(counter: Counter, by: number): void {
    const column = this.counters[counter];
    column.set(0, column.get(0) + by);
  }

  counter(counter: Counter): number {
    return this.counters[counter].get(0);
  }

  /** Runs `body` as the kernel function `name`, for `pages` pages at once. */
  in<T>(name: string, pages: number, body: () => T): T {
    this.trace.enter(name, pages);
    const result = body();
    this.trace.exit();
    return result;
  }

  /** The same for a batch whose length the function itself finds out: `handled` says for how many pages it was done. */
  batch<T>(name: string, body: () => T, handled: (result: T) => number): T {
    const mark = this.trace.enter(name, 1);
    const result = body();
    this.trace.exit();
    const pages = handled(result);
    if (pages > 1) this.trace.setPages(mark, pages);
    return result;
  }
}

export const enum FrameType {
  Free = 0,
  /** Data: anonymous, page cache, shmem. */
  Page = 1,
  PageTable = 2,
}

/** Which `address_space_operations` a mapping has. */
export const enum AddressSpaceKind {
  /** A filesystem on a block device. */
  Disk = 1,
  /** tmpfs, memfd, shared anonymous memory. */
  Shmem = 2,
  /** A cache of device blocks that a design keeps beneath the files' own. */
  Device = 3,
}

export const enum TaskState {
  None = 0,
  Running = 1,
  Dead = 2,
}

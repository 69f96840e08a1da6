import type { InvariantName } from '../../catalogue/invariants';
import type { Violation } from '../api';
import type { Design } from '../designs/design';
import type { Filesystem } from '../fs/filesystem';
import { mountOptions } from '../../catalogue/options/mounts';
import type { Nap } from '../kernel/sleep';
import type { Column } from './column';
import { Storage } from './storage';
import type { Fields } from './tables';

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
  'nr_unevictable',
  'nr_swapcached',
  'nr_swap',
  'pswpin',
  'pswpout',
  'ksm_pages_shared',
  'ksm_pages_sharing',
  'ksm_pages_unshared',
  'ksm_rmap_items',
  'ksm_zero_pages',
  'disk_reads',
  'disk_writes',
  'checksums',
  'decompressed',
  'minflt',
  'link_faults',
  'majflt',
  'copies',
  'design_hits',
  'design_breaks',
  'design_copies',
  'design_invalidations',
  'audit_sites',
  'stale_reads',
] as const;

export type Counter = (typeof COUNTERS)[number];

/** `/sys/kernel/mm/ksm`. */
export interface KsmOptions {
  /** rmap_items that one merged page takes. */
  readonly maxPageSharing: number;
  readonly useZeroPages: boolean;
  readonly smartScan: boolean;
}

export interface KernelOptions {
  /** Size of memory in pages. Frames 1 … memory exist; frame 0 is the zero page, which is nobody's memory. */
  readonly memory: number;
  /** Pages that a read fault maps around the address; 1 turns fault-around off. */
  readonly faultAround: number;
  /** How overlays are mounted that do not say it themselves. */
  readonly overlay: { readonly cache: 'real' | 'stacked'; readonly reopen: boolean };
  /** Whether anonymous memory that is only read maps the zero page. */
  readonly zeroPage: boolean;
  /** CONFIG_MEM_SOFT_DIRTY. */
  readonly softDirty: boolean;
  /** Which anonymous memory gets transparent huge pages. */
  readonly thp: 'never' | 'madvise' | 'always';
  /** The same for memfd and shared anonymous memory (`shmem_enabled`). */
  readonly shmemThp: 'never' | 'advise' | 'within_size' | 'always';
  /** Whether writes and readahead make folios of more than one page in the page cache. */
  readonly largeFolios: boolean;
  readonly ksm: KsmOptions;
  /** `bdi->ra_pages`: the largest readahead window in pages; 0 turns readahead off. */
  readonly readahead: number;
  readonly swap: SwapOptions;
}

/** The swap area and how it is used. */
export interface SwapOptions {
  /** Slots of a page each; 0: there is none. */
  readonly pages: number;
  /** `vm.swappiness`: how gladly anonymous memory is reclaimed before files, 0 to 200. */
  readonly swappiness: number;
  /** `vm.page-cluster`: a page that is read brings up to 2 to the power of this many with it. */
  readonly pageCluster: number;
  /** Whether the device answers at once (SWP_SYNCHRONOUS_IO): what only one process has in swap then passes the swap cache by. */
  readonly synchronous: boolean;
  /** Pages of the page cache that the rest of the host has: as many evictions more still count as recent. */
  readonly hostCache: number;
}

/** All state of one machine, as columns over one journal. Functions of mm/ and fs/ take it as their first argument. */
export class Kernel extends Storage<Kernel> {
  /** `struct page` / `struct folio` by pfn. `type`: FrameType. `mapping`: > 0 address_space, < 0 anon_vma (with PG.ksm: stable node), for tables the mm. `index` and `content` as in shift.ts and pages.ts. `mlock_count`: locked VMAs that map it; `pincount`: pins, 1024 references each; `pipes`: buffers of pipes; `swap`: the slot of a page in the swap cache. */
  readonly page = this.table('frame', [
    ...(['type', 'flags', 'refcount', 'mapcount', 'mapping', 'index', 'content', 'memcg', 'lru'] as const),
    ...(['mlock_count', 'pincount', 'pipes', 'swap'] as const),
  ]);
  /** `order`: of the large folio that a frame is part of (mm/folio.ts), 0 for a page of its own; `deferred`: 1 at the head of a folio that is to be split. */
  readonly folio = this.table('folio', ['order', 'deferred']);
  /** The pool of hugetlb pages (mm/hugetlb_pool.ts), counts of 2 MiB pages. */
  readonly hugetlb = this.table('hugetlb', ['total', 'free', 'reserved']);
  /** `struct resv_map` of private mappings of hugetlb pages: 1 where the reservation of a page has been used, by page number in the file. */
  readonly resvMaps = this.ids('resv_map');
  readonly resvMap = this.each('resv_map', ['used']);
  /** LRU lists by number (mm/swap.ts). A list is its places, ascending from the tail; a page that leaves leaves a hole. `next`: the place at the head; `below`: how many places the tail has grown downwards. */
  readonly lru = this.table('lru', ['next', 'below']);
  readonly lruList = this.each('lru', ['places']);
  /** By memory control group: how many pages of it are on each list. */
  readonly lruvec = this.each('lruvec', ['size']);

  /**
   * Slots of the swap area by offset, from 1 on (before them lies its header). `used`: 1 where it is taken; `count`: `swap_map`, the page-table entries and
   * files that name it; `cache`: its frame in the swap cache; `content` as in pages.ts; `memcg`: the group that it is charged to;
   * `shadow`: when its page was evicted (mm/workingset.ts).
   */
  readonly swapSlot = this.table('swap_slot', ['used', 'count', 'cache', 'content', 'memcg', 'shadow', 'shadow_memcg']);
  /** `struct swap_info_struct`. `next`: where the search for free slots goes on; `off`: 1 after swapoff. */
  readonly swapArea = this.table('swap_info', ['next', 'off']);
  /** Of an address space, by page number: the slot that a swap entry names. */
  readonly swapEntry = this.each('mm_swap', ['slot']);
  /** Of a file of tmpfs, by index: the slot that holds the page (an entry in `i_pages`). */
  readonly shmemSwap = this.each('shmem_swap', ['slot']);
  /** Of a VMA, `swap_readahead_info`: the page number of the last fault, +1; the window then, and how many of the pages that it brought were wanted since. */
  readonly swapReadahead = this.table('vma_swap', ['at', 'win', 'hits']);

  /** `lowest`: no frame below it is free; `highest`: none above. */
  readonly allocator = this.table('allocator', ['lowest', 'highest']);

  /** `struct address_space`. `aops`: AddressSpaceKind; `swapped`: pages of a file of tmpfs that are in swap; `flush_on_close`: 1 where a disk file was cut (fs/flush_on_close.ts). */
  readonly mappings = this.ids('mapping');
  readonly mapping = this.table('mapping', ['host', 'aops', 'sysv', 'nrpages', 'nrdirty', 'swapped', 'flush_on_close']);
  /**
   * `pages`: `i_pages`, index → pfn; `dirty`: its tag; `vmas`: `i_mmap`, VMA id → 1. `shadow`: index → when the page was evicted, `shadow_memcg`: for which group (mm/workingset.ts);
   * `folio`: on a machine without large folios, where readahead would have made one, its first index, +1;
   * `reserved`: 1 where a hugetlb page is reserved for the file; `ordered`: the ordered extent of btrfs that a page is part of: its first index, +1 (fs/btrfs_ordered.ts).
   */
  readonly space = this.each('mapping', ['pages', 'dirty', 'vmas', 'shadow', 'shadow_memcg', 'folio', 'reserved', 'ordered']);
  /** By group (0: the machine): `nonresident_age`: evictions and activations so far. */
  readonly workingset = this.table('workingset', ['nonresident_age']);

  /** `struct inode`: what is on disk, and this host's address space of it. */
  readonly inode: Fields<'mapping'> & Kernel['inodeOnDisk'] = { ...this.inodeOnDisk, ...this.table('inode', ['mapping']) };
  /** By block device: `cache` is the address_space that a design keeps for it. */
  readonly deviceCache = this.each('device', ['cache']);

  /** Of an overlay: `layers`: the names of its directories, 0 is the upper one (or none), from 1 on the lower ones, topmost first; `inode`: its inode for a real one. */
  readonly overlay = this.each('overlay', ['layers', 'inode']);
  /** `struct ovl_inode`: the real inodes above and below (0: none); `metacopy`: the upper one has no data, the lower one's is used. */
  readonly ovlInode = this.table('ovl_inode', ['upper', 'lower', 'metacopy']);
  /**
   * A place at which a filesystem is seen (`struct mount`). `at`: its path, 0 once unmounted; `parent`: the mount that this path lies in, and `on`: the name
   * there; `root`: the name of the directory (or file) of filesystem `sb` that is seen; `readonly`: mounted so; `same`: what was mounted at this path before.
   */
  readonly vfsmounts = this.ids('vfsmount');
  readonly vfsmount = this.table('vfsmount', ['at', 'parent', 'on', 'root', 'sb', 'readonly', 'same']);
  /** Path (by its name's number) → what was mounted there last. */
  readonly vfsmountAt = this.table('vfsmount_path', ['mnt']).mnt;

  /**
   * `struct file`; `position` in bytes; `f_mode`: FMODE; `mnt`: the mount that it was opened through;
   * `overlay`: for a file of an overlay its inode there (`inode` is the real one that is read and written, `mapped` the one that was opened, which mmap takes). Of its `struct file_ra_state`: `prev_pos` (where the
   * previous read ended, bytes, +1), the largest window `ra_pages`, the current one (`ra_start`, `ra_size`, `ra_async_size` in pages, `ra_order`), and `mmap_miss`.
   */
  readonly files = this.ids('file');
  readonly file = this.table('file', [
    ...(['inode', 'flags', 'position', 'refs', 'f_mode', 'mnt', 'overlay', 'mapped'] as const),
    ...(['prev_pos', 'ra_pages', 'ra_start', 'ra_size', 'ra_async_size', 'ra_order', 'mmap_miss'] as const),
  ]);
  /** A descriptor table, by the first task that had it: open file by descriptor, FD_CLOEXEC by descriptor. */
  readonly descriptors = this.each('files', ['fd', 'cloexec']);
  /** `struct files_struct`: tasks that share the table. */
  readonly filesTable = this.table('files', ['users']);

  /**
   * `struct mm_struct`; counts in pages. `exe_file`: the program's inode; `def_flags`: VMA flags that new mappings get;
   * `ksm_slot`: its place in ksmd's list, 0: not in it; `merge_any`: MMF_VM_MERGE_ANY;
   * `sharers`: where it stands for a PMD table, how many share that; `mshare`: the region whose host it is; `markers`: 1 once an entry was a marker
   * (mm/pte_marker.ts); `pins`: its newest long-term pin.
   */
  readonly mms = this.ids('mm');
  readonly mm = this.table('mm', [
    ...(['users', 'rss_file', 'rss_anon', 'rss_shmem', 'swapents', 'pgtables', 'map_count', 'total_vm'] as const),
    ...(['cgroup', 'exe_file', 'def_flags', 'ksm_slot', 'merge_any', 'sharers', 'mshare', 'markers', 'pins'] as const),
  ]);

  /**
   * `vma`: page number → VMA id; `pte` flags and `pfn` by page number; `pt`, `pmd`, `pud`: the table that holds the entry, by its index.
   * `leaf`: Leaf, by PMD index: these 512 entries are one. `shared`: by PUD index, the mm that stands for a PMD table which several processes can
   * share (mm/hugetlb_share.ts); `linked`: by PGD index, the region whose host's PUD table the entry points to (mm/mshare.ts).
   */
  readonly space4 = this.each('mm', ['vma', 'pte', 'pfn', 'leaf', 'pt', 'pmd', 'pud', 'pgd', 'shared', 'linked']);

  /** `struct vm_area_struct`; `start`, `end`, `pgoff` in pages; `mshare`: the region that it shows (VM_MSHARE); `uffd`: the inode of the userfaultfd that it is registered with; `inherited`: the VMA that a fork made, if its anon_vma comes from there. */
  readonly vmas = this.ids('vma');
  readonly vma = this.table('vma', [
    'mm',
    'start',
    'end',
    'flags',
    'pgoff',
    'file',
    'mapping',
    'anon_vma',
    'inherited',
    'resv_map',
    'mshare',
    'uffd',
  ]);
  /**
   * Regions whose page tables are shared (`struct mshare_data`). `inode`: its file on msharefs; `mm`: its host, an address space without a task, which has the
   * region from page number `start` on, `size` pages; `creator`: the process that made it, `cgroup`: its group then; `flushes`: TLBs of processes that
   * had to be flushed because shared entries changed; `attached`: VMAs that show it.
   */
  readonly mshares = this.ids('mshare');
  readonly mshare = this.table('mshare', ['inode', 'mm', 'start', 'size', 'creator', 'cgroup', 'flushes', 'attached']);
  /** Of a file on msharefs: its region, 0 while it has none. */
  readonly msharefs = this.table('msharefs_inode', ['mshare']);
  /** Of a mount of msharefs: which of its option's values is chosen (mm/mshare_policy.ts). */
  readonly msharefsMount = this.table('msharefs', Object.keys(mountOptions.msharefs) as (keyof typeof mountOptions.msharefs)[]);
  /** Orders in which locks were taken within each other (mm/lockdep.ts): the functions on the way, by the two classes; `told`: a cycle has been reported. */
  readonly lockdep = this.table('lockdep', ['path', 'told']);
  /**
   * `struct userfaultfd_ctx`, by the inode of its file: the address space `mm` whose faults it is about; `ready`: 1 after UFFDIO_API, which asked for
   * `features`; `user_only`: 1 where faults of the kernel itself are none of its.
   */
  readonly userfaultfd = this.table('userfaultfd', ['mm', 'ready', 'features', 'user_only']);
  /**
   * `struct io_ring_ctx`, by the inode of its file. `entries`: of the submission queue (0: it is no ring); `user`: the uid that pays for what it pins, +1 (0:
   * root made it, nobody pays); `registered`: 1 with a table of fixed buffers. Of the one buffer in it (`struct io_mapped_ubuf`): `ubuf` and `len` in bytes, `acct_pages` paid for, and its pins, from number
   * `pins` up to `pins_end`, in the order of their pages.
   */
  readonly ring = this.table('io_ring_ctx', ['entries', 'user', 'registered', 'ubuf', 'len', 'acct_pages', 'pins', 'pins_end']);
  /** `struct user_struct`, by uid: pages that its rings have locked. */
  readonly user = this.table('user_struct', ['locked_vm']);
  /** Of a pidfd, by its inode: the process. */
  readonly pidfd = this.table('pidfd', ['pid']);
  /** Faults that wait for a userfaultfd (`struct userfaultfd_wait_queue`, mm/userfaultfd_wait.ts), oldest first. None up to `first` still waits. */
  readonly uffdWaits = this.ids('userfaultfd_wait');
  readonly uffdWait = this.table('userfaultfd_wait', ['ctx', 'task', 'addr', 'flags', 'state']);
  readonly uffdWaitList = this.table('userfaultfd_wait_list', ['first']);
  readonly anonVmas = this.ids('anon_vma');
  readonly anonVma = this.each('anon_vma', ['vmas']);
  /** `mm`: whose VMA it was made for; a child's VMAs inherit it. */
  readonly anonVmaRoot = this.table('anon_vma', ['mm']);

  /** ksmd's list of address spaces, by place: the first and the last place in use, and the mm at each. */
  readonly ksmList = this.table('ksm_mm_list', ['first', 'last']);
  readonly ksmSlot = this.table('ksm_mm_slot', ['mm']);
  /** `struct ksm_rmap_item` by page number. `state`: RmapItem; `checksum`: that of the last scan (see mm/ksm_item.ts); `node`: its stable node. */
  readonly rmapItem = this.each('ksm_rmap_item', ['state', 'checksum', 'node', 'age', 'skips']);
  /** `struct ksm_stable_node`, a merged page. `pfn` 0: gone; `length`: rmap_items; `next`: the next page of the same content. */
  readonly stableNodes = this.ids('ksm_stable_node');
  readonly stableNode = this.table('ksm_stable_node', ['pfn', 'content', 'length', 'next']);
  /** The stable tree: content (its number) → the first stable node. */
  readonly stableTree = this.table('ksm_stable_tree', ['first']);
  /** System V segments (`struct shmid_kernel`), ids from 1; `removed`: 1 after IPC_RMID. A segment's address_space names it in `sysv`. */
  readonly shms = this.ids('shm');
  readonly shm = this.table('shm', ['key', 'size', 'inode', 'mode', 'uid', 'removed']);

  /** `struct pipe_inode_info`, by inode: its oldest and its newest buffer, and the open files that are its ends. */
  readonly pipe = this.table('pipe_inode_info', ['head', 'tail', 'reader', 'writer']);
  /** Pages in pipes (`struct pipe_buffer`); `next`: the next newer one of the same pipe. */
  readonly pipeBuffers = this.ids('pipe_buffer');
  readonly pipeBuffer = this.table('pipe_buffer', ['next', 'pfn', 'offset', 'length']);

  /** Long-term pins: `count` pages from page number `vpn`, frames from `pfn`; `count` 0: given back. `next`: the next older one of the same address space. */
  readonly pins = this.ids('pin');
  readonly pin = this.table('pin', ['vpn', 'pfn', 'count', 'next']);

  /**
   * `struct task_struct`. `state`: TaskState; `tgid`: the thread group's leader; `vfork`: the child that it waits for, `lender`: who waits
   * for it; `status` as wait(2) reports it; `reaped`: 1 once somebody has waited for it; `asleep`: 1 while it sleeps in a call;
   * `pinned`: 1 where its end has come, but a region keeps it. A leader's fault counts are its group's.
   */
  readonly task = this.table('task', [
    ...(['mm', 'files', 'state', 'uid', 'cgroup', 'parent', 'tgid', 'vfork', 'lender'] as const),
    ...(['minflt', 'majflt', 'name', 'death', 'status', 'reaped', 'asleep', 'pinned'] as const),
  ]);

  /** Memory control groups; `limit` in pages, 0: none; `swap`: slots that are charged to it; `swap_limit`: how many may be, where `swap_limited`. */
  readonly cgroups = this.ids('cgroup');
  readonly cgroup = this.table('cgroup', ['usage', 'limit', 'parent', 'path', 'swap', 'swap_limited', 'swap_limit']);

  /** What the disk reads or (`write`: 1) writes while others go on (mm/folio_wait.ts), by number: its frames; `count` 0: done. None up to `first` is still under way. */
  readonly bios = this.ids('bio');
  readonly bio = this.table('bio', ['pfn', 'count', 'write']);
  readonly bioList = this.table('bio_list', ['first']);

  /** Locks that a task holds while it sleeps (kernel/locks.ts), by number; `kind` 0: let go of. None up to `first` is held. */
  readonly locks = this.ids('lock');
  readonly lock = this.table('lock', ['kind', 'of', 'shared', 'task']);
  readonly lockList = this.table('lock_list', ['first']);

  private readonly counters: Readonly<Record<Counter, Column>> = this.table('counter', COUNTERS);

  design!: Design;

  /** The types that can be mounted, by `mount.type`. */
  filesystems!: readonly Filesystem[];

  /** What the step that runs has violated so far, and whether it was an audit site: only of use until the step's end. */
  violated: Violation[] = [];
  audited = false;

  /** The task on whose behalf the kernel works (`current`); 0 for what no process asks for. */
  current = 0;

  /** The group that pays for what is allocated, where that is not the one of the task or address space it is for (`set_active_memcg()`). */
  activeMemcg: number | undefined;

  /** How far the call has come that runs, if it may sleep. Only of use until the step's end. */
  nap: Nap | undefined;
  /** Whether what the call under way brings into the cache is to be dropped after use (`FGP_DONTCACHE`). */
  dropbehind = false;
  /** Whether the fault that runs has read a page from swap (VM_FAULT_MAJOR). */
  swappedIn = false;
  /** Whether a mapping is being populated (`__mm_populate()`). */
  populating = false;
  /** The address of the access that the CPU makes in user mode (FAULT_FLAG_USER); undefined in the kernel's own. */
  userAccess: number | undefined;

  /** `on`: a machine on whose storage this one works. */
  constructor(
    readonly options: KernelOptions,
    on?: Kernel,
  ) {
    super(on);
    this.hosts.push(this);
  }

  count(counter: Counter, by: number): void {
    const column = this.counters[counter];
    column.set(0, column.get(0) + by);
  }

  counter(counter: Counter): number {
    return this.counters[counter].get(0);
  }

  /** An invariant does not hold: told once a step and invariant, counted (`violations("I2")`). */
  violate(invariant: InvariantName, message: string): void {
    if (this.violated.some((other) => other.invariant === invariant)) return;
    this.trace.outcome('violation', invariant);
    this.violated.push({ invariant, message, known: this.isKnown(invariant) });
  }

  /** Whether the design, or what a mount of msharefs says about locks, is known to break it. Hosts on one storage have caches of their own that nothing keeps in step: any of them may read what is stale. */
  isKnown(invariant: InvariantName): boolean {
    if (invariant === 'lockdep cycle') return this.msharefsMount.locks.runEnd(0, this.mounts.count + 1) <= this.mounts.count;
    return this.design.known.includes(invariant) || (invariant === 'stale_read' && this.hosts.length > 1);
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
  /** Set aside for hugetlb, not in use. */
  Hugetlb = 3,
}

/** What maps the 512 pages of a PMD index. */
export const enum Leaf {
  /** A PTE table, or nothing. */
  None = 0,
  /** One PMD entry: a transparent huge page. For anonymous memory `pt` is the table deposited for a split. */
  Pmd = 1,
}

/** Which `address_space_operations` a mapping has. */
export const enum AddressSpaceKind {
  /** A filesystem on a block device. */
  Disk = 1,
  /** tmpfs, memfd, shared anonymous memory. */
  Shmem = 2,
  /** A cache of device blocks that a design keeps beneath the files' own. */
  Device = 3,
  /** A file of a filesystem stacked on another, filled through that one's cache. */
  Stacked = 4,
  /** hugetlbfs, and memory mapped with MAP_HUGETLB. */
  Hugetlb = 5,
  /** msharefs: the file controls a region and has no pages. */
  Region = 6,
}

export const enum TaskState {
  None = 0,
  Running = 1,
  Dead = 2,
}

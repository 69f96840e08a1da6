/**
 * A second opinion on every observable: one object a page, one Map entry a PTE, every question answered by looking at everything.
 * No runs, no radix trees, no journal, no designs: today's kernel for files on xfs and tmpfs, anonymous memory, fork and copy on write, with
 * memory enough. Contents are left to the other reference model (reference.ts).
 */
export const AREA_PAGES = 6;
/** Areas lie across the end of a page table, so that one mapping needs two. */
export const area_start = (area: number): number => 0x10000 + area * 0x1000 + 0x1fd;
/** Where the region lies whose page tables are shared: it begins with a PGD entry. */
export const REGION_START = 2 ** 28;

export type Backing = 'xfs' | 'tmpfs';

export class Frame {
  dirty = false;
  referenced = false;
  active = false;
  exclusive = false;
  /** PG_reclaim: could not be dropped; fault-around passes it over until it is written back. */
  reclaim = false;
  constructor(readonly kind: 'file' | 'shmem' | 'anon') {}
}

export interface Pte {
  /** undefined: the zero page. */
  frame: Frame | undefined;
  writable: boolean;
  accessed: boolean;
  dirty: boolean;
}

export class File {
  readonly cache = new Map<number, Frame>();
  /** Block of each page on disk; the same object in two files: shared. */
  blocks = new Map<number, object>();
  constructor(
    readonly backing: Backing,
    public pages: number,
  ) {
    if (backing === 'xfs') for (let i = 0; i < pages; i++) this.blocks.set(i, {});
    else for (let i = 0; i < pages; i++) this.cache.set(i, shmem_frame(true));
  }
}

function shmem_frame(dirty: boolean): Frame {
  const frame = new Frame('shmem');
  frame.dirty = dirty;
  frame.referenced = dirty;
  return frame;
}

/** An open file: `previous` is the page in which its last read ended. */
export interface Open {
  readonly file: File;
  previous: number;
}

interface Vma {
  readonly start: number;
  readonly end: number;
  readonly file: File | undefined;
  /** Page of the file at `start`. */
  readonly index: number;
  readonly shared: boolean;
  readonly writable: boolean;
  hasAnon: boolean;
}

export class Process {
  vmas: Vma[] = [];
  readonly ptes = new Map<number, Pte>();
  readonly tables = [new Set<number>(), new Set<number>(), new Set<number>()] as const;
  minflt = 0;
  majflt = 0;
  /** Of the region: whether it is mapped, and whether the PGD entry points to the host's tables. */
  attached = false;
  linked = false;
  constructor(readonly files: readonly Open[]) {}
}

/** Pages that one table of each level maps. */
const SPANS = [2 ** 9, 2 ** 18, 2 ** 27] as const;

export class NaiveMachine {
  readonly processes = new Map<number, Process>();
  /** The host of the region, once somebody has mapped it: what is mapped in it and its page tables, but no process. */
  host: Process | undefined;
  reads = 0;
  writes = 0;
  copies = 0;

  constructor(
    readonly files: readonly File[],
    readonly faultAround: number,
  ) {}

  mapcount(frame: Frame): number {
    let count = 0;
    for (const space of this.spaces()) for (const pte of space.ptes.values()) if (pte.frame === frame) count++;
    return count;
  }

  /** Everything with page tables of its own. */
  spaces(): Process[] {
    return [...this.processes.values(), ...(this.host === undefined ? [] : [this.host])];
  }

  attach(process: Process): void {
    if (this.host === undefined) this.map((this.host = new Process([])), REGION_START, AREA_PAGES, undefined, 0, true, true);
    process.attached = true;
  }

  detach(process: Process): void {
    process.attached = process.linked = false;
  }

  /** The first touch links the process to the host's tables; what the host's tables lack is a fault besides, paid by the process too. */
  private region_access(process: Process, vpn: number, write: boolean): 'SIGSEGV' | 'SIGBUS' | undefined {
    if (!process.attached) return 'SIGSEGV';
    if (!process.linked) process.minflt++;
    process.linked = true;
    const host = this.host!;
    const signal = this.access(host, vpn, write);
    process.minflt += host.minflt;
    host.minflt = 0;
    return signal;
  }

  refcount(frame: Frame): number {
    const cached = this.files.some((file) => [...file.cache.values()].includes(frame));
    return this.mapcount(frame) + (cached ? 1 : 0);
  }

  private vma(process: Process, vpn: number): Vma | undefined {
    return process.vmas.find((vma) => vpn >= vma.start && vpn < vma.end);
  }

  map(process: Process, start: number, count: number, file: File | undefined, index: number, shared: boolean, writable: boolean): void {
    this.unmap(process, start, count);
    const own = file === undefined && shared ? new File('tmpfs', 0) : file;
    if (own !== undefined && own !== file) {
      own.pages = count;
      (this.files as File[]).push(own);
    }
    process.vmas.push({ start, end: start + count, file: own, index, shared, writable, hasAnon: false });
  }

  unmap(process: Process, start: number, count: number): void {
    const end = start + count;
    const hit = process.vmas.some((vma) => vma.start < end && vma.end > start);
    for (const [vpn] of [...process.ptes]) if (vpn >= start && vpn < end) this.zap(process, vpn);
    process.vmas = process.vmas.flatMap((vma) => {
      if (vma.end <= start || vma.start >= end) return [vma];
      const below = { ...vma, end: Math.min(vma.end, start) };
      const above = { ...vma, start: Math.max(vma.start, end), index: vma.index + Math.max(0, end - vma.start) };
      return [below, above].filter((part) => part.start < part.end);
    });
    if (hit) this.free_tables(process, start, end);
  }

  /** A table goes where it maps a part of what was unmapped and nothing that is still there. */
  private free_tables(process: Process, start: number, end: number): void {
    process.tables.forEach((tables, level) => {
      const span = SPANS[level]!;
      for (const table of [...tables]) {
        const used = process.vmas.some((vma) => vma.start < (table + 1) * span && vma.end > table * span);
        if (!used && table * span < end && (table + 1) * span > start) tables.delete(table);
      }
    });
  }

  private zap(process: Process, vpn: number): void {
    const pte = process.ptes.get(vpn);
    if (pte === undefined) return;
    process.ptes.delete(vpn);
    const { frame } = pte;
    if (frame === undefined || frame.kind === 'anon') return;
    if (pte.dirty) frame.dirty = true;
    if (pte.accessed) mark_accessed(frame);
  }

  /** One access to one page; the signal that it raises. */
  access(process: Process, vpn: number, write: boolean): 'SIGSEGV' | 'SIGBUS' | undefined {
    if (vpn >= REGION_START && process !== this.host) return this.region_access(process, vpn, write);
    const vma = this.vma(process, vpn);
    if (vma === undefined || (write && !vma.writable)) return 'SIGSEGV';
    const pte = process.ptes.get(vpn);
    if (pte !== undefined && (!write || pte.writable)) {
      pte.accessed = true;
      if (write) pte.dirty = true;
      return undefined;
    }
    if (pte !== undefined) {
      this.write_protect_fault(process, vma, vpn, pte);
      return undefined;
    }
    return vma.file === undefined ? this.anonymous_fault(process, vma, vpn, write) : this.file_fault(process, vma, vma.file, vpn, write);
  }

  /** All levels, or those from `lowest` up. */
  private make_tables(process: Process, vpn: number, lowest = 0): void {
    process.tables.forEach((tables, level) => level >= lowest && tables.add(Math.floor(vpn / SPANS[level]!)));
  }

  private set(process: Process, vpn: number, frame: Frame | undefined, writable: boolean, dirty: boolean): void {
    this.make_tables(process, vpn);
    process.ptes.set(vpn, { frame, writable, accessed: true, dirty });
  }

  private anonymous_fault(process: Process, vma: Vma, vpn: number, write: boolean): undefined {
    process.minflt++;
    if (write) this.own_copy(process, vma, vpn);
    else this.set(process, vpn, undefined, false, false);
  }

  /** A fresh anonymous page, mapped writable. */
  private own_copy(process: Process, vma: Vma, vpn: number): void {
    vma.hasAnon = true;
    const frame = new Frame('anon');
    frame.exclusive = true;
    this.set(process, vpn, frame, true, true);
  }

  private write_protect_fault(process: Process, vma: Vma, vpn: number, pte: Pte): void {
    process.minflt++;
    const { frame } = pte;
    if (vma.shared) {
      frame!.dirty = true;
      Object.assign(pte, { writable: true, dirty: true, accessed: true });
    } else if (frame?.kind === 'anon' && (frame.exclusive || this.refcount(frame) === 1)) {
      frame.exclusive = true;
      Object.assign(pte, { writable: true, dirty: true, accessed: true });
    } else {
      if (frame !== undefined) this.copies++;
      this.own_copy(process, vma, vpn);
    }
  }

  private file_fault(process: Process, vma: Vma, file: File, vpn: number, write: boolean): 'SIGBUS' | undefined {
    const index = vma.index + vpn - vma.start;
    const hasTable = process.tables[0].has(Math.floor(vpn / SPANS[0]!));
    this.make_tables(process, vpn, 1);
    if (!write && this.faultAround > 1 && this.fault_around(process, vma, file, vpn, hasTable)) {
      process.minflt++;
      return undefined;
    }
    if (index >= file.pages) return 'SIGBUS';
    const cached = file.cache.get(index);
    const frame = cached ?? this.read_in(file, index);
    if (cached === undefined && file.backing === 'xfs') process.majflt++;
    else process.minflt++;
    if (!write) {
      const again = cached === undefined && file.backing === 'xfs' && this.faultAround > 1;
      if (again && this.fault_around(process, vma, file, vpn, hasTable)) return undefined;
      this.set(process, vpn, frame, read_is_writable(vma, file), false);
    } else if (vma.shared) {
      frame.dirty = true;
      this.set(process, vpn, frame, true, true);
    } else {
      this.copies++;
      this.own_copy(process, vma, vpn);
    }
    return undefined;
  }

  private read_in(file: File, index: number): Frame {
    const frame = new Frame(file.backing === 'xfs' ? 'file' : 'shmem');
    file.cache.set(index, frame);
    if (file.blocks.has(index)) this.reads++;
    return frame;
  }

  /** Maps what is cached around; whether the page itself is mapped then. */
  private fault_around(process: Process, vma: Vma, file: File, vpn: number, hasTable: boolean): boolean {
    const table = Math.floor(vpn / 512) * 512;
    const from = Math.max(Math.floor(vpn / this.faultAround) * this.faultAround, vma.start, table);
    let first = true;
    for (let at = from; at < Math.min(from + this.faultAround, vma.end, table + 512); at++) {
      const index = vma.index + at - vma.start;
      const frame = file.cache.get(index);
      if (index >= file.pages || frame === undefined || frame.reclaim) continue;
      if (first && !hasTable && file.backing === 'xfs' && index === file.pages - 1) return false;
      first = false;
      this.make_tables(process, vpn);
      if (!process.ptes.has(at)) this.set(process, at, frame, read_is_writable(vma, file), false);
    }
    return process.ptes.has(vpn);
  }

  read(open: Open, index: number, count: number): void {
    const { file } = open;
    for (let at = index; at < Math.min(index + count, file.pages); at++) {
      const cached = file.cache.get(at);
      if (cached === undefined && file.backing === 'tmpfs') continue;
      const frame = cached ?? this.read_in(file, at);
      if (file.backing === 'tmpfs' || open.previous !== at) mark_accessed(frame);
      open.previous = at;
    }
  }

  /** `part`: only some bytes of each page are written. */
  write(open: Open, index: number, count: number, part: boolean): void {
    const { file } = open;
    for (let at = index; at < index + count; at++) {
      let frame = file.cache.get(at);
      if (frame === undefined && part) frame = this.read_in(file, at);
      else if (frame === undefined) {
        frame = new Frame(file.backing === 'xfs' ? 'file' : 'shmem');
        file.cache.set(at, frame);
      }
      frame.dirty = true;
      if (file.backing === 'tmpfs') mark_accessed(frame);
      file.pages = Math.max(file.pages, at + 1);
    }
  }

  fsync(file: File, pages = Infinity): void {
    if (file.backing === 'tmpfs') return;
    for (const [index, frame] of file.cache) {
      if (!frame.dirty || index >= pages) continue;
      frame.dirty = false;
      frame.reclaim = false;
      this.writes++;
      const block = file.blocks.get(index);
      if (block === undefined || this.files.some((other) => other !== file && [...other.blocks.values()].includes(block)))
        file.blocks.set(index, {});
      for (const process of this.processes.values())
        for (const [vpn, pte] of process.ptes)
          if (pte.frame === frame && this.vma(process, vpn)!.shared) Object.assign(pte, { writable: false, dirty: false });
    }
  }

  /** The first pages of a file leave the cache and every mapping; private copies stay. */
  private invalidate(file: File, pages: number): void {
    for (const [index, frame] of [...file.cache].filter(([at]) => at < pages)) {
      for (const process of this.processes.values())
        for (const [vpn, pte] of [...process.ptes]) if (pte.frame === frame) this.zap(process, vpn);
      file.cache.delete(index);
    }
  }

  ficlone(to: File, from: File): void {
    this.fsync(from, from.pages);
    this.fsync(to, from.pages);
    this.invalidate(to, from.pages);
    to.blocks = new Map([...[...to.blocks].filter(([index]) => index >= from.pages), ...from.blocks]);
    to.pages = Math.max(to.pages, from.pages);
  }

  drop_caches(): void {
    for (const file of this.files)
      for (const [index, frame] of [...file.cache]) {
        if (this.mapcount(frame) > 0) continue;
        if (!frame.dirty) file.cache.delete(index);
        else Object.assign(frame, { active: false, referenced: false, reclaim: true });
      }
  }

  dontneed(process: Process, start: number, count: number): void {
    for (let vpn = start; vpn < start + count; vpn++) this.zap(process, vpn);
  }

  fork(parent: Process): Process {
    const child = new Process(parent.files);
    child.vmas = parent.vmas.map((vma) => ({ ...vma }));
    child.attached = parent.attached;
    for (const vma of parent.vmas.filter((each) => each.hasAnon)) {
      for (const table of parent.tables[0])
        if (table * 512 < vma.end && (table + 1) * 512 > vma.start) this.make_tables(child, Math.max(vma.start, table * 512));
      for (const [vpn, pte] of parent.ptes) {
        if (vpn < vma.start || vpn >= vma.end) continue;
        pte.writable = false;
        if (pte.frame?.kind === 'anon') pte.frame.exclusive = false;
        child.ptes.set(vpn, { ...pte, accessed: false });
      }
    }
    return child;
  }

  exit(pid: number): void {
    const process = this.processes.get(pid)!;
    for (const vpn of [...process.ptes.keys()]) this.zap(process, vpn);
    this.processes.delete(pid);
  }
}

/** Shared, writable shmem: nothing has to be told of a store. */
const read_is_writable = (vma: Vma, file: File): boolean => vma.shared && vma.writable && file.backing === 'tmpfs';

/** The first time referenced, the second time active. */
function mark_accessed(frame: Frame): void {
  if (!frame.referenced) frame.referenced = true;
  else if (!frame.active) Object.assign(frame, { active: true, referenced: false });
}

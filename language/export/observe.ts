import { Xattr } from '../simulator/fs/overlayfs/inode';
import type { Machine } from '../simulator/machine';
import { Content } from '../simulator/state/content';
import type { ObjectRef, Value } from '../simulator/value';
import { hex } from './addresses';
import { contentHash } from './hash';
import { type Fields, KPF, MOST_PAGES, type Observation, subject } from './observation';

const PAGE = 4096n;

/** Looks at the simulator's machine as the C program looks at the real one. */
export class Observer {
  /** Whether ksmd has run: from then on its counts are looked at. */
  ksm = false;
  /** How often a frame has been freed: with its number, what tells frames apart. */
  private readonly generations = new Map<number, number>();

  constructor(
    private readonly machine: Machine,
    private readonly paths: ReadonlySet<string>,
  ) {}

  retire(pfn: number, count: number): void {
    for (let frame = pfn; frame < pfn + count; frame++) this.generations.set(frame, (this.generations.get(frame) ?? 0) + 1);
  }

  faults(who: number | 'kernel'): { minflt: bigint; majflt: bigint } {
    if (who === 'kernel') return { minflt: 0n, majflt: 0n };
    const process: ObjectRef = { kind: 'process', id: who };
    return { minflt: this.number('process', 'minflt', process), majflt: this.number('process', 'majflt', process) };
  }

  /** Pages of mappings that would be looked at, over all processes. */
  get width(): number {
    const { kernel } = this.machine;
    let pages = 0;
    for (let pid = 1; pid <= kernel.tasks.count; pid++)
      if (this.machine.alive(pid))
        for (const vma of this.vmas(pid))
          pages += Math.min(MOST_PAGES, Number((this.number('vma', 'end', vma) - this.number('vma', 'start', vma)) / PAGE));
    return pages;
  }

  observe(): Observation {
    const facts = new Map<string, Fields>();
    const frames = new Map<string, string>();
    const { kernel } = this.machine;
    for (let pid = 1; pid <= kernel.tasks.count; pid++) {
      if (!this.machine.alive(pid)) continue;
      const name = subject.pid(pid);
      facts.set(subject.process(name), { VmPTE: String(this.number('process', 'page_tables', { kind: 'process', id: pid }) / 1024n) });
      for (const vma of this.vmas(pid)) this.vma(pid, name, vma, facts, frames);
    }
    for (const path of this.paths) this.file(path, facts, frames);
    if (this.ksm) facts.set('KSM', this.ksmCounts());
    return { facts, frames };
  }

  private ksmCounts(): Fields {
    return Object.fromEntries(
      Object.entries(KSM).map(([field, observable]) => [field, String(this.machine.observe('memory', observable))]),
    );
  }

  /** The VMAs of a process, ascending. */
  private vmas(pid: number): ObjectRef[] {
    const { kernel } = this.machine;
    const found: ObjectRef[] = [];
    kernel.space4.of(kernel.task.mm.get(pid)).vma.runs(0, 2 ** 35, (_at, _n, id) => {
      if (id !== 0 && found[found.length - 1]?.id !== id) found.push({ kind: 'vma', id });
    });
    return found;
  }

  private vma(pid: number, name: string, vma: ObjectRef, facts: Map<string, Fields>, frames: Map<string, string>): void {
    const start = this.number('vma', 'start', vma);
    const end = this.number('vma', 'end', vma);
    const prot = Number(this.number('vma', 'prot', vma));
    const kb = (field: string): string => String(this.number('vma', field, vma) / 1024n);
    facts.set(subject.vma(name, hex(start)), {
      end: hex(end),
      perms: `${prot & 1 ? 'r' : '-'}${prot & 2 ? 'w' : '-'}${prot & 4 ? 'x' : '-'}${this.machine.observe('vma', 'shared', vma) ? 's' : 'p'}`,
      ...Object.fromEntries(Object.entries(SMAPS).map(([field, observable]) => [field, kb(observable)])),
    });
    const pages = Number((end - start) / PAGE);
    for (let i = 0; i < Math.min(pages, MOST_PAGES); i++) {
      const address = start + BigInt(i) * PAGE;
      const pte = this.machine.pte(pid, address);
      if (pte === undefined) continue;
      const at = subject.pte(name, hex(address));
      const guarded = { ...(this.machine.observe('pte', 'uffd_wp', pte) === true && { uffd_wp: '1' }) };
      if (this.machine.observe('pte', 'special', pte) === true) facts.set(at, { is: 'the zero page', ...guarded });
      else if (this.machine.observe('pte', 'present', pte) === true) {
        const page = this.machine.observe('pte', 'page', pte) as ObjectRef;
        facts.set(at, {
          is: 'a page',
          exclusive: String(this.machine.observe('pte', 'exclusive', pte)),
          ...guarded,
          ...this.pageFields(page),
        });
        frames.set(at, this.identity(page.id));
      } else if (this.machine.observe('pte', 'swapped', pte) === true) facts.set(at, { is: 'swapped out', ...guarded });
      else if (this.machine.observe('pte', 'guard', pte) === true) facts.set(at, { is: 'a guard' });
      else if (guarded.uffd_wp !== undefined || this.machine.observe('pte', 'poisoned', pte) === true)
        facts.set(at, { is: 'swapped out', ...guarded }); // pagemap shows other markers as if they were swap entries
    }
  }

  private file(path: string, facts: Map<string, Fields>, frames: Map<string, string>): void {
    const file = this.machine.file(path);
    const { inode } = this.machine.kernel;
    if (file === undefined || inode.directory.get(file.id) !== 0 || inode.xattr.get(file.id) === Xattr.Whiteout) return;
    const size = this.number('file', 'size', file);
    const pages = Number((size + PAGE - 1n) / PAGE);
    let cached = 0;
    for (let index = 0; index < Math.min(pages, MOST_PAGES); index++) {
      const page = this.machine.page(file, index);
      if (page === undefined) continue;
      cached++;
      if (this.machine.observe('flags', 'uptodate', page) !== true) continue; // mincore(2) does not show it, cachestat(2) counts it
      const content = this.machine.observe('page', 'content', page);
      const length = Math.min(4096, Number(size) - index * 4096);
      const at = subject.page(path, index);
      facts.set(at, {
        is: 'cached',
        ...this.pageFields(page),
        ...(content instanceof Content && { content: contentHash(content.slice(0, length)) }),
      });
      frames.set(at, this.identity(page.id));
    }
    facts.set(subject.file(path), { size: String(size), cached: String(cached) });
  }

  private pageFields(page: ObjectRef): Record<string, string> {
    const flags = (Object.keys(KPF) as (keyof typeof KPF)[]).filter((flag) => this.machine.observe('flags', flag, page) === true);
    return { mapcount: String(this.machine.observe('page', 'mapcount', page)), ...Object.fromEntries(flags.map((flag) => [flag, '1'])) };
  }

  private identity(pfn: number): string {
    return `${pfn}.${this.generations.get(pfn) ?? 0}`;
  }

  private number(of: string, name: string, ref: ObjectRef): bigint {
    const value: Value | undefined = this.machine.observe(of, name, ref);
    return typeof value === 'bigint' ? value : 0n;
  }
}

/** Fields of /proc/PID/smaps and the observables that stand for them; kB. */
export const SMAPS = {
  Rss: 'rss',
  Pss: 'pss',
  Shared_Clean: 'shared_clean',
  Shared_Dirty: 'shared_dirty',
  Private_Clean: 'private_clean',
  Private_Dirty: 'private_dirty',
  Referenced: 'referenced',
  Anonymous: 'anonymous',
  KSM: 'ksm',
  Swap: 'swap',
  SwapPss: 'swap_pss',
} as const;

/** Counts of /sys/kernel/mm/ksm, and the observables that are them. */
export const KSM = {
  pages_shared: 'ksm_shared',
  pages_sharing: 'ksm_sharing',
  pages_unshared: 'ksm_unshared',
  pages_volatile: 'ksm_volatile',
  ksm_zero_pages: 'ksm_zero_pages',
  general_profit: 'ksm_profit',
} as const;

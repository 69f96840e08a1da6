import { mapped } from './fs/extents';
import { is_newest, is_tracked } from './fs/newest';
import { filemap_get_entry } from './mm/filemap';
import { present_ptes, vma_interval_tree_foreach } from './mm/rmap';
import { any, PG } from './state/flags';
import type { Kernel } from './state/kernel';
import { NONE, target } from './state/shift';
import { TASK_PAGES } from './state/units';

/** Frames or blocks of which one journal record changed the content, and what they held before. */
interface Changed {
  readonly first: number;
  readonly count: number;
  readonly old: number;
}

/** The number of what frames held before the step, and of what they hold now. */
interface Bytes {
  readonly old: number;
  readonly now: number;
}

/**
 * I6, isolation: a write through one inode never changes what another returns. Of a step it looks at the frames and blocks whose content changed:
 * whoever sees them, through a cache or a PTE, and was not written in the step, must still see the newest content of its own.
 */
export class Isolation {
  private frames: Changed[] = [];
  private blocks: (Changed & { readonly device: number })[] = [];
  /** Frames that were free when the step began: nobody saw what they held. */
  private fresh: { readonly first: number; readonly end: number }[] = [];
  private readonly written = new Set<number>();

  constructor(private readonly k: Kernel) {}

  frame(first: number, count: number, old: number): void {
    this.frames.push({ first, count, old });
  }

  block(device: number, first: number, count: number, old: number): void {
    this.blocks.push({ device, first, count, old });
  }

  allocated(first: number, count: number): void {
    this.fresh.push({ first, end: first + count });
  }

  wrote(inode: number): void {
    this.written.add(inode);
  }

  /** The end of the step: checks, and forgets. */
  check(): void {
    for (const { first, count, old } of this.frames) this.frames_changed(first, count, old);
    for (const { device, first, count, old } of this.blocks) this.blocks_changed(device, first, count, old);
    if (this.frames.length > 0) this.frames = [];
    if (this.blocks.length > 0) this.blocks = [];
    if (this.fresh.length > 0) this.fresh = [];
    if (this.written.size > 0) this.written.clear();
  }

  private frames_changed(pfn: number, count: number, old: number): void {
    const { k } = this;
    k.page.flags.runs(pfn, count, (first, n, flags) => {
      if (any(flags, PG.anon) || this.fresh.some((run) => run.first <= first && first + n <= run.end)) return;
      k.page.content.runs(first, n, (start, some, now) => {
        if (k.contents.run(old, start, some).equals(k.contents.run(now, start, some))) return;
        k.design.readers(k, start, some, (mapping, index, frame, length) => {
          this.seen(k.mapping.host.get(mapping), index, frame, length, { old, now });
        });
        k.page.mapcount.runs(start, some, (frame, length, mapcount) => {
          if (mapcount > 0) this.mapped(frame, length, mapcount, { old, now });
        });
      });
    });
  }

  /** PTEs that map the frames for other files than those that cache them. */
  private mapped(pfn: number, count: number, mapcount: number, bytes: Bytes): void {
    const { k } = this;
    if (this.told()) return;
    let known = 0;
    k.design.readers(k, pfn, count, (mapping, index, frame, length) => {
      vma_interval_tree_foreach(k, mapping, index, length, (vma, vpn, n) => {
        for (const run of present_ptes(k, k.vma.mm.get(vma), vpn, n))
          known += Math.max(0, Math.min(run.pfn + run.count, frame + length) - Math.max(run.pfn, frame));
      });
    });
    if (known >= mapcount * count) return;
    for (let mm = 1; mm <= k.mms.count; mm++)
      k.space4.of(mm).pfn.runs(0, TASK_PAGES, (at, n, value) => {
        if (value === NONE) return;
        const from = Math.max(target(at, value), pfn);
        const to = Math.min(target(at, value) + n, pfn + count);
        if (from < to) this.seen_by_vmas(mm, at + from - target(at, value), to - from, from, bytes);
      });
  }

  private seen_by_vmas(mm: number, vpn: number, count: number, pfn: number, bytes: Bytes): void {
    const { k } = this;
    k.space4.of(mm).vma.runs(vpn, count, (at, n, vma) => {
      const mapping = k.vma.mapping.get(vma);
      if (mapping !== 0) this.seen(k.mapping.host.get(mapping), at - k.vma.start.get(vma) + k.vma.pgoff.get(vma), pfn + at - vpn, n, bytes);
    });
  }

  private seen(inode: number, index: number, pfn: number, count: number, { old, now }: Bytes): void {
    const { k } = this;
    if (this.told() || this.written.has(inode) || !is_tracked(k, inode)) return;
    if (is_newest(k, inode, index, now, pfn, count) || !is_newest(k, inode, index, old, pfn, count)) return;
    k.violate('I6', `frame ${pfn} was written, and ${this.name(inode)}, which nobody wrote, returns it at page ${index}`);
  }

  private blocks_changed(device: number, block: number, count: number, old: number): void {
    const { k } = this;
    const { content, refcount } = k.device.of(device);
    refcount.runs(block, count, (first, n, references) => {
      if (references < 2) return;
      for (let inode = 1; inode <= k.inodes.count; inode++) {
        const mount = k.inode.mount.get(inode);
        if (this.written.has(inode) || mount === 0 || k.mount.device.get(mount) !== device) continue;
        for (const run of mapped(k, inode, 0, 2 ** 52)) {
          const from = Math.max(first, run.block);
          const to = Math.min(first + n, run.block + run.count);
          if (from >= to || run.unwritten) continue;
          content.runs(from, to - from, (at, length, number) => {
            const index = run.index + at - run.block;
            const cached = filemap_get_entry(k, k.inode.mapping.get(inode), index, 1).pfn !== 0;
            if (cached || is_newest(k, inode, index, number, at, length) || !is_newest(k, inode, index, old, at, length)) return;
            k.violate('I6', `block ${at} was written, and ${this.name(inode)}, which nobody wrote, has it at page ${index}`);
          });
        }
      }
    });
  }

  /** A step tells of one violation: the rest need not be looked for. */
  private told(): boolean {
    return this.k.violated.some(({ invariant }) => invariant === 'I6');
  }

  private name(inode: number): string {
    return this.k.names.text(this.k.inode.path.get(inode));
  }
}

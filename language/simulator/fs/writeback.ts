import { any, clear, PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { zero_behind_eof } from '../mm/folio_zero';
import { NONE, target } from '../state/shift';
import { PAGE_SIZE } from '../state/units';
import { whole_folios } from '../mm/folio';
import { in_one_go, once } from '../kernel/sleep';
import { folio_end_dropbehind, wait_for_io, write_submitted } from '../mm/folio_wait';
import { folio_mkclean } from '../mm/rmap';
import { set_disk_size } from './disk_size';
import { device_of } from './extents';
import { filesystem_of, writeback_ops } from './filesystem';
import { copy_to_device } from './read_folio';

interface Run {
  readonly at: number;
  readonly n: number;
}

/** Writes the dirty pages among `count` pages from `index` of a file to disk, and waits until they are there. Gives how many there were. */
export function filemap_write_and_wait_range(k: Kernel, inode: number, index: number, count: number): number {
  const written = once(k, () => filemap_fdatawrite_range(k, inode, index, count, true));
  wait_for_io(k, k.inode.mapping.get(inode), index, count, false);
  return written;
}

/** Gives the dirty pages of a range to the disk. One that is still being written is waited for first with `sync` (WB_SYNC_ALL), else passed over. Gives how many. */
export function filemap_fdatawrite_range(k: Kernel, inode: number, index: number, count: number, sync: boolean): number {
  const mapping = k.inode.mapping.get(inode);
  if (k.mapping.nrdirty.get(mapping) === 0) return 0;
  const range = k.options.largeFolios ? whole_range(k, mapping, index, count) : { index, count };
  filesystem_of(k, inode).a_ops.writeback?.begins?.(k, inode, range.index, range.count);
  const dirty = dirty_pages(k, mapping, range.index, range.count, sync);
  if (dirty.length === 0) return 0;
  const { writepages } = filesystem_of(k, inode).a_ops;
  return k.in('do_writepages', 1, () => {
    if (writepages !== undefined) in_one_go(k, () => writepages(k, inode, dirty));
    if (writepages !== undefined) return dirty.reduce((sum, { n }) => sum + n, 0);
    let written = 0;
    for (const { at, n } of dirty) {
      write_run(k, inode, mapping, at, n);
      written += n;
    }
    if (k.nap === undefined) for (const { at, n } of dirty) end_dropbehind(k, mapping, at, n);
    return written;
  });
}

/** Writeback of pages has ended at once, as nobody may sleep: those that are to be dropped are. */
function end_dropbehind(k: Kernel, mapping: number, index: number, count: number): void {
  const cached: { pfn: number; n: number }[] = [];
  k.space.of(mapping).pages.runs(index, count, (at, n, value) => {
    if (value !== NONE) cached.push({ pfn: target(at, value), n });
  });
  for (const { pfn, n } of cached) folio_end_dropbehind(k, pfn, n);
}

function dirty_pages(k: Kernel, mapping: number, index: number, count: number, sync: boolean): Run[] {
  const found: Run[] = [];
  const { dirty, pages } = k.space.of(mapping);
  dirty.runs(index, count, (at, n, value) => {
    if (value !== 0) found.push({ at, n });
  });
  if (sync) for (const { at, n } of found) wait_for_io(k, mapping, at, n, false);
  if (sync || k.nap === undefined) return found;
  const idle: Run[] = [];
  for (const { at, n } of found)
    pages.runs(at, n, (from, length, value) => {
      k.page.flags.runs(target(from, value), length, (pfn, some, flags) => {
        if (!any(flags, PG.writeback)) idle.push({ at: from + pfn - target(from, value), n: some });
      });
    });
  return idle;
}

/** A range of a file, widened to the whole folios at its ends: writeback cleans these as one. */
function whole_range(k: Kernel, mapping: number, index: number, count: number): { index: number; count: number } {
  const { pages } = k.space.of(mapping);
  const widened = (at: number): { from: number; to: number } => {
    const value = pages.get(at);
    if (value === NONE) return { from: at, to: at + 1 };
    const { pfn, count: n } = whole_folios(k, target(at, value), 1);
    const from = at - (target(at, value) - pfn);
    return { from, to: from + n };
  };
  const { from } = widened(index);
  return { index: from, count: widened(index + count - 1).to - from };
}

/** One run of dirty pages: cleaned, given blocks, written. */
function write_run(k: Kernel, inode: number, mapping: number, index: number, count: number): void {
  const { pages } = k.space.of(mapping);
  const device = device_of(k, inode);
  const writeback = writeback_ops(k, inode);
  for (let at = index; at < index + count;) {
    if (writeback.inline?.(k, inode, at) === true) {
      const pfn = target(at, pages.get(at));
      folio_clear_dirty_for_io(k, mapping, at, pfn, 1);
      at += 1;
      continue;
    }
    const to = writeback.map_blocks(k, inode, at, index + count - at);
    for (let done = 0; done < to.count;) {
      const here = at + done;
      const value = pages.get(here);
      if (value === NONE) throw new Error(`index ${here} is dirty but not cached`);
      const n = pages.runEnd(here, at + to.count) - here;
      write_frames(k, inode, here, target(here, value), n, device, to.block + done);
      done += n;
    }
    k.count('disk_writes', to.disk ?? to.count);
    writeback.end_io(k, inode, at, to);
    set_disk_size(k, inode, (at + to.count) * PAGE_SIZE);
    for (let done = 0; done < to.count;) {
      const n = pages.runEnd(at + done, at + to.count) - at - done;
      write_submitted(k, target(at + done, pages.get(at + done)), n);
      done += n;
    }
    k.design.device_written(k, device, to.block, to.count, to.fresh !== undefined);
    k.design.written_back(k, mapping, at, to.count, device, to.block);
    at += to.count;
  }
}

function write_frames(k: Kernel, inode: number, index: number, pfn: number, count: number, device: number, block: number): void {
  folio_clear_dirty_for_io(k, k.inode.mapping.get(inode), index, pfn, count);
  zero_behind_eof(k, inode, index, pfn, count);
  k.in('folio_start_writeback', count, () => {
    const folios = whole_folios(k, pfn, count);
    k.page.flags.update(folios.pfn, folios.count, (flags) => set(flags, PG.writeback));
    k.trace.effect('{frames:0} under writeback', count, pfn);
  });
  k.in('submit_bio', count, () => {
    copy_to_device(k, device, block, pfn, count);
    k.trace.effect('{frames:0} written to {blocks:1}', count, pfn, block);
  });
}

/** `folio_clear_dirty_for_io()` for `count` pages from `index`, in frames from `pfn`: clean, and write-protected in shared mappings. */
export function folio_clear_dirty_for_io(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  k.in('folio_clear_dirty_for_io', count, () => {
    folio_mkclean(k, mapping, index, count);
    const folios = whole_folios(k, pfn, count);
    if (folios.count > count) folio_mkclean(k, mapping, index - (pfn - folios.pfn), folios.count);
    let cleaned = 0;
    k.page.flags.runs(folios.pfn, folios.count, (at, n, flags) => {
      if (!any(flags, PG.dirty)) return;
      k.page.flags.fill(at, n, clear(flags, PG.dirty));
      cleaned += n;
    });
    k.space.of(mapping).dirty.fill(index, count, 0);
    k.mapping.nrdirty.set(mapping, k.mapping.nrdirty.get(mapping) - cleaned);
    k.count('nr_dirty', -cleaned);
  });
}

/** Gives everything to the disk that is dirty in the whole system. */
export function writeback_all(k: Kernel): void {
  for (let inode = 1; inode <= k.inodes.count; inode++) filemap_fdatawrite_range(k, inode, 0, 2 ** 52, false);
}

import type { Kernel } from '../state/kernel';
import { refer } from '../state/shift';
import { settle_disk_size } from './disk_size';
import { device_of, extents_end, free_extents, mapped } from './extents';
import type { Pair } from './filesystem';
import { cloned_whole } from './newest';

/** The whole of `source` also becomes the content of `target`: same blocks, each with one reference more. No page moves. */
export function share_extents(k: Kernel, source: number, target: number): void {
  if (source === target) return;
  share_range(k, { source, target }, 0, 0, Math.max(extents_end(k, source), extents_end(k, target)), { unwritten: true });
  cloned_whole(k, source, target);
  k.inode.inline.set(target, k.inode.inline.get(source));
  k.inode.nocow.set(target, k.inode.nocow.get(source));
  k.inode.size.set(target, k.inode.size.get(source));
  settle_disk_size(k, target);
}

/**
 * `count` blocks of `source` from `from` also become `target`'s from `to`, in place of what it had there. Blocks not written yet become holes,
 * or with `unwritten` are shared as they are.
 */
export function share_range(
  k: Kernel,
  { source, target }: Pair,
  from: number,
  to: number,
  count: number,
  how: { unwritten?: boolean; dedupe?: boolean } = {},
): void {
  for (const inode of [source, target]) k.inode.reflink.set(inode, 1);
  const runs = mapped(k, source, from, count).filter((run) => how.unwritten === true || !run.unwritten);
  const { refcount } = k.device.of(device_of(k, source));
  for (const run of runs) refcount.add(run.block, run.count, 1);
  free_extents(k, target, to, count);
  const columns = k.extents.of(target);
  for (const run of runs) {
    const index = run.index - from + to;
    columns.blocks.fill(index, run.count, refer(index, run.block));
    if (run.unwritten) columns.unwritten.fill(index, run.count, 1);
    k.trace.effect('{blocks:0} now also belong to {file:1}', run.count, run.block, target);
  }
  for (const host of k.hosts) host.design.cloned(host, source, target, from, to, count, how.dedupe === true);
}

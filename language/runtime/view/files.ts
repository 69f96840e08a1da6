import { AddressSpaceKind, type Kernel } from '../../simulator/state/kernel';
import { PAGE_SIZE, pagesOf } from '../../simulator/state/units';
import { device_of, mapped } from '../../simulator/fs/extents';
import { filesystem_at } from '../../simulator/fs/filesystem';
import { cached_inode } from '../../simulator/fs/overlayfs/inode';
import type { Asked } from './asked';
import { band, type Unfinished } from './band';
import { amounts, finishAmounts, type Pending } from './amounts';
import { fileId, pageSlots } from './pages';
import type { Touched } from './touched';
import type { Extent, FileRow, Listing } from './types';

/** Extents of a file that are listed; "N more" says how many aren't. */
const MOST_EXTENTS = 12;
export const FILE_AMOUNTS = ['size', 'cached', 'dirty'];

/** Inodes that can have pages cached: files, shared anonymous memory, a design's own cache; not directories, nor what stands for a real file. */
export function filesOf(k: Kernel): number[] {
  const found: number[] = [];
  for (let inode = 1; inode <= k.inodes.count; inode++)
    if (k.inode.directory.get(inode) === 0 && k.inode.mapping.get(inode) !== 0 && cached_inode(k, inode) === inode) found.push(inode);
  return found;
}

/** Whether it stands for a design's cache of device blocks. */
function isDevice(k: Kernel, inode: number): boolean {
  return (k.mapping.aops.get(k.inode.mapping.get(inode)) as AddressSpaceKind) === AddressSpaceKind.Device;
}

/** A cache of blocks has no size; what it holds is counted in its mapping. */
function cachedPages(k: Kernel, inode: number): Pending {
  const ask = () => k.mapping.nrpages.get(k.inode.mapping.get(inode)) * PAGE_SIZE;
  return { amount: { name: 'cached', value: ask(), unit: 'bytes', doc: 'Pages in this cache.' }, ask };
}

/** Pages of the index space of a file's cache: its size, or for a cache of device blocks as far as it reaches. */
export function pagesIn(k: Kernel, inode: number): number {
  const mapping = k.inode.mapping.get(inode);
  return isDevice(k, inode) ? k.space.of(mapping).pages.runStart(Number.MAX_SAFE_INTEGER, 0) : pagesOf(k.inode.size.get(inode));
}

/** `before`: pages that each file had before the step, where that has changed. */
export function files(k: Kernel, asked: Asked, touched: Touched, before: ReadonlyMap<number, number>): Unfinished<Listing<FileRow>> {
  const all = filesOf(k);
  const rows = all.slice(0, asked.want.files).map((inode, index) => fileRow(k, inode, index, asked, touched, before));
  return () => ({ rows: rows.map((finish) => finish()), total: all.length });
}

function fileRow(
  k: Kernel,
  inode: number,
  index: number,
  asked: Asked,
  touched: Touched,
  before: ReadonlyMap<number, number>,
): Unfinished<FileRow> {
  const id = fileId(inode);
  const pages = Math.max(pagesIn(k, inode), before.get(inode) ?? 0);
  const isOpen = asked.isOpen(id, index);
  const finish = isOpen ? band(pageSlots(k, inode, pages), asked, touched) : undefined;
  const numbers = isDevice(k, inode) ? [cachedPages(k, inode)] : amounts(k, 'file', FILE_AMOUNTS, { kind: 'file', id: inode });
  const extents = extentsOf(k, inode, pages);
  const path = k.names.text(k.inode.path.get(inode)) || `inode ${inode}`;
  const type = typeOf(k, inode);
  return () => {
    const changes = touched.of(`blocks:${inode}`).length > 0 ? extentChanges(k, inode, extents) : [];
    return {
      id,
      path,
      type,
      amounts: finishAmounts(numbers),
      extents: { rows: extents.slice(0, MOST_EXTENTS), total: extents.length },
      ...(finish === undefined ? {} : { band: finish() }),
      ...(k.inode.mapping.get(inode) === 0 ? { mark: 'A' } : changes.length > 0 ? { mark: 'M', changes } : {}),
    };
  };
}

/** In the state before: where it lay then. */
function extentChanges(k: Kernel, inode: number, extents: readonly Extent[]): { name: string; from: string; to: string }[] {
  const text = (all: readonly Extent[]) =>
    all
      .slice(0, 4)
      .map(({ block, count }) => `${block}…${block! + count - 1}`)
      .join(' ') || 'none';
  const [from, to] = [text(extentsOf(k, inode, pagesIn(k, inode))), text(extents)];
  return from === to ? [] : [{ name: 'blocks', from, to }];
}

function extentsOf(k: Kernel, inode: number, pages: number): Extent[] {
  const device = device_of(k, inode);
  if (device === 0 || pages === 0) return [];
  const { refcount } = k.device.of(device);
  const found: Extent[] = [];
  for (const run of mapped(k, inode, 0, pages)) {
    refcount.runs(run.block, run.count, (block, count, owners) => {
      found.push({ from: run.index + block - run.block, count, block, refcount: owners });
    });
  }
  return found;
}

/** The filesystem's type, or what else holds the pages. */
function typeOf(k: Kernel, inode: number): string {
  const mount = k.inode.mount.get(inode);
  if (mount !== 0) return filesystem_at(k, mount).name;
  return isDevice(k, inode) ? 'cached by block' : 'shared anonymous';
}

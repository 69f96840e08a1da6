import { any, PG } from '../../simulator/state/flags';
import { AddressSpaceKind, FrameType, type Kernel } from '../../simulator/state/kernel';
import { target } from '../../simulator/state/shift';
import { cachedIn } from './cachedIn';
import { letters, LEGEND, type FrameKind } from './legend';
import { grouped, type Look, type Slots, span } from './slots';
import type { Cell } from './types';

export const FRAMES = 'frames';

const MOST_INODES = 64;

/** The process that has an address space. */
export type NameOf = (mm: number) => string;

/** What a frame is, from its `struct page`. */
export function kindOf(k: Kernel, pfn: number): FrameKind {
  if (pfn === 0) return 'zero';
  const type: FrameType = k.page.type.get(pfn);
  if (type === FrameType.Free) return 'free';
  if (type === FrameType.PageTable) return 'table';
  const flags = k.page.flags.get(pfn);
  if (any(flags, PG.ksm)) return 'ksm';
  if (any(flags, PG.anon)) return 'anon';
  const mapping = k.page.mapping.get(pfn);
  if (mapping <= 0) return 'page';
  const aops: AddressSpaceKind = k.mapping.aops.get(mapping);
  return aops === AddressSpaceKind.Shmem ? 'shmem' : aops === AddressSpaceKind.Device ? 'device' : 'file';
}

/** The path that a mapping belongs to. */
export function pathOf(k: Kernel, mapping: number): string {
  return k.names.text(k.inode.path.get(k.mapping.host.get(mapping))) || `mapping ${mapping}`;
}

/** `a[3]` for page 3 of /data/a, the first bytes of anonymous memory, the owner of a table. */
export function noteOf(k: Kernel, pfn: number, kind: FrameKind, nameOf: NameOf): string {
  const mapping = k.page.mapping.get(pfn);
  switch (kind) {
    case 'file':
    case 'shmem':
      return `${pathOf(k, mapping).replace(/^.*\//, '')}[${target(pfn, k.page.index.get(pfn))}]`;
    case 'device':
      return readersOf(k, pfn);
    case 'anon':
    case 'ksm':
      return firstBytes(k, pfn);
    case 'table':
      return nameOf(mapping);
    default:
      return '';
  }
}

/** The files that are served from a page of a design's cache: `a[0] b[0]`. With very many files nobody looks for them. */
function readersOf(k: Kernel, pfn: number): string {
  const slots = k.inodes.count > MOST_INODES ? [] : cachedIn(k, pfn).filter(({ own }) => !own);
  return slots.map(({ inode, index }) => `${k.names.text(k.inode.path.get(inode)).replace(/^.*\//, '')}[${index}]`).join(' ');
}

/** The first characters that a frame holds: `"ABAB"`, `0`. */
export function firstBytes(k: Kernel, pfn: number): string {
  const content = k.contents.at(k.page.content.get(pfn), pfn);
  if (content.isZero()) return 'zeros';
  const text = Array.from(content.bytes(0, 4), (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
  return `"${text}"`;
}

/** End of the run of frames from `pfn` that agree in everything that is shown. */
export function frameEnd(k: Kernel, pfn: number, limit: number): number {
  const { type, flags, refcount, mapcount, mapping, index, content, memcg } = k.page;
  // Page tables of different processes count as alike: their owner is told slot by slot.
  const isTable = (type.get(pfn) as FrameType) === FrameType.PageTable;
  let end = limit;
  for (const column of isTable ? [type, refcount] : [type, flags, refcount, mapcount, mapping, index, memcg]) end = column.runEnd(pfn, end);
  return any(flags.get(pfn), PG.anon) ? content.runEnd(pfn, end) : end;
}

/** All physical memory: frame 0 is the zero page, the others are the machine's. */
export function frameSlots(k: Kernel, nameOf: NameOf): Slots {
  return {
    id: FRAMES,
    space: 'frames',
    touched: FRAMES,
    from: 0,
    count: k.options.memory + 1,
    look: (at, limit) => frameLook(k, at, limit, nameOf),
    name: (at, count) => `${count === 1 ? 'frame' : 'frames'} ${span(at, count)}`,
    text({ count, cell }) {
      const kind = LEGEND.kinds.find((entry) => entry.kind === cell.kind)!;
      if (cell.kind === 'free') return `${grouped(count)} free frames`;
      const owner = k.page.mapping.get(cell.at);
      const of = cell.kind === 'table' || owner <= 0 ? '' : ` of ${pathOf(k, owner)}`;
      return `${grouped(count)} frames: ${kind.name}${of}`;
    },
  };
}

function frameLook(k: Kernel, pfn: number, limit: number, nameOf: NameOf): Look {
  const kind = kindOf(k, pfn);
  const end = pfn === 0 ? 1 : Math.max(pfn + 1, frameEnd(k, pfn, limit));
  const flags = k.page.flags.get(pfn);
  const mapcount = k.page.mapcount.get(pfn);
  const note = noteOf(k, pfn, kind, nameOf);
  const bits = [PG.dirty, PG.writeback, PG.referenced, PG.active].map((bit) => any(flags, bit));
  const cell: Cell = { at: pfn, pfn, kind, flags: letters(LEGEND.frameFlags, bits), mapcount, ...(note === '' ? {} : { note }) };
  const memcg = k.page.memcg.get(pfn);
  const facts = {
    mapcount,
    refcount: k.page.refcount.get(pfn),
    uptodate: Number(any(flags, PG.uptodate)),
    'anon-exclusive': Number(any(flags, PG.anon_exclusive)),
    ...(memcg === 0 ? {} : { 'charged to': k.names.text(k.cgroup.path.get(memcg)) }),
    ...(kind === 'anon' ? { content: note } : {}),
  };
  return { count: end - pfn, cell, consecutive: true, empty: kind === 'free', facts };
}

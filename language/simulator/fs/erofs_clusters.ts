import type { Content } from '../state/content';
import type { Piece } from '../state/pieces';
import { PAGE_SIZE } from '../state/units';
import { information } from './btrfs_compression';

/** Most that one physical cluster gives, bytes (`Z_EROFS_PCLUSTER_MAX_DSIZE`). */
const MAX_DSIZE = 12 * 1024 * 1024;

/** A stretch of a file on a compressed image, bytes: one compressed block, or `plain` blocks that did not get smaller. */
export interface Cluster {
  readonly start: number;
  readonly end: number;
  readonly plain: boolean;
}

/** How `mkfs.erofs -zlz4` (`-C4096`) cuts a file: as many bytes into each block as fit compressed. Simulator choice: sizes are estimated as those of btrfs. */
export function clusters_of(content: Content): readonly Cluster[] {
  const clusters: Cluster[] = [];
  for (let at = 0; at < content.length;) {
    const rest = content.slice(at, Math.min(content.length, at + MAX_DSIZE));
    const [first] = rest.pieces;
    const whole = first?.kind === 'random' ? first.length - (first.length % PAGE_SIZE) : 0;
    const length = whole || fitting(rest, PAGE_SIZE);
    const plain = whole > 0 || length <= PAGE_SIZE;
    const taken = plain ? Math.min(rest.length, Math.max(whole, PAGE_SIZE)) : length;
    const last = clusters[clusters.length - 1];
    if (plain && last?.plain === true) clusters[clusters.length - 1] = { ...last, end: at + taken };
    else clusters.push({ start: at, end: at + taken, plain });
    at += taken;
  }
  return clusters;
}

/** Bytes from the start of a content that come to at most `room` bytes compressed. */
function fitting(content: Content, room: number): number {
  let taken = 0;
  let left = room;
  for (const piece of content.pieces) {
    const size = information(piece);
    if (size > left) return taken + part_fitting(piece, left);
    taken += piece.length;
    left -= size;
  }
  return taken;
}

function part_fitting(piece: Piece, room: number): number {
  if (piece.kind !== 'cycle') return room;
  const { of, phase } = piece;
  return Math.min(piece.length, fitting(of.slice(phase, of.length).concat(of.slice(0, phase)), room));
}

/** Blocks of the image that hold bytes `from` to `to` of a cluster. */
export function blocks_of({ start, plain }: Cluster, from: number, to: number): number {
  return plain ? Math.floor((to - 1 - start) / PAGE_SIZE) - Math.floor((from - start) / PAGE_SIZE) + 1 : 1;
}

/** The bytes that each block of a file holds, by their hash. */
export function block_hashes(content: Content, clusters: readonly Cluster[]): number[] {
  return clusters.flatMap(({ start, end, plain }) => {
    if (!plain) return [content.slice(start, end).hash()];
    const hashes: number[] = [];
    for (let at = start; at < end; at += PAGE_SIZE) hashes.push(content.slice(at, Math.min(end, at + PAGE_SIZE)).hash());
    return hashes;
  });
}

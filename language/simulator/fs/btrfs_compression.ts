import type { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import type { Piece } from '../state/pieces';
import { PAGE_SIZE } from '../state/units';
import { MOUNT } from './filesystem';

/** Pages that are compressed together at most (`BTRFS_MAX_UNCOMPRESSED`, 128 KiB). */
export const CLUSTER = 32;

export const compresses = (k: Kernel, inode: number): boolean =>
  k.inode.nocow.get(inode) === 0 && Math.floor(k.mount.options.get(k.inode.mount.get(inode)) / MOUNT.compress) % 2 === 1;

/** Simulator choice: what a pattern repeats costs nothing, random bytes do not shrink, and the rest is stored once. */
export const compressed_bytes = (content: Content): number => content.pieces.reduce((sum, piece) => sum + information(piece), 0);

/** Bytes that a piece of a content takes compressed. */
export function information(piece: Piece): number {
  if (piece.kind === 'random') return piece.length;
  return Math.min(piece.length, piece.kind === 'bytes' ? piece.word.length : compressed_bytes(piece.of));
}

/** Blocks that the pages take compressed; 0 where that saves none. */
export function compressed_blocks(content: Content, pages: number): number {
  const blocks = Math.max(1, Math.ceil(compressed_bytes(content) / PAGE_SIZE));
  return blocks < pages ? blocks : 0;
}

import type { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import type { PerObject } from '../state/tables';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { populate_blocks } from './disk_file';
import { block_hashes, blocks_of, clusters_of, type Cluster } from './erofs_clusters';
import { alloc_blocks, device_of, map_blocks } from './extents';

/** Bits of `mount.options`: how the image was made. */
export const IMAGE = { dedupe: 1, compressed: 2 };
/** Longest file that is deduplicated, pages. */
const MOST_CHUNKS = 4096;

interface State {
  /** By inode. `at`: page → number from 1 of the cluster in which it begins. By this number: first byte, first byte behind, and 1 if it is not compressed. */
  readonly clusters: PerObject<'at' | 'start' | 'end' | 'plain'>;
  /** By device: hash → 1 for the blocks that are on the image. */
  readonly stored: PerObject<'hash'>;
}

const states = new WeakMap<Kernel, State>();

function state_of(k: Kernel): State {
  let state = states.get(k);
  if (state === undefined) {
    state = { clusters: k.each('erofs_cluster', ['at', 'start', 'end', 'plain']), stored: k.each('erofs_block', ['hash']) };
    states.set(k, state);
  }
  return state;
}

/** What `mkfs.erofs` makes of a file. */
export function store_file(k: Kernel, inode: number, content: Content): void {
  const options = k.mount.options.get(k.inode.mount.get(inode));
  const dedupe = options % 2 === IMAGE.dedupe && pagesOf(content.length) <= MOST_CHUNKS;
  if (Math.floor(options / IMAGE.compressed) % 2 === 1) compress(k, inode, content, dedupe);
  else (dedupe ? chunks : populate_blocks)(k, inode, content);
}

/** `mkfs.erofs -zlz4`, with `dedupe` also `-Ededupe`. Simulator choice: only whole clusters, and files of at most 16 MiB, are found to be on the image already. */
function compress(k: Kernel, inode: number, content: Content, dedupe: boolean): void {
  const { at, start, end, plain } = state_of(k).clusters.of(inode);
  const clusters = clusters_of(content);
  clusters.forEach((cluster, i) => {
    start.set(i + 1, cluster.start);
    end.set(i + 1, cluster.end);
    plain.set(i + 1, cluster.plain ? 1 : 0);
    const first = pagesOf(cluster.start);
    at.fill(first, pagesOf(cluster.end) - first, i + 1);
  });
  populate_blocks(k, inode, content);
  const { used } = k.device.of(device_of(k, inode));
  const blocks = dedupe ? new_blocks(k, inode, block_hashes(content, clusters)) : sum(clusters);
  used.set(0, used.get(0) - pagesOf(content.length) + blocks);
}

const sum = (clusters: readonly Cluster[]): number =>
  clusters.reduce((blocks, cluster) => blocks + blocks_of(cluster, cluster.start, cluster.end), 0);

function new_blocks(k: Kernel, inode: number, hashes: readonly number[]): number {
  const { hash } = state_of(k).stored.of(device_of(k, inode));
  let blocks = 0;
  for (const value of hashes) {
    if (hash.get(value) !== 0) continue;
    hash.set(value, 1);
    blocks++;
  }
  return blocks;
}

/** The clusters that bytes `from` to `to` of a file lie in; none where the image is not compressed. */
export function clusters_at(k: Kernel, inode: number, from: number, to: number): Cluster[] {
  const { at, start, end, plain } = state_of(k).clusters.of(inode);
  const found: Cluster[] = [];
  for (let i = at.get(Math.floor(from / PAGE_SIZE)); i > 0 && end.get(i) > 0 && start.get(i) < to; i++)
    found.push({ start: start.get(i), end: end.get(i), plain: plain.get(i) === 1 });
  return found;
}

/** `mkfs.erofs --chunksize=4096`: a chunk that is on the image already is not stored again. Simulator choice: files of more than 16 MiB are stored whole. */
function chunks(k: Kernel, inode: number, content: Content): void {
  const pages = pagesOf(content.length);
  const device = device_of(k, inode);
  const columns = k.device.of(device);
  for (let at = 0; at < pages; at++) {
    const page = k.contents.page(content.slice(at * PAGE_SIZE, (at + 1) * PAGE_SIZE));
    const known = block_with(k, device, page);
    const block = known ?? alloc_blocks(k, device, 1).block;
    if (known === undefined) columns.content.set(block, page);
    else columns.refcount.add(block, 1, 1);
    map_blocks(k, inode, at, block, 1);
  }
}

/** The first block in use that holds this page; undefined if there is none. */
function block_with(k: Kernel, device: number, page: number): number | undefined {
  const { content, refcount } = k.device.of(device);
  let found: number | undefined;
  content.runs(0, refcount.runStart(Number.MAX_SAFE_INTEGER, 0), (at, n, number) => {
    if (number !== page) return;
    for (let block = at; found === undefined && block < at + n; block++) if (refcount.get(block) > 0) found = block;
  });
  return found;
}

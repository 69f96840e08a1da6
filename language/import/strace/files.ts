/** A file that the log speaks of, and its size as the steps written so far leave it. */
export interface Inode {
  /** Where it was seen first: there it is declared. */
  readonly path: string;
  /** `there` before the first step, made by a step, or not to be told yet (opened with O_CREAT, nothing of it read so far). */
  origin: 'there' | 'maybe' | 'made';
  /** Bytes that it has at least before the first step. */
  start: number;
  /** The log said its size at the start: it is that and no more. */
  exact: boolean;
  /** Bytes by now; of a file whose size at the start is not known, at least. */
  size: number;
  /** How far the steps wrote. */
  written: number;
  /** Its size is what the steps made it, not that of the start. */
  own: boolean;
  directory: boolean;
  /** Its permissions, if a step set them. */
  mode: number | undefined;
  executed: boolean;
  /** Processes that run it. */
  running: number;
  /** Descriptors that may write. */
  writers: number;
}

/** Sizes that stat told of files that nobody has opened yet; so many are remembered. */
const REMEMBERED = 50_000;

/** A size or place in a file that one can reckon with: a larger one was not read right, or is one of a block device. */
export function isPlace(value: number | undefined): value is number {
  return value !== undefined && value >= 0 && value <= 2 ** 43;
}

/** All files of a log by path. Directories are there from the start, and nobody makes or removes them. */
export class Files {
  private readonly paths = new Map<string, Inode>();
  private readonly stats = new Map<string, number>();
  private readonly removed = new Set<string>();
  readonly all: Inode[] = [];
  /** Directories that steps make files in. */
  readonly folders = new Set<string>();

  at(path: string): Inode | undefined {
    return this.paths.get(path);
  }

  /** The file of a step that found one: a new one was there before the first step, unless a step has removed the name. */
  found(path: string): Inode | undefined {
    return this.paths.get(path) ?? (this.removed.has(path) ? undefined : this.add(path, 'there'));
  }

  /** The file of an open with O_CREAT. */
  created(path: string, fresh: boolean): Inode {
    const there = this.paths.get(path);
    if (there) return there;
    this.inFolder(path);
    return this.add(path, fresh || this.removed.has(path) ? 'made' : this.stats.has(path) ? 'there' : 'maybe');
  }

  /** A file that only descriptors lead to (memfd, O_TMPFILE). */
  nameless(path: string): Inode {
    this.inFolder(path);
    const inode = this.add(path, 'made');
    this.paths.delete(path);
    return inode;
  }

  private add(path: string, origin: Inode['origin']): Inode {
    const told = origin === 'there' ? this.stats.get(path) : undefined;
    const size = told ?? 0;
    const inode: Inode = {
      path,
      origin,
      start: size,
      exact: told !== undefined,
      size,
      written: 0,
      own: origin === 'made',
      directory: false,
      mode: undefined,
      executed: false,
      running: 0,
      writers: 0,
    };
    this.all.push(inode);
    this.paths.set(path, inode);
    this.removed.delete(path);
    return inode;
  }

  inFolder(path: string): void {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (folder !== '') this.folders.add(folder);
  }

  /** stat said that a file has `size` bytes. */
  stat(path: string, size: number): void {
    const inode = this.paths.get(path);
    if (inode) return hasExactly(inode, size);
    if (this.removed.has(path)) return;
    if (this.stats.size >= REMEMBERED) this.stats.delete(this.stats.keys().next().value!);
    this.stats.set(path, size);
  }

  remove(path: string): void {
    this.paths.delete(path);
    this.stats.delete(path);
    this.removed.add(path);
  }

  name(path: string, inode: Inode): void {
    this.inFolder(path);
    this.paths.set(path, inode);
    this.removed.delete(path);
  }

  /** The names beneath a directory. */
  beneath(folder: string): string[] {
    return [...this.paths.keys()].filter((path) => path.startsWith(`${folder}/`));
  }
}

/** Something showed that the file has at least `size` bytes. */
export function hasAtLeast(inode: Inode, size: number): void {
  if (inode.own || size <= inode.written) return;
  if (inode.origin === 'maybe') inode.origin = 'there';
  inode.start = Math.max(inode.start, size);
  inode.size = Math.max(inode.size, size);
}

export function hasExactly(inode: Inode, size: number): void {
  if (size === 0 && inode.origin === 'maybe') return;
  hasAtLeast(inode, size);
  if (!inode.own && inode.written === 0) inode.exact = true;
}

export function writtenTo(inode: Inode, end: number): void {
  inode.written = Math.max(inode.written, end);
  inode.size = Math.max(inode.size, end);
}

/** ftruncate, O_TRUNC: from now on the steps decide. */
export function resized(inode: Inode, size: number): void {
  if (size === 0 && inode.origin === 'maybe') inode.origin = 'made';
  inode.own = true;
  inode.size = size;
}

/** What is no file with pages that scenarios have: /proc, /sys, devices, and what -y writes for pipes, sockets and the like. */
export function isSpecial(path: string): boolean {
  return !path.startsWith('/') || (/^\/(proc|sys|dev)(\/|$)/.test(path) && !path.startsWith('/dev/shm/')) || path.startsWith('/memfd:');
}

/** An absolute path without `.`, `..` and double slashes. */
export function absolute(path: string, base: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/**
 * A second opinion on contents: small, slow, obviously right. Memory is a Map of pages, fork copies everything at once, a reflink copies bytes;
 * no page cache, no frames, no copy on write. It knows what every load, read and access must come to, and nothing of how.
 */
const PAGE = 4096;

export interface ReferenceFile {
  bytes: Uint8Array;
  /** Only tmpfs: what was stored into the last page behind the end of the file shows when the file grows. */
  tail?: Uint8Array;
}

/** A page of a process: part of a file that it shares, part of a file that it will copy when it writes, or its own. */
type Page =
  | { readonly kind: 'shared'; readonly file: ReferenceFile; readonly index: number }
  | { readonly kind: 'private'; readonly file: ReferenceFile; readonly index: number; own: Uint8Array | undefined }
  | { readonly kind: 'anonymous'; own: Uint8Array };

export class ReferenceProcess {
  readonly pages = new Map<number, Page>();
}

const pagesOf = (bytes: number): number => Math.ceil(bytes / PAGE);

/** What a file page shows: the file's bytes, zeros behind its end. */
function filePage(file: ReferenceFile, index: number): Uint8Array {
  const page = new Uint8Array(PAGE);
  if (file.tail !== undefined && index === pagesOf(file.bytes.length) - 1) page.set(file.tail);
  page.set(file.bytes.subarray(index * PAGE, (index + 1) * PAGE));
  return page;
}

export function map(
  process: ReferenceProcess,
  vpn: number,
  count: number,
  what: { file?: ReferenceFile; index: number; shared: boolean },
): void {
  for (let i = 0; i < count; i++) {
    const index = what.index + i;
    if (what.file === undefined) process.pages.set(vpn + i, { kind: 'anonymous', own: new Uint8Array(PAGE) });
    else if (what.shared) process.pages.set(vpn + i, { kind: 'shared', file: what.file, index });
    else process.pages.set(vpn + i, { kind: 'private', file: what.file, index, own: undefined });
  }
}

export function unmap(process: ReferenceProcess, vpn: number, count: number): void {
  for (let i = 0; i < count; i++) process.pages.delete(vpn + i);
}

export function fork(parent: ReferenceProcess): ReferenceProcess {
  const child = new ReferenceProcess();
  for (const [vpn, page] of parent.pages) {
    if (page.kind === 'shared') child.pages.set(vpn, page);
    else if (page.kind === 'private') child.pages.set(vpn, { ...page, own: page.own?.slice() });
    else child.pages.set(vpn, { kind: 'anonymous', own: page.own.slice() });
  }
  return child;
}

/** The signal that an access raises, or undefined. */
export function trouble(process: ReferenceProcess, vpn: number): 'SIGSEGV' | 'SIGBUS' | undefined {
  const page = process.pages.get(vpn);
  if (page === undefined) return 'SIGSEGV';
  if (page.kind === 'anonymous' || (page.kind === 'private' && page.own !== undefined)) return undefined;
  return page.index >= pagesOf(page.file.bytes.length) ? 'SIGBUS' : undefined;
}

export function load(process: ReferenceProcess, vpn: number): Uint8Array {
  const page = process.pages.get(vpn)!;
  if (page.kind === 'anonymous') return page.own;
  return page.kind === 'private' && page.own !== undefined ? page.own : filePage(page.file, page.index);
}

/** Stores bytes into a page. What is stored into a shared page behind the end of its file is not part of the file. */
export function store(process: ReferenceProcess, vpn: number, offset: number, bytes: Uint8Array): void {
  const page = process.pages.get(vpn)!;
  if (page.kind === 'shared') {
    const { file } = page;
    const inside = Math.max(0, Math.min(bytes.length, file.bytes.length - page.index * PAGE - offset));
    if (inside > 0) file.bytes.set(bytes.subarray(0, inside), page.index * PAGE + offset);
    if (inside < bytes.length) file.tail?.set(bytes.subarray(inside), offset + inside);
  } else {
    if (page.kind === 'private') page.own ??= filePage(page.file, page.index);
    page.own!.set(bytes, offset);
  }
}

export function write(file: ReferenceFile, position: number, bytes: Uint8Array): void {
  if (position + bytes.length > file.bytes.length) resize(file, position + bytes.length);
  file.bytes.set(bytes, position);
}

function resize(file: ReferenceFile, size: number): void {
  const old = file.bytes.length;
  const bytes = new Uint8Array(size);
  bytes.set(file.bytes.subarray(0, size));
  if (size > old && old % PAGE !== 0) bytes.set(file.tail?.subarray(old % PAGE, Math.min(PAGE, (old % PAGE) + size - old)) ?? [], old);
  file.bytes = bytes;
  if (file.tail !== undefined && pagesOf(size) !== pagesOf(old)) file.tail = new Uint8Array(PAGE);
  else if (size < old) file.tail?.fill(0, size % PAGE);
}

/** Cuts or grows a file; private copies of pages behind the new end go with it. */
export function truncate(file: ReferenceFile, size: number, processes: Iterable<ReferenceProcess>): void {
  const shrinks = size < file.bytes.length;
  resize(file, size);
  if (!shrinks) return;
  for (const process of processes)
    for (const page of process.pages.values())
      if (page.kind === 'private' && page.file === file && page.index >= pagesOf(size)) page.own = undefined;
}

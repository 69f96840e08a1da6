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

/** What a child gets of a page: nothing (MADV_DONTFORK), or zeros (MADV_WIPEONFORK). */
interface Inherited {
  not?: boolean;
  empty?: boolean;
}

/** A page of a process: part of a file that it shares, part of a file that it will copy when it writes, or its own. */
type Page = Inherited &
  (
    | { readonly kind: 'shared'; readonly file: ReferenceFile; readonly index: number }
    | { readonly kind: 'private'; readonly file: ReferenceFile; readonly index: number; own: Uint8Array | undefined }
    | { readonly kind: 'anonymous'; own: Uint8Array }
  );

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
    if (page.not === true) continue;
    if (page.kind === 'shared') child.pages.set(vpn, { ...page });
    else if (page.kind === 'private') child.pages.set(vpn, { ...page, own: page.own?.slice() });
    else child.pages.set(vpn, { ...page, own: page.empty === true ? new Uint8Array(PAGE) : page.own.slice() });
  }
  return child;
}

/** ENOMEM if any of the pages is not mapped: what calls say that pass over holes. */
export function hole(process: ReferenceProcess, vpn: number, count: number): 'ENOMEM' | undefined {
  for (let at = vpn; at < vpn + count; at++) if (!process.pages.has(at)) return 'ENOMEM';
  return undefined;
}

/** A long-term pin: private pages become the process's own, page by page as far as it can; gives the errno. */
export function pin(process: ReferenceProcess, vpn: number, count: number, write: boolean): 'EFAULT' | undefined {
  for (let at = vpn; at < vpn + count; at++) {
    const page = process.pages.get(at);
    const tracked = write && page?.kind === 'shared' && page.file.tail === undefined;
    if (page === undefined || tracked || trouble(process, at) !== undefined) return 'EFAULT';
    if (page.kind === 'private') page.own ??= filePage(page.file, page.index);
  }
  return undefined;
}

/** The page as if it had just been mapped. */
const fresh = (page: Page): Page =>
  page.kind === 'anonymous' ? { ...page, own: new Uint8Array(PAGE) } : page.kind === 'private' ? { ...page, own: undefined } : { ...page };

/** Takes advice page by page, as far as it can; gives the errno. */
export function madvise(process: ReferenceProcess, vpn: number, count: number, advice: string): string | undefined {
  for (let at = vpn; at < vpn + count; at++) {
    const page = process.pages.get(at);
    if (page === undefined) continue;
    if (advice === 'DONTNEED') process.pages.set(at, fresh(page));
    else if (advice === 'DONTFORK' || advice === 'DOFORK') page.not = advice === 'DONTFORK';
    else if (advice === 'KEEPONFORK') page.empty = false;
    else if (advice === 'WIPEONFORK') {
      if (page.kind !== 'anonymous') return 'EINVAL';
      page.empty = true;
    } else if (advice === 'REMOVE') {
      if (page.kind !== 'shared') return page.kind === 'anonymous' ? 'EINVAL' : 'EACCES';
      zero(page.file, page.index * PAGE, PAGE);
    }
  }
  return hole(process, vpn, count);
}

/** Moves, grows or shrinks `from` pages at `vpn` to `to` pages at `place`; `stay`: the old range stays, empty. */
export function mremap(process: ReferenceProcess, vpn: number, from: number, place: number, to: number, stay: boolean): void {
  const first = process.pages.get(vpn)!;
  const old = Array.from({ length: from }, (_, i) => process.pages.get(vpn + i)!);
  unmap(process, vpn, from);
  if (stay) old.forEach((page, i) => process.pages.set(vpn + i, fresh(page)));
  if (from === 0) process.pages.set(vpn, first);
  unmap(process, place, to);
  for (let i = 0; i < to; i++) {
    const page = fresh(old[from - 1] ?? first);
    const index = page.kind === 'anonymous' ? 0 : page.index + i - Math.max(0, from - 1);
    process.pages.set(place + i, old[i] ?? (page.kind === 'anonymous' ? page : { ...page, index }));
  }
}

/** What is mapped of a range goes elsewhere, gaps with it. */
export function move(process: ReferenceProcess, vpn: number, count: number, place: number): void {
  for (let i = 0; i < count; i++) {
    const page = process.pages.get(vpn + i);
    if (page === undefined) continue;
    unmap(process, vpn + i, 1);
    unmap(process, place + i, 1);
    process.pages.set(place + i, page);
  }
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

/** The bytes of a range become zeros, where there are any: a hole. Private copies stay. */
function zero(file: ReferenceFile, position: number, length: number): void {
  file.bytes.fill(0, position, position + length);
  const last = (pagesOf(file.bytes.length) - 1) * PAGE;
  if (position < last + PAGE) file.tail?.fill(0, Math.max(0, position - last), Math.max(0, position + length - last));
}

/** Allocation changes no byte but may make the file longer; gives the errno. */
export function fallocate(file: ReferenceFile, what: string, position: number, length: number): string | undefined {
  if (file.tail !== undefined && (what.startsWith('zero') || what === 'unshare')) return 'EOPNOTSUPP';
  if (what === 'punch' || what.startsWith('zero')) zero(file, position, length);
  if (['allocate', 'zero', 'unshare'].includes(what) && position + length > file.bytes.length) resize(file, position + length);
  return undefined;
}

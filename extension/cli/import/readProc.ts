import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { addPages, noPages, type Pages } from '../../../language/import/proc/pagemap';
import { readProcess, type ProcFiles, type RunningProcess } from '../../../language/import/proc/process';
import type { FileFact } from '../../../language/import/proc/files';
import { readSmaps, type Mapping } from '../../../language/import/proc/smaps';

const PAGE = 4096;
/** Of pagemap so much is read at once: 1 MiB of it are 512 MiB of addresses. */
const PIECE = 2 ** 20;
/** Files of equal size are compared byte by byte up to that size. */
const MOST_COMPARED = 2 ** 28;

export interface ReadProcesses {
  readonly processes: readonly RunningProcess[];
  readonly facts: ReadonlyMap<string, FileFact>;
  /** One for each process that could not be read: why, and what to do. */
  readonly problems: readonly string[];
}

/** Reads what /proc says of processes. One that can't be read, or ends meanwhile, is a problem; the others are still read. */
export function readProcesses(pids: readonly number[]): ReadProcesses {
  const facts = new Map<string, FileFact & { place: string }>();
  const processes: RunningProcess[] = [];
  const problems: string[] = [];
  for (const pid of pids) {
    try {
      const process = readProcess(filesOf(pid, facts));
      if (process && process.mappings.length > 0) processes.push(process);
      else problems.push(`process ${pid} has no memory of its own: it is a thread of the kernel, or has ended`);
    } catch (error) {
      problems.push(why(pid, error as NodeJS.ErrnoException));
    }
  }
  return { processes, facts: compared(facts), problems };
}

/** A process and all that descend from it, by pid. */
export function descendants(pids: readonly number[]): number[] {
  const parents = new Map<number, number>();
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = /^\d+ \([\s\S]*\) \S+ (\d+) /.exec(fs.readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1];
      parents.set(Number(name), Number(parent));
    } catch {
      // It has ended.
    }
  }
  const found = new Set(pids);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** MemTotal, bytes. */
export function totalMemory(): number | undefined {
  try {
    const kB = /^MemTotal:\s+(\d+) kB/m.exec(fs.readFileSync('/proc/meminfo', 'utf8'))?.[1];
    return kB === undefined ? undefined : Number(kB) * 1024;
  } catch {
    return undefined;
  }
}

function filesOf(pid: number, facts: Map<string, FileFact & { place: string }>): ProcFiles {
  const folder = `/proc/${pid}`;
  const stat = fs.readFileSync(`${folder}/stat`, 'utf8');
  const smaps = firstReadable([`${folder}/smaps`, `${folder}/maps`]);
  const mappings = readSmaps(smaps);
  if (mappings.length === 0) return { pid, stat, smaps, descriptors: [] };
  const files = new Map<string, string>();
  const note = (place: string): string | undefined => {
    try {
      const found = fs.statSync(place);
      const key = `${found.dev}:${found.ino}`;
      if (!facts.has(key)) facts.set(key, { size: found.size, place });
      return found.isFile() ? key : undefined;
    } catch {
      return undefined;
    }
  };
  for (const { start, end, inode, file, path, deleted } of mappings) {
    if (inode === 0 || files.has(file)) continue;
    const range = `${start.toString(16)}-${end.toString(16)}`;
    const key = note(`${folder}/map_files/${range}`) ?? (path.startsWith('/') && !deleted ? note(`${folder}/root${path}`) : undefined);
    if (key !== undefined) files.set(file, key);
  }
  const pages = pagesOf(folder, mappings);
  return { pid, stat, smaps, files, ...(pages && { pages }), descriptors: descriptorsOf(folder, note) };
}

function firstReadable(names: readonly string[]): string {
  for (const name of names.slice(0, -1)) {
    try {
      return fs.readFileSync(name, 'utf8');
    } catch (error) {
      if (!['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return fs.readFileSync(names.at(-1)!, 'utf8');
}

/** The pages of each mapping that has any; reading ends where as many are found as smaps counts. `undefined` where pagemap may not be read. */
function pagesOf(folder: string, mappings: readonly Mapping[]): Map<number, Pages> | undefined {
  let pagemap: number;
  try {
    pagemap = fs.openSync(`${folder}/pagemap`, 'r');
  } catch (error) {
    if (['EACCES', 'EPERM', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '') && fs.existsSync(folder)) return undefined;
    throw error;
  }
  const found = new Map<number, Pages>();
  const buffer = Buffer.alloc(PIECE);
  try {
    for (const { start, end, rss, swap = 0 } of mappings) {
      const pages = noPages();
      found.set(start, pages);
      let left = rss === undefined ? Infinity : (rss + swap) / PAGE;
      // Pages of zeros are there and not counted: the first piece is read in any case.
      for (let at = start; at < end && (left > 0 || at === start); at += (PIECE / 8) * PAGE) {
        const length = Math.min(PIECE, ((end - at) / PAGE) * 8);
        const read = fs.readSync(pagemap, buffer, 0, length, (at / PAGE) * 8);
        const before = pages.index.length;
        const swapped = addPages(pages, buffer.subarray(0, read), (at - start) / PAGE);
        left -= pages.index.length - before + swapped;
      }
    }
  } finally {
    fs.closeSync(pagemap);
  }
  return found;
}

function descriptorsOf(folder: string, note: (place: string) => string | undefined): ProcFiles['descriptors'] {
  let names: string[];
  try {
    names = fs.readdirSync(`${folder}/fd`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return [];
    throw error;
  }
  return names.flatMap((name) => {
    try {
      const path = fs.readlinkSync(`${folder}/fd/${name}`);
      const file = path.startsWith('/') ? note(`${folder}/fd/${name}`) : undefined;
      return file === undefined ? [] : [{ fd: Number(name), path, file, info: fs.readFileSync(`${folder}/fdinfo/${name}`, 'utf8') }];
    } catch {
      return []; // It was closed meanwhile.
    }
  });
}

/** Files of the same size get to know whether they have the same bytes. */
function compared(facts: ReadonlyMap<string, FileFact & { place: string }>): Map<string, FileFact> {
  const bySize = new Map<number, string[]>();
  for (const [key, { size }] of facts) bySize.set(size, [...(bySize.get(size) ?? []), key]);
  const found = new Map<string, FileFact>();
  for (const [size, keys] of bySize) {
    for (const key of keys) {
      const content = keys.length > 1 && size > 0 && size <= MOST_COMPARED ? hash(facts.get(key)!.place) : undefined;
      found.set(key, { size, ...(content !== undefined && { content }) });
    }
  }
  return found;
}

function hash(place: string): string | undefined {
  try {
    return createHash('sha256').update(fs.readFileSync(place)).digest('hex');
  } catch {
    return undefined;
  }
}

function why(pid: number, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ESRCH')
    return fs.existsSync(`/proc/${pid}`)
      ? `process ${pid} ended while it was read`
      : `there is no process ${pid}: ps -e lists those that there are`;
  if (code === 'EACCES' || code === 'EPERM')
    return `process ${pid} is another user's, and its memory may not be read: do it as root, or as that user`;
  return `process ${pid} can't be read: ${message}`;
}

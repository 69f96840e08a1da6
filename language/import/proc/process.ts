import { type Mapping, readSmaps } from './smaps';
import type { Pages } from './pagemap';

/** What /proc says of one process, as text; pages by the start of their mapping. */
export interface ProcFiles {
  readonly pid: number;
  /** /proc/PID/stat */
  readonly stat: string;
  /** /proc/PID/smaps, or maps. */
  readonly smaps: string;
  /** The file that a mapping has by `device:inode` in smaps, as stat tells it, `device:inode` too: on some filesystems they differ. */
  readonly files?: ReadonlyMap<string, string>;
  /** Of pagemap; undefined where it may not be read. */
  readonly pages?: ReadonlyMap<number, Pages>;
  /** Descriptors of regular files: the name that /proc/PID/fd/N links to, and the text of fdinfo/N. */
  readonly descriptors: readonly { readonly fd: number; readonly path: string; readonly info: string; readonly file: string }[];
}

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** The command's name, 15 characters at most. */
  readonly name: string;
  readonly mappings: readonly Mapping[];
  readonly pages: ReadonlyMap<number, Pages> | undefined;
  readonly descriptors: readonly OpenDescriptor[];
}

export interface OpenDescriptor {
  readonly fd: number;
  readonly path: string;
  readonly file: string;
  readonly position: number;
  /** O_* of open(2). */
  readonly flags: number;
}

/** `undefined` where the texts are not those of a process. */
export function readProcess(files: ProcFiles): RunningProcess | undefined {
  const [, name, parent] = /^\d+ \(([\s\S]*)\) \S+ (\d+) /.exec(files.stat) ?? [];
  if (name === undefined) return undefined;
  const descriptors = files.descriptors.flatMap(({ fd, path, info, file }) => {
    const position = Number(/^pos:\s+(\d+)/m.exec(info)?.[1] ?? 0);
    const flags = parseInt(/^flags:\s+([0-7]+)/m.exec(info)?.[1] ?? '0', 8);
    return Number.isSafeInteger(position) ? [{ fd, path: path.replace(/ \(deleted\)$/, ''), file, position, flags }] : [];
  });
  const mappings = readSmaps(files.smaps).map((mapping) => ({ ...mapping, file: files.files?.get(mapping.file) ?? mapping.file }));
  return { pid: files.pid, parent: Number(parent), name, mappings, pages: files.pages, descriptors };
}

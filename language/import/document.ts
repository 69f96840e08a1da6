import type { Option } from '../syntax/ast';
import { printStatement } from '../syntax/print';
import { amount, isLarge, name, nowhere, number, option, random, string } from './build';

/** A file as it is before the first step; its content is a random one of its own. */
export interface StartingFile {
  readonly path: string;
  readonly size: number;
  readonly mode?: number;
  /** What stands behind it: where the size comes from, if it is no fact. */
  readonly remark?: string;
  /** The path of an earlier file with the same bytes. */
  readonly same?: string;
}

/** All that stands in a scenario before its first step, and the text around it. */
export interface Head {
  /** Comment lines at the top of the file. */
  readonly about: readonly string[];
  readonly title: string;
  readonly doc: string;
  readonly memory: number;
  /** It is the memory of the machine itself, and no choice. */
  readonly real?: boolean;
  readonly filesystem: string;
  /** Files with the same bytes share their blocks on disk. */
  readonly reflink?: boolean;
  /** Something lies in /dev/shm. */
  readonly shm: boolean;
  readonly folders: readonly string[];
  readonly files: readonly StartingFile[];
  readonly processes: readonly string[];
}

/** Content of files at the start has seeds from here on; the smaller ones belong to what the steps write. */
const SEEDS = 1_000_000;
const WIDTH = 120;
const SHM = '/dev/shm';

/** A scenario's lines: the head, then `steps`, which are two spaces in already. */
export function* document(head: Head, steps: Iterable<string>): Generator<string> {
  for (const line of head.about) yield line === '' ? '//' : `// ${line}`;
  yield `/// ${head.doc}`;
  yield `scenario ${string(head.title).text} {`;
  const memory = option('memory', amount(head.memory));
  yield `  ${printStatement({ kind: 'machine', options: [memory], ...nowhere })} // ${head.real ? 'as much as this machine has' : 'a choice: room for everything'}`;
  const mounts = [
    [head.filesystem, '/'],
    ['tmpfs', SHM],
  ] as const;
  for (const [type, path] of mounts) {
    if (path === SHM && !head.shm) continue;
    const mount = printStatement({ kind: 'mount', type: name(type), path: string(path), options: [], ...nowhere });
    yield `  ${mount}${path === '/' ? ' // a choice: which filesystem it was is not known' : ''}`;
  }
  for (const path of head.folders) yield `  ${printStatement({ kind: 'directory', path: string(path), options: [], ...nowhere })}`;
  let seed = SEEDS;
  const seeds = new Map<string, number>();
  for (const file of head.files) {
    if (head.reflink && file.same !== undefined) {
      const text = printStatement({ kind: 'reflink', from: string(file.same), to: string(file.path), ...nowhere });
      yield `  ${text} // the same bytes: that they share their blocks is asked for`;
      continue;
    }
    const own = seeds.get(file.same ?? '') ?? ++seed;
    seeds.set(file.path, own);
    const content = option('content', random(amount(file.size), number(own), isLarge(file.size)));
    const options: Option[] = [file.size === 0 ? option('size', number(0)) : content];
    if (file.mode !== undefined) options.push(option('mode', number(file.mode, `0${file.mode.toString(8)}`)));
    const text = printStatement({ kind: 'file', path: string(file.path), options, ...nowhere });
    const remarks = [file.remark, file.same && `the same bytes as ${file.same}`].filter((each) => each !== undefined);
    yield `  ${text}${remarks.length === 0 ? '' : ` // ${remarks.join('; ')}`}`;
  }
  for (let at = 0; at < head.processes.length; at += 12) yield `  process ${head.processes.slice(at, at + 12).join(', ')}`;
  yield '';
  yield* steps;
  yield '}';
}

/** Running text in comment lines of a bearable width; a further line of an item is indented. */
export function wrapped(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of text.split(' ')) {
    if (line !== '' && line.length + part.length + 1 > WIDTH) {
      lines.push(line);
      line = indent + part;
    } else line = line === '' ? part : `${line} ${part}`;
  }
  return [...lines, line];
}

/** The memory of a machine that holds `bytes` with room to spare: a power of two, 1 GiB at least. */
export function memoryFor(bytes: number): number {
  let memory = 2 ** 30;
  while (memory < bytes * 2 && memory < 2 ** 50) memory *= 2;
  return memory;
}

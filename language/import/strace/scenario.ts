import { document, type Head, memoryFor, type StartingFile, wrapped } from '../document';
import { Names, processName } from '../names';
import type { StraceOptions } from './context';
import type { Inode } from './files';
import { Importer } from './importer';

export type { StraceOptions, Touching } from './context';

export const straceDefaults: StraceOptions = { touch: 'files', limit: 100_000 };

/** What there is to say about an import; lines count from 1. */
export interface Summary {
  readonly lines: number;
  /** Statements' lines of the scenario. */
  readonly written: number;
  readonly steps: number;
  readonly processes: number;
  readonly files: number;
  /** Lines that strace does not write, and the first of them. */
  readonly strange: number;
  readonly firstStrange?: { readonly line: number; readonly text: string };
  /** Where the scenario ends, if the log goes on. */
  readonly fullAt?: number;
  /** No step came out: what is wrong with it. */
  readonly problem?: string;
}

/** Reads a log line by line, and writes the scenario at its end. No line may hold a line break. */
export class StraceImport {
  private readonly importer: Importer;

  /** `source` is the log's name, for the scenario's title and remarks. */
  constructor(
    private readonly source: string,
    private readonly options: StraceOptions = straceDefaults,
    private readonly filesystem = 'xfs',
  ) {
    this.importer = new Importer(options, filesystem);
  }

  line(text: string): void {
    this.importer.next(text);
  }

  /** So much of it is read, and nothing in it was a line of strace's: it is no log. */
  get hopeless(): boolean {
    const { known, lines } = this.importer.joiner;
    return known === 0 && lines > 10_000;
  }

  /** The scenario's lines, and what is to be said about them. */
  finish(): { readonly summary: Summary; readonly text: Iterable<string> } {
    const { importer } = this;
    importer.finish();
    const { joiner, context } = importer;
    const names = this.names();
    const files = declared(importer.files);
    const summary: Summary = {
      lines: joiner.lines,
      written: context.folder.lines.length,
      steps: context.steps,
      processes: importer.tasks.length,
      files: files.length,
      strange: joiner.strangeLines,
      ...(joiner.strange && { firstStrange: joiner.strange }),
      ...(importer.fullAt !== undefined && { fullAt: importer.fullAt }),
      ...(context.steps === 0 && { problem: this.emptiness() }),
    };
    const shm = importer.files.some((file) => file.path.startsWith('/dev/shm/'));
    const head: Head = {
      about: this.about(summary),
      title: this.source.slice(this.source.lastIndexOf('/') + 1),
      doc: `What ${[...new Set(importer.first.map((task) => names[task.id]!))].slice(0, 4).join(', ')} did, by ${this.source}.`,
      memory: memoryFor(
        context.anonymous + files.reduce((sum, file) => sum + file.size, 0) + importer.files.reduce((sum, file) => sum + file.written, 0),
      ),
      filesystem: this.filesystem,
      shm,
      folders: folders(context.files.folders, files, shm),
      files: files.filter((file) => !file.directory),
      processes: importer.first.map((task) => names[task.id]!),
    };

    const named = (line: string) => line.replace(/\u0001(\d+)\u0002/g, (_, id: string) => names[Number(id)] ?? 'nobody');
    return { summary, text: document(head, mapped(context.folder.lines, named)) };
  }

  private names(): string[] {
    const names = new Names();
    return this.importer.tasks.map(({ program, pid }) => names.unique(processName(program === '' ? `p${pid}` : program)));
  }

  private emptiness(): string {
    const { joiner } = this.importer;
    if (joiner.lines === 0) return 'it is empty';
    if (joiner.known === 0) return 'no line of it is one that strace writes';
    return 'nothing in it can be carried over: no file was opened, nothing mapped, no process made';
  }

  private about(summary: Summary): string[] {
    const { joiner, context, failed } = this.importer;
    const lost = context.losses.lines();
    const touching = {
      none: 'accesses to memory: nothing is touched (--touch none)',
      files:
        'accesses to memory: each page of a file that is mapped readable is touched once, with a write where it is private and writable; anonymous memory is not touched (--touch files)',
      all: 'accesses to memory: each page of a file that is mapped readable is touched once, and so is private and shared memory that may be written (--touch all)',
    }[this.options.touch];
    const lines = [
      `Imported from ${this.source}, a log of strace: ${counted(summary.lines, 'line')}, ${counted(summary.processes, 'process or thread', 'processes and threads')}, ${counted(summary.steps, 'step')}.`,
      '',
      'What a log does not tell, and what is chosen here instead:',
      ...item('contents: each file and each write has random bytes of its own'),
      ...item(touching),
      ...item("the memory of the program itself, its interpreter and its stack: execve maps the program's file whole, at one address"),
      ...item('files that are not seen being made are there from the start, and so are all directories; everybody is root'),
      ...item('addresses: variables stand for them; where mappings lie is up to the simulator'),
    ];
    if (failed > 0) lines.push(...item(`calls that failed are left out: ${failed}`));
    if (joiner.halves + joiner.open > 0)
      lines.push(...item(`calls of which only a half is in the log are left out: ${joiner.halves + joiner.open}`));
    if (summary.strange > 0)
      lines.push(...item(`lines that are none of strace's, or cut: ${summary.strange} (first: line ${summary.firstStrange?.line})`));
    if (summary.fullAt !== undefined)
      lines.push(
        ...item(
          `the scenario ends where the log is at line ${summary.fullAt} of ${summary.lines}: it has as many steps as it may (--limit ${this.options.limit})`,
        ),
      );
    if (lost.length > 0) lines.push('Not carried over, or not as it was:', ...lost.flatMap((line) => item(line)));
    return lines;
  }
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function item(text: string): string[] {
  return wrapped(`- ${text}`, '  ');
}

interface Declared extends StartingFile {
  readonly directory: boolean;
}

/** The files that are there before the first step. A name that others are beneath is a directory. */
function declared(inodes: readonly Inode[]): Declared[] {
  const parents = new Set(inodes.flatMap((inode) => above(inode.path)));
  return inodes
    .filter((inode) => inode.origin === 'there')
    .map((inode) => ({
      path: inode.path,
      size: inode.start,
      directory: inode.directory || parents.has(inode.path),
      ...(inode.executed && { mode: 0o755 }),
      ...(!inode.exact && { remark: inode.start === 0 ? 'its size is not in the log' : 'at least so large: its size is not in the log' }),
    }));
}

/** Directories that must be there and that no file at the start brings along. */
function folders(needed: ReadonlySet<string>, files: readonly Declared[], shm: boolean): string[] {
  const brought = new Set(files.filter((file) => !file.directory).flatMap((file) => above(file.path)));
  const wanted = new Set([...needed, ...files.filter((file) => file.directory).map((file) => file.path)]);
  for (const path of wanted) for (const folder of above(path)) brought.add(folder);
  return [...wanted]
    .filter((path) => !brought.has(path) && path !== '/dev/shm' && path !== '/dev')
    .concat(shm ? ['/dev'] : [])
    .sort();
}

function above(path: string): string[] {
  const found: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) found.push(path.slice(0, at));
  return found;
}

function* mapped(lines: readonly string[], change: (line: string) => string): Generator<string> {
  for (const line of lines) yield change(line);
}

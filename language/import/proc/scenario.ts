import { document, memoryFor, wrapped } from '../document';
import { Names, processName } from '../names';
import { everyone, families, type Member } from './families';
import { type FileFact, Files } from './files';
import type { RunningProcess } from './process';
import { Writer } from './writer';

export interface ProcOptions {
  readonly filesystem: string;
  /** Files with the same bytes share their blocks on disk, as if they were cloned. */
  readonly reflink?: boolean;
  /** MemTotal of the machine, bytes. */
  readonly memory?: number;
}

/** The scenario of what processes hold: memory and files by `facts`, by device and inode. Lines, and how many steps they are. */
export function importProcesses(
  processes: readonly RunningProcess[],
  facts: ReadonlyMap<string, FileFact>,
  options: ProcOptions,
): { readonly text: Iterable<string>; readonly steps: number } {
  const trees = families(processes);
  const names = new Names();
  const named = new Map<Member, string>();
  for (const tree of trees)
    for (const member of everyone(tree))
      named.set(
        member,
        names.unique(member.process ? processName(member.process.name) : `${processName(member.children[0]!.process!.name)}_parent`),
      );
  const files = new Files(facts);
  const writer = new Writer(files, (member) => named.get(member)!);
  for (const tree of trees) writer.family(tree);
  writer.folder.finish();
  const starting = files.starting();
  const shm = starting.some(({ path }) => path.startsWith('/dev/shm/'));
  const swapped = processes.reduce((sum, process) => sum + process.mappings.reduce((all, { swap = 0 }) => all + swap, 0), 0);
  const head = {
    about: about(processes, writer.losses.lines(), swapped),
    title: `what ${list(processes)} hold${processes.length === 1 ? 's' : ''}`,
    doc: `Imported from /proc: ${processes.map(({ name, pid }) => `${name} (${pid})`).join(', ')}.`,
    memory: options.memory ?? memoryFor(writer.pages * 4096),
    real: options.memory !== undefined,
    filesystem: options.filesystem,
    reflink: options.reflink === true,
    shm,
    folders: shm ? ['/dev'] : [],
    files: starting,
    processes: trees.map((tree) => named.get(tree)!),
  };
  return { text: document(head, writer.folder.lines), steps: writer.steps };
}

function list(processes: readonly RunningProcess[]): string {
  const names = [...new Set(processes.map(({ name }) => name))];
  return names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

function about(processes: readonly RunningProcess[], losses: readonly string[], swapped: number): string[] {
  const item = (text: string) => wrapped(`- ${text}`, '  ');
  const blind = processes.filter(({ pages }) => pages === undefined).map(({ pid }) => pid);
  const huge = processes.reduce((sum, process) => sum + process.mappings.reduce((all, mapping) => all + (mapping.huge ?? 0), 0), 0);
  const frames = processes.some(({ pages }) => pages && [...pages.values()].some(({ frame }) => frame.some((each) => each > 0)));
  return [
    `Imported from /proc of ${processes.length === 1 ? 'a process' : `${processes.length} processes`}: what they hold, not how they came to it.`,
    '',
    'What /proc does not tell, and what is chosen here instead:',
    ...item(
      'contents: each file has random bytes, files that have the same have the same here, too; what is written to memory is left as it is',
    ),
    ...item('pages of the page cache that nobody has mapped are not there'),
    ...item('descriptors that processes have in common are opened by each for itself; pipes, sockets and devices are left out'),
    ...(frames
      ? item(
          'forks: a process is forked from another where they have anonymous pages in common, by their frame numbers; what they have in common is written before',
        )
      : item(
          'which pages are the same: the kernel tells frame numbers to root only; a page that is not mapped exclusively is taken for that of a relative at the same address',
        )),
    ...(blind.length > 0
      ? item(`of pid ${blind.join(', ')} pagemap can't be read: as many pages as smaps says are touched, the first of each mapping`)
      : []),
    ...(huge > 0 ? item(`${huge / 1024} kB are in huge pages: here they are small ones`) : []),
    ...(swapped > 0 ? item(`${swapped / 1024} kB are in swap: here they are nowhere`) : []),
    ...losses.flatMap((line) => item(line.replace(/ \(first in line 0\)$/, ''))),
  ];
}

import { WrongUse } from './arguments';
import type { Command } from './command';
import { importProc } from './import/proc';
import { importStrace } from './import/strace';

export const importCommand: Command = {
  name: 'import',
  usage: 'strace LOG | proc PID… [--touch WHAT] [--limit N] [--children] [--reflink] [--fs TYPE]',
  doc: 'Writes a scenario of what real processes did, by a log of strace, or of what they hold, by /proc',
  options: {
    touch: {
      type: 'string',
      value: 'WHAT',
      doc: 'strace: which mapped memory is accessed, as a log does not tell: none, files (what is mapped of files) or all',
    },
    limit: { type: 'string', value: 'N', doc: 'strace: so many steps at most (100000); the scenario says where in the log it ends' },
    children: { type: 'boolean', doc: 'proc: their descendants, too' },
    reflink: {
      type: 'boolean',
      doc: 'proc: files with the same bytes share their blocks on disk, as if one had been cloned from the other',
    },
    fs: { type: 'string', value: 'TYPE', doc: 'The filesystem of the files: xfs, btrfs or ext4' },
  },
  run: (args, streams) => {
    const [kind, ...names] = args.files;
    if (kind === 'strace') return importStrace(names, args, streams);
    if (kind === 'proc') return importProc(names, args, streams);
    throw new WrongUse(`import ${kind ?? 'what'}? mmscn import strace LOG, or mmscn import proc PID…`);
  },
};

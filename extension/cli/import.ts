import { WrongUse } from './arguments';
import type { Command } from './command';
import { importStrace } from './import/strace';

export const importCommand: Command = {
  name: 'import',
  usage: 'strace LOG [--touch WHAT] [--limit N] [--fs TYPE]',
  doc: 'Writes a scenario of what a real program did',
  options: {
    touch: {
      type: 'string',
      value: 'WHAT',
      doc: 'Which mapped memory is accessed, as a log does not tell: none, files (what is mapped of files) or all',
    },
    limit: { type: 'string', value: 'N', doc: 'So many steps at most (100000); the scenario says where in the log it ends' },
    fs: { type: 'string', value: 'TYPE', doc: 'The filesystem of the files: xfs, btrfs or ext4' },
  },
  run: (args, streams) => {
    const [kind, ...names] = args.files;
    if (kind === 'strace') return importStrace(names, args, streams);
    throw new WrongUse(`import ${kind ?? 'what'}? mmscn import strace LOG`);
  },
};

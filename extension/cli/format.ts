import fs from 'node:fs';
import { format as formatted } from '../../language/syntax/print';
import { WrongUse } from './arguments';
import type { Command } from './command';
import { readTextFile } from './files';
import { counted } from './words';
import { exitCode } from './loadAll';

export const format: Command = {
  name: 'format',
  usage: 'FILE… [--check]',
  doc: 'Gives files the usual layout; comments and blank lines stay',
  options: { check: { type: 'boolean', doc: 'Change nothing; name the files that would change and exit with 1' } },
  run: (args, { out, err }) => {
    if (args.files.length === 0) throw new WrongUse('which file? Name at least one .mmscn file');
    const checkOnly = args.flag('check');
    const files = [...new Set(args.files)];
    let changed = 0;
    let unreadable = false;
    for (const file of files) {
      try {
        const text = readTextFile(file);
        const neat = formatted(text);
        if (neat === text) continue;
        changed++;
        if (!checkOnly) write(file, neat);
        out.write(`${file}\n`);
      } catch (error) {
        if (!(error instanceof WrongUse)) throw error;
        unreadable = true;
        err.write(`mmscn: ${error.message}\n`);
      }
    }
    if (changed > 0) err.write(`${changed} of ${counted(files.length, 'file')} ${checkOnly ? 'would change' : 'changed'}\n`);
    return exitCode(unreadable, !checkOnly || changed === 0);
  },
};

function write(file: string, text: string): void {
  try {
    fs.writeFileSync(file, text);
  } catch (error) {
    throw new WrongUse(`${file} can't be written: ${(error as Error).message}`);
  }
}

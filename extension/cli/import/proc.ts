import fs from 'node:fs';
import { importProcesses } from '../../../language/import/proc/scenario';
import { type ParsedArguments, WrongUse } from '../arguments';
import type { Streams } from '../command';
import { put } from './put';
import { descendants, readProcesses, totalMemory } from './readProc';
import { filesystem } from './strace';

export function importProc(given: readonly string[], args: ParsedArguments, streams: Streams): number {
  if (given.length === 0) throw new WrongUse('which processes? mmscn import proc PID…, as in mmscn import proc $(pgrep postgres)');
  for (const pid of given)
    if (!/^[1-9]\d{0,9}$/.test(pid))
      throw new WrongUse(
        `import proc takes process numbers, from 1, not ${pid}${/^[A-Za-z]/.test(pid) ? `; pgrep ${pid} finds those of a program` : ''}`,
      );
  if (!fs.existsSync('/proc/self/maps')) throw new WrongUse('import proc needs the /proc of Linux, and there is none here');
  const reflink = args.flag('reflink');
  if (reflink && filesystem(args) === 'ext4') throw new WrongUse('--reflink needs a filesystem that can share blocks: --fs xfs or btrfs');
  const pids = [...new Set(given.map(Number))];
  const { processes, facts, problems } = readProcesses(args.flag('children') ? descendants(pids) : pids);
  if (processes.length > 0) {
    const memory = totalMemory();
    put(
      importProcesses(processes, facts, { filesystem: filesystem(args), reflink, ...(memory !== undefined && { memory }) }).text,
      streams.out,
    );
  }
  for (const problem of problems) streams.err.write(`mmscn: ${problem}\n`);
  return problems.length > 0 ? 2 : 0;
}

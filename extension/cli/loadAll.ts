import path from 'node:path';
import { type ParsedArguments, WrongUse } from './arguments';
import type { Streams } from './command';
import { load, type Loaded } from './program';

/** The files of a command line. One that can't be read is said in a line, the others are still done. */
export async function loadAll(
  args: ParsedArguments,
  { err }: Streams,
): Promise<{ readonly loaded: readonly Loaded[]; readonly unreadable: boolean }> {
  if (args.files.length === 0) throw new WrongUse('which file? Name at least one .mmscn file');
  const loaded: Loaded[] = [];
  const files = new Map([...args.files].reverse().map((file) => [path.resolve(file), file]));
  for (const file of [...files.values()].reverse()) {
    try {
      loaded.push(await load(file));
    } catch (error) {
      if (!(error instanceof WrongUse)) throw error;
      err.write(`mmscn: ${error.message}\n`);
    }
  }
  return { loaded, unreadable: loaded.length < files.size };
}

/** 2 where a file could not be read, else 1 where not all is well. */
export function exitCode(unreadable: boolean, ok: boolean): number {
  return unreadable ? 2 : ok ? 0 : 1;
}

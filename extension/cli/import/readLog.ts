import fs from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { fileURLToPath } from 'node:url';
import { Lines } from '../../../language/import/lines';
import { HOW } from '../../../language/import/strace/remarks';
import { WrongUse } from '../arguments';

/** Gives each line of a log to `line`, a piece of the file in memory at a time; `-` is the standard input. Reading ends where `enough` says so. */
export async function readLog(name: string, line: (text: string) => void, enough: () => boolean = () => false): Promise<void> {
  const lines = new Lines(line);
  const decoder = new StringDecoder('utf8');
  let first = true;
  try {
    const stream =
      name === '-' ? process.stdin : fs.createReadStream(name.startsWith('file:') ? fileURLToPath(name) : name, { highWaterMark: 2 ** 20 });
    for await (const piece of stream as AsyncIterable<Buffer>) {
      if (first && piece.subarray(0, 8192).includes(0)) throw new WrongUse(`${name} is a binary file, not a log of strace`);
      first = false;
      lines.add(decoder.write(piece));
      if (enough()) return;
    }
  } catch (error) {
    if (error instanceof WrongUse) throw error;
    throw new WrongUse(unreadable(name, error as NodeJS.ErrnoException));
  }
  lines.add(decoder.end());
  lines.end();
}

function unreadable(name: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `${name} does not exist; make one with ${HOW}`;
  if (code === 'EISDIR') return `${name} is a directory, not a log`;
  if (code === 'EACCES') return `${name} can't be read: permission denied`;
  return `${name} can't be read: ${message}`;
}

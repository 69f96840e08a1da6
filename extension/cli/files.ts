import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WrongUse } from './arguments';
import { didYouMean } from '../../language/syntax/nearest';

/** A scenario's text is small; what is larger was named by mistake. */
const LARGEST = 64 * 2 ** 20;

/** A file's text, UTF-8. Throws a `WrongUse` whose message says in one line what is wrong with it. */
export function readTextFile(name: string): string {
  const file = name.startsWith('file:') ? fileURLToPath(name) : name;
  let bytes: Buffer;
  try {
    const { size } = fs.statSync(file);
    if (size > LARGEST) throw new WrongUse(`${name} is too large for a scenario: ${size} bytes`);
    bytes = fs.readFileSync(file);
  } catch (error) {
    if (error instanceof WrongUse) throw error;
    throw new WrongUse(whyUnreadable(name, file, error as NodeJS.ErrnoException));
  }
  if (bytes.subarray(0, 8192).includes(0)) throw new WrongUse(`${name} is a binary file, not a scenario`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new WrongUse(`${name} is not UTF-8 text`);
  }
}

function whyUnreadable(name: string, file: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `${name} does not exist${beside(file)}`;
  if (code === 'EISDIR') return `${name} is a directory; name the files in it: ${path.join(name, '*.mmscn')}`;
  if (code === 'EACCES') return `${name} can't be read: permission denied`;
  return `${name} can't be read: ${message}`;
}

/** The scenario in that folder whose name is nearest to what was written. */
function beside(file: string): string {
  try {
    const names = fs.readdirSync(path.dirname(file)).filter((name) => name.endsWith('.mmscn'));
    return didYouMean(path.basename(file), names).replaceAll('`', '');
  } catch {
    return '';
  }
}

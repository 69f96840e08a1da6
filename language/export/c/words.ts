import { constants } from '../../catalogue/constants';
import type { ConstantGroup } from '../../catalogue/types';
import { Content } from '../../simulator/state/content';
import type { Value } from '../../simulator/value';
import { hex, realAddress } from '../addresses';

const named = Object.entries(constants).map(([name, { value, groups }]) => ({ name, value, groups: groups as readonly string[] }));

/** A word of flags by its constants' names: `O_RDWR | O_CREAT`. `prefix`: of those in a group that has several words of flags. */
export function flagsText(value: bigint, group: ConstantGroup, prefix = ''): string {
  const ours = named
    .filter(({ name, groups, value: bits }) => name.startsWith(prefix) && groups.includes(group) && bits !== 0n)
    .sort((a, b) => (a.value < b.value ? 1 : -1));
  const parts: string[] = [];
  let rest = value;
  for (const { name, value: bits } of ours) {
    if ((rest & bits) !== bits) continue;
    parts.unshift(name);
    rest &= ~bits;
  }
  const zero = named.find(({ groups, value: bits }) => groups.includes(group) && bits === 0n)?.name ?? '0';
  if (group === 'open' && (value & 3n) === 0n) parts.unshift(zero);
  if (rest !== 0n || parts.length === 0) parts.push(rest === 0n ? zero : hex(rest));
  return parts.join(' | ');
}

/** One of several constants: `MADV_DONTNEED`. */
export function enumText(value: bigint, group: ConstantGroup): string {
  return named.find(({ groups, value: one }) => groups.includes(group) && one === value)?.name ?? String(value);
}

/** An amount of bytes: `4 * PAGE`. */
export function bytesText(value: bigint): string {
  if (value === 0n || value % 4096n !== 0n) return value > 0x7fff_ffffn || value < 0n ? `${value}L` : String(value);
  return value === 4096n ? 'PAGE' : `${value / 4096n} * PAGE`;
}

/** Where something is in the real process. */
export function addressText(value: bigint): string {
  return value === 0n ? 'NULL' : `(void *)${hex(realAddress(BigInt.asUintN(64, value)))}`;
}

/** A path of the scenario, from the directory in which the program works. */
export function pathText(path: Value | undefined): string {
  const text = path instanceof Content ? (path.asText() ?? '') : '';
  return cString(text.startsWith('/') ? text.slice(1) || '.' : text);
}

export function cString(text: string): string {
  return cBytes(new TextEncoder().encode(text));
}

/** Bytes as a string literal of C. */
export function cBytes(bytes: Uint8Array): string {
  let out = '"';
  for (const byte of bytes) {
    if (byte === 34 || byte === 92) out += `\\${String.fromCharCode(byte)}`;
    else if (byte >= 32 && byte < 127 && byte !== 63) out += String.fromCharCode(byte);
    else out += `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return `${out}"`;
}

/** Statements that put a content into the buffer `data`. */
export function contentStatements(content: Content): string[] {
  const statements = ['clear();'];
  for (const piece of content.pieces) {
    if (piece.kind === 'bytes' && piece.word.length <= 4096) {
      const { word, phase } = piece;
      const turned = new Uint8Array(word.length);
      for (let i = 0; i < word.length; i++) turned[i] = word[(phase + i) % word.length]!;
      statements.push(`put(${cBytes(turned)}, ${word.length}, ${bytesText(BigInt(piece.length))});`);
    } else {
      const from = offsetOf(content, piece);
      for (let at = 0; at < piece.length; at += 4096) {
        const bytes = content.bytes(from + at, from + Math.min(piece.length, at + 4096));
        statements.push(`put(${cBytes(bytes)}, ${bytes.length}, ${bytes.length});`);
      }
    }
  }
  return statements;
}

function offsetOf(content: Content, piece: Content['pieces'][number]): number {
  let at = 0;
  for (const each of content.pieces) {
    if (each === piece) return at;
    at += each.length;
  }
  return at;
}

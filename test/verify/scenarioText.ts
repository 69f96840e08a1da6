import type { Outcome } from '../../language/simulator/api';
import { calls } from '../../language/catalogue/calls';
import type { CallEntry, Parameter } from '../../language/catalogue/types';
import { enumText, flagsText } from '../../language/export/c/words';
import { Content } from '../../language/simulator/state/content';
import type { Value } from '../../language/simulator/value';

/** One step as the machine was asked for it. */
export interface Asked {
  readonly who: number | 'kernel';
  readonly call: string;
  readonly args: readonly Value[];
  readonly outcome: Outcome;
}

/** Steps as lines of a scenario: what failed is expected to fail. Descriptors and processes get names. */
export function lines(steps: readonly Asked[], first: number): string[] {
  const names = new Map([[first, 'p']]);
  const fds = new Map<bigint, string>();
  return steps.map(({ who, call, args, outcome }) => {
    const entry = (calls as Readonly<Record<string, CallEntry>>)[call]!;
    const text = `${call}(${args.map((arg, i) => argument(arg, entry.params[i]!, fds)).join(', ')})`;
    const actor = who === 'kernel' ? 'kernel' : (names.get(who) ?? `process${who}`);
    if (outcome.kind === 'errno') return `expect ${actor}: ${text} fails ${outcome.errno}`;
    if (outcome.kind === 'signal') return `expect ${actor}: ${text} raises ${outcome.signal}`;
    const value = outcome.kind === 'ok' ? outcome.value : undefined;
    if ((call === 'fork' || call === 'clone') && typeof value === 'bigint') {
      names.set(Number(value), `c${value}`);
      return `${actor}: ${call}() as c${value}`;
    }
    if (entry.returns === 'fd' && typeof value === 'bigint') {
      fds.set(value, `fd${value}`);
      return `${actor}: fd${value} = ${text}`;
    }
    return `${actor}: ${text}`;
  });
}

function argument(value: Value, { kind, group }: Parameter, fds: ReadonlyMap<bigint, string>): string {
  if (value instanceof Content) return kind === 'path' ? JSON.stringify(value.asText()) : contentText(value);
  if (typeof value !== 'bigint') return String(value);
  if (kind === 'fd') return fds.get(value) ?? String(value);
  if (kind === 'address') return value === 0n ? 'NULL' : `0x${value.toString(16)}`;
  if (kind === 'flags' && group !== undefined) return flagsText(value, group);
  if (kind === 'enum' && group !== undefined) return enumText(value, group);
  return value !== 0n && value % 4096n === 0n ? (value === 4096n ? '1 page' : `${value / 4096n} pages`) : String(value);
}

function contentText(content: Content): string {
  const [piece, more] = content.pieces;
  if (piece?.kind !== 'bytes' || more) throw new Error('only repeated words are written here');
  const word = Array.from(piece.word, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  return `"${word}" * ${content.length}`;
}

import { parseArgs } from 'node:util';
import { parseInteger } from '../../language/runtime/compare/range';
import { nearest } from './nearest';

/** The command line was used wrongly: the message is one line, exit code 2. */
export class WrongUse extends Error {}

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly multiple?: true;
  /** How the value is called in the help: `--seed N`. */
  readonly value?: string;
  readonly doc: string;
}

export interface ParsedArguments {
  readonly files: readonly string[];
  flag(name: string): boolean;
  /** The option's values in the order they were given. */
  all(name: string): readonly string[];
  one(name: string): string | undefined;
}

/** Reads options and files; an unknown option, a missing value or one too many is a `WrongUse` naming the nearest right one. */
export function parseArguments(args: readonly string[], specs: Readonly<Record<string, OptionSpec>>): ParsedArguments {
  const options = Object.fromEntries(Object.entries(specs).map(([name, { type }]) => [name, { type, multiple: true }]));
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const files: string[] = [];
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') files.push(token.value);
    if (token.kind === 'option') {
      const value = checked(token, specs);
      values.set(token.name, [...(values.get(token.name) ?? []), value]);
    }
  }
  for (const [name, given] of values)
    if (given.length > 1 && specs[name]!.type === 'string' && !specs[name]!.multiple) throw new WrongUse(`--${name} is given twice`);
  const all = (name: string) => values.get(name) ?? [];
  return { files, all, one: (name) => all(name)[0], flag: (name) => values.has(name) };
}

function checked(
  token: { name: string; rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
  specs: Readonly<Record<string, OptionSpec>>,
): string {
  const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
  if (!spec) throw new WrongUse(`unknown option ${token.rawName}${nearest(token.name, Object.keys(specs), (name) => `--${name}`)}`);
  if (spec.type === 'boolean') {
    if (token.value !== undefined) throw new WrongUse(`--${token.name} takes no value`);
    return '';
  }
  if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
    throw new WrongUse(`--${token.name} needs a value: --${token.name} ${spec.value}`);
  return token.value;
}

/** `n=1500`, `size=4K`-like suffixes included, as the language writes numbers. */
export function parseParams(given: readonly string[]): Record<string, bigint> {
  const params: Record<string, bigint> = {};
  for (const text of given) {
    const [, name, written] = /^([A-Za-z_]\w*)=(\S*)$/.exec(text) ?? [];
    const value = parseInteger(written ?? '');
    if (name === undefined || value === undefined) throw new WrongUse(`--param takes name=integer, as in --param n=1500, not ${text}`);
    if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new WrongUse(`--param ${name}: ${value} is outside −2^63 … 2^64−1`);
    params[name] = value;
  }
  return params;
}

export function parseSeed(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) throw new WrongUse(`--seed takes a whole number from 0, not ${text}`);
  return Number(text);
}

/** `0,1,1`: a number a turn. */
export function parseOrder(text: string | undefined): number[] {
  if (text === undefined) return [];
  if (!/^\d{1,6}(,\d{1,6})*$/.test(text)) throw new WrongUse(`--order takes numbers from 0, one a turn, as in 0,1,1, not ${text}`);
  return text.split(',').map(Number);
}

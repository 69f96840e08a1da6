import type { calls, CallName } from '../catalogue/calls';
import type { Errno, Kind, Parameter } from '../catalogue/types';
import type { Outcome } from './api';
import type { Content } from './state/content';
import type { Kernel } from './state/kernel';
import type { Value } from './value';

type Plain<K extends Kind> = K extends 'path' ? string : K extends 'content' ? Content : number;
type Argument<P extends Parameter> = P extends { words: readonly (infer W)[] } ? Plain<P['kind']> | W : Plain<P['kind']>;
type Arguments<Ps extends readonly Parameter[]> = {
  -readonly [I in keyof Ps]: Ps[I] extends { optional: true } ? Argument<Ps[I]> | undefined : Argument<Ps[I]>;
};

/** A call's function: the machine, the task that asks (0: the kernel itself), and the arguments that the catalogue names, as numbers, text or content. */
export type CallFunction<N extends CallName> = (k: Kernel, task: number, ...args: Arguments<(typeof calls)[N]['params']>) => Outcome;

/** What a file of the simulator exports as `calls`: functions under the catalogue's names, with the catalogue's arguments. */
export type Calls = { readonly [N in CallName]?: CallFunction<N> };

export const ok = (value?: Value): Outcome => (value === undefined ? { kind: 'ok' } : { kind: 'ok', value });

export const number = (value: number): Outcome => ({ kind: 'ok', value: BigInt(value) });

type FieldsOf<N extends CallName> = (typeof calls)[N] extends { fields: infer F } ? { readonly [K in keyof F]: number } : never;

/** The result of a call that fills in a structure, with the fields that the catalogue names. */
export function record<N extends CallName>(of: N, fields: FieldsOf<N>): Outcome {
  const entries = Object.entries(fields as Readonly<Record<string, number>>).map(([name, value]) => [name, BigInt(value)]);
  return ok({ kind: 'record', of, fields: Object.fromEntries(entries) as Record<string, bigint> });
}

/** The call fails with an errno; `why` is a sentence that names the state that caused it. */
export const fail = (errno: Errno, why: string): Outcome => ({ kind: 'errno', errno, why });

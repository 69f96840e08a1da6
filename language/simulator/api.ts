import type { Content } from './state/content';
import type { Value } from './value';

/** An option's value, evaluated: sizes in bytes, bare words as strings, content as content. */
export type OptionValue = bigint | boolean | string | Content | readonly OptionValue[];
export type Options = Readonly<Record<string, OptionValue>>;

/** What exists before the first step, in the order of the text. Paths are absolute. */
export type Setup =
  | { readonly kind: 'mount'; readonly type: string; readonly path: string; readonly options: Options }
  | { readonly kind: 'file'; readonly path: string; readonly content?: Content; readonly options: Options }
  | { readonly kind: 'directory'; readonly path: string; readonly options: Options }
  | { readonly kind: 'reflink' | 'snapshot' | 'dedupe'; readonly from: string; readonly to: string }
  | { readonly kind: 'cgroup'; readonly path: string; readonly options: Options }
  | { readonly kind: 'process'; readonly name: string; readonly cgroup?: string; readonly host?: string; readonly options: Options };

export interface MachineOptions {
  /** Options of `machine { … }` by their dotted names; what is missing takes the catalogue's default. */
  readonly machine: Options;
  /** Names of further hosts: machines with the same options on the same storage. */
  readonly hosts?: readonly string[];
  readonly design: { readonly name: string; readonly base: string; readonly options: Options };
  readonly seed: number;
}

/** What a call ends with. Nothing is thrown. */
export type Outcome =
  | { readonly kind: 'ok'; readonly value?: Value }
  /** `why` is a sentence naming the state that caused it. */
  | { readonly kind: 'errno'; readonly errno: string; readonly why: string }
  /** `fatal`: the process is dead afterwards even if the scenario expects the signal (SIGKILL). */
  | { readonly kind: 'signal'; readonly signal: string; readonly why: string; readonly fatal: boolean }
  /** The simulator can't go on: not implemented, out of simulated memory where reclaim is not simulated, a limit. The step has been undone. */
  | { readonly kind: 'error'; readonly code: string; readonly why: string };

/** An invariant that does not hold after a step. `known`: the design is known to break it, the run goes on. */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
  readonly known: boolean;
}

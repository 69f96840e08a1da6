import { Content } from '../../simulator/state/content';
import type { Value } from '../../simulator/value';
import type { TracedStep } from '../trace';
import { bytesText, contentStatements } from './words';

/** The body of a step's function: statements, the last of which returns what the call returns. `arena`: that of the process it makes (`needsArena`). */
export type Emit = (step: TracedStep, arena: number) => string[];

export const number = (value: Value | undefined, otherwise = 0n): bigint => (typeof value === 'bigint' ? value : otherwise);

/** A descriptor of the scenario. */
export const fdText = (value: Value | undefined): string => {
  const n = number(value, -1n);
  return n >= 0n && n < 1024n ? `fd[${n}]` : '-1';
};

export const size = (value: Value | undefined): string => bytesText(number(value));

/** Statements that put a content into the buffer `data`. */
export const contentOf = (value: Value | undefined): string[] => contentStatements(value instanceof Content ? value : Content.empty);

/** The number that a call returned in the simulator. */
export const result = ({ outcome }: TracedStep): bigint | undefined =>
  outcome.kind === 'ok' && typeof outcome.value === 'bigint' ? outcome.value : undefined;

import { LIMITS, type Limits } from '../../language/runtime/limits';
import { type Arguments, optionalNumber, optionalString, RequestError, stringIn } from './protocol';

/** What a run is launched with, as the launch configuration says it. */
export interface LaunchOptions {
  /** Path or URI. */
  readonly program: string;
  readonly scenario: string | undefined;
  readonly design: string | undefined;
  /** Designs of runs that go along. */
  readonly compare: readonly string[];
  /** Stop before this statement instead of before the first. */
  readonly statement: number | undefined;
  readonly params: Readonly<Record<string, bigint>>;
  readonly seed: number;
  readonly stopOnEntry: boolean;
  readonly noDebug: boolean;
  /** What the run may use before it ends with an error that names the limit (the settings `mmscn.limits.*`). */
  readonly limits: Partial<Limits>;
}

export function launchOptions(args: Arguments): LaunchOptions {
  const seed = optionalNumber(args, 'seed') ?? 0;
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RequestError(`The seed must be a whole number from 0, not ${seed}.`);
  return {
    program: stringIn(args, 'program'),
    scenario: optionalString(args, 'scenario'),
    design: optionalString(args, 'design'),
    compare: designs(args['compare']),
    statement: statement(optionalNumber(args, 'statement')),
    params: params(args['params']),
    seed,
    stopOnEntry: args['stopOnEntry'] !== false,
    noDebug: args['noDebug'] === true,
    limits: limits(args['limits']),
  };
}

function designs(given: unknown): readonly string[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given) || !given.every((each) => typeof each === 'string'))
    throw new RequestError('The argument `compare` must be a list of designs.');
  return [...new Set(given)];
}

function statement(given: number | undefined): number | undefined {
  if (given !== undefined && (!Number.isSafeInteger(given) || given < 0))
    throw new RequestError(`The argument \`statement\` must be a whole number from 0, not ${given}.`);
  return given;
}

function limits(given: unknown): Partial<Limits> {
  if (given === undefined || given === null) return {};
  if (typeof given !== 'object') throw new RequestError('The argument `limits` must be an object: names and numbers.');
  const entries = Object.entries(given).map(([name, value]) => {
    if (!Object.hasOwn(LIMITS, name)) throw new RequestError(`There is no limit ${name}; there are ${Object.keys(LIMITS).join(', ')}.`);
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RequestError(`The limit ${name} must be a whole number from 1, not ${JSON.stringify(value)}.`);
    return [name, value as number];
  });
  return Object.fromEntries(entries) as Partial<Limits>;
}

/** Numbers, or texts for what JSON's numbers can't hold. */
function params(given: unknown): Record<string, bigint> {
  if (given === undefined || given === null) return {};
  if (typeof given !== 'object' || Array.isArray(given))
    throw new RequestError('The argument `params` must be an object: names and integers.');
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, integer(name, value)]));
}

function integer(name: string, value: unknown): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d+$/.test(value.trim())) return BigInt(value.trim());
  throw new RequestError(`The value of param ${name} must be an integer, not ${JSON.stringify(value)}.`);
}

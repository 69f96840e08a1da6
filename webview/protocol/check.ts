/** Small validators: each takes a value from outside and gives it back typed, or throws a ProtocolError that names the place. */

export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  constructor(at: string, expected: string, value: unknown) {
    super(`${at}: expected ${expected}, got ${describe(value)}`);
  }
}

export type Check<T> = (value: unknown, at: string) => T;

/** No message carries more rows in one list than this. */
const MOST = 100_000;

export const text: Check<string> = (value, at) => {
  if (typeof value !== 'string') throw new ProtocolError(at, 'a text', value);
  return value;
};

export const flag: Check<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw new ProtocolError(at, 'true or false', value);
  return value;
};

export const integer: Check<number> = (value, at) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new ProtocolError(at, 'an integer', value);
  return value;
};

export const count: Check<number> = (value, at) => {
  if (integer(value, at) < 0) throw new ProtocolError(at, 'an integer from 0', value);
  return value as number;
};

export function oneOf<T extends string>(...names: readonly T[]): Check<T> {
  return (value, at) => {
    if (!names.includes(value as T)) throw new ProtocolError(at, `one of ${names.join(', ')}`, value);
    return value as T;
  };
}

export function list<T>(check: Check<T>): Check<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw new ProtocolError(at, 'a list', value);
    if (value.length > MOST) throw new ProtocolError(at, `at most ${MOST} entries`, value.length);
    return value.map((one, index) => check(one, `${at}[${index}]`));
  };
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, at) => (value === null ? null : check(value, at));
}

const optionals = new WeakSet<object>();

/** Only for fields of `object`: the field may be missing. */
export function optional<T>(check: Check<T>): Check<T> {
  const made: Check<T> = (value, at) => check(value, at);
  optionals.add(made);
  return made;
}

/** Takes the named fields and leaves others behind: an older panel lives with a newer host. */
export function object<T extends object>(fields: { readonly [K in keyof T]-?: Check<Exclude<T[K], undefined>> }): Check<T> {
  const entries = Object.entries(fields) as [string, Check<unknown>][];
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ProtocolError(at, 'an object', value);
    const result: Record<string, unknown> = {};
    for (const [name, check] of entries) {
      const field = (value as Record<string, unknown>)[name];
      if (field !== undefined || !optionals.has(check)) result[name] = check(field, `${at}.${name}`);
    }
    return result as T;
  };
}

/** A union told apart by its `kind`. */
export function union<T extends { readonly kind: string }>(kinds: { readonly [K in T['kind']]: Check<Extract<T, { kind: K }>> }): Check<T> {
  return (value, at) => {
    const kind = typeof value === 'object' && value !== null ? (value as { kind?: unknown }).kind : undefined;
    if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) {
      throw new ProtocolError(`${at}.kind`, `one of ${Object.keys(kinds).join(', ')}`, kind);
    }
    return kinds[kind as T['kind']](value, at) as T;
  };
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const shown = String(value);
  return shown.length > 40 ? `${typeof value} ${shown.slice(0, 40)}…` : `${typeof value} ${shown}`;
}

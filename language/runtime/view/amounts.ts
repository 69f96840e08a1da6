import { observables } from '../../catalogue/observables';
import type { Observable, Owner } from '../../catalogue/types';
import { observers } from '../../simulator/implemented';
import type { Kernel } from '../../simulator/state/kernel';
import type { ObjectRef, Value } from '../../simulator/value';
import type { Amount } from './types';

/** A number as it is now, and the way to ask for it again. */
export interface Pending {
  readonly amount: Amount;
  ask(): number;
}

type Observer = (k: Kernel, subject: ObjectRef) => Value;

/** Observables of one object by their names in the catalogue, those that are simulated; `prefix` stands before the shown name. */
export function amounts(k: Kernel, of: Owner, names: readonly string[], subject: ObjectRef, prefix = ''): Pending[] {
  const entries = observables[of] as Readonly<Record<string, Observable>>;
  const functions = observers as Readonly<Record<string, Readonly<Record<string, Observer>>>>;
  return names.flatMap((name): Pending[] => {
    const [entry, observe] = [entries[name], functions[of]?.[name]];
    if (entry === undefined || observe === undefined) return [];
    const ask = () => Number(observe(k, subject));
    const unit = entry.unit === 'bytes' ? 'bytes' : 'count';
    return [{ amount: { name: `${prefix}${name}`, value: ask(), unit, doc: entry.doc }, ask }];
  });
}

/** In the state before: says what each number was, where it differs. */
export function finishAmounts(pending: readonly Pending[]): Amount[] {
  return pending.map(({ amount, ask }) => {
    const previous = ask();
    return previous === amount.value ? amount : { ...amount, previous };
  });
}

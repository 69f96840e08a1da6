import type { observables } from '../../catalogue/observables';
import type { Owner } from '../../catalogue/types';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE } from '../state/units';
import type { ObjectRef, Value } from '../value';

/** The functions behind the catalogue's observables of one kind of object. */
export type Observers<O extends Owner> = { readonly [N in keyof (typeof observables)[O]]?: (k: Kernel, subject: ObjectRef) => Value };

/** Amounts of memory are told in bytes. */
export const bytes = (pages: number): bigint => BigInt(pages * PAGE_SIZE);

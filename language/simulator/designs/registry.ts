import { designs, type BuiltInDesign } from '../../catalogue/designs';
import type { DesignEntry } from '../../catalogue/types';
import type { Options } from '../api';
import { baseline } from './baseline';
import type { Design } from './design';
import { extent_cache } from './extent_cache';
import { inode_share } from './inode_share';
import { master_inode } from './master_inode';
import { naive_pages } from './naive_pages';
import { reflink_pages } from './reflink_pages';
import { shared_folio } from './shared_folio';
import { whole_file } from './whole_file';

/** Makes a design with the options of the scenario; a sentence where they can't be. */
export type MakeDesign = (options: Options) => Design | string;

const registered = new Map<string, MakeDesign>();

/**
 * Adds a design, or takes the place of one: its entry in the catalogue, with the name that scenarios use, and how it is made. Checks, completion,
 * hover, runs, the debugger and comparisons know it from then on.
 */
export function registerDesign({ name, ...entry }: DesignEntry & { readonly name: string }, make: MakeDesign): void {
  Object.assign(designs, { [name]: entry });
  registered.set(name, make);
}

const ours = (name: BuiltInDesign, make: MakeDesign): void => registerDesign({ name, ...designs[name] }, make);

export const design_named = (name: string): MakeDesign | undefined => registered.get(name);

export const designNames = (): string[] => [...registered.keys()];

ours('baseline', () => baseline);
ours('naive_pages', naive_pages);
ours('master_inode', master_inode);
ours('reflink_pages', reflink_pages);
ours('extent_cache', extent_cache);
ours('shared_folio', shared_folio);
ours('whole_file', whole_file);
ours('inode_share', inode_share);

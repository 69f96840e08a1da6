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

/** Adds a design under the name that scenarios use. */
export function registerDesign(name: string, make: MakeDesign): void {
  registered.set(name, make);
}

export const design_named = (name: string): MakeDesign | undefined => registered.get(name);

export const designNames = (): string[] => [...registered.keys()];

registerDesign('baseline', () => baseline);
registerDesign('naive_pages', naive_pages);
registerDesign('master_inode', master_inode);
registerDesign('reflink_pages', reflink_pages);
registerDesign('extent_cache', extent_cache);
registerDesign('shared_folio', shared_folio);
registerDesign('whole_file', whole_file);
registerDesign('inode_share', inode_share);

import type { Options } from '../api';
import { baseline } from './baseline';
import type { Design } from './design';
import { extent_cache } from './extent_cache';

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
registerDesign('extent_cache', extent_cache);

import { designs } from './designs';
import { mountOptions } from './options/mounts';
import { cgroupOptions, directoryOptions, fileOptions, machineOptions, processOptions } from './options/statements';
import type { OptionEntry } from './types';

/** Which option belongs where: one table. Dotted names stand as they are written. */
export const options = {
  machine: machineOptions,
  file: fileOptions,
  directory: directoryOptions,
  process: processOptions,
  cgroup: cgroupOptions,
  mount: mountOptions,
  /** Of every design by its name. */
  get design(): Readonly<Record<string, Readonly<Record<string, OptionEntry>>>> {
    return Object.fromEntries(Object.entries(designs).map(([name, entry]) => [name, entry.options]));
  },
} as const satisfies {
  readonly [place in 'machine' | 'file' | 'directory' | 'process' | 'cgroup']: Readonly<Record<string, OptionEntry>>;
} & { readonly [place in 'mount' | 'design']: Readonly<Record<string, Readonly<Record<string, OptionEntry>>>> };

export { mountDocs, type MountType } from './options/mounts';

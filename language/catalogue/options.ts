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
  design: {
    baseline: designs.baseline.options,
    naive_pages: designs.naive_pages.options,
    master_inode: designs.master_inode.options,
    whole_file: designs.whole_file.options,
    reflink_pages: designs.reflink_pages.options,
    extent_cache: designs.extent_cache.options,
    shared_folio: designs.shared_folio.options,
    inode_share: designs.inode_share.options,
  },
} as const satisfies {
  readonly [place in 'machine' | 'file' | 'directory' | 'process' | 'cgroup']: Readonly<Record<string, OptionEntry>>;
} & { readonly [place in 'mount' | 'design']: Readonly<Record<string, Readonly<Record<string, OptionEntry>>>> };

export { mountDocs, type MountType } from './options/mounts';

import { diskObservables, fileObservables, flagObservables, mappingObservables, pageObservables } from './observables/files';
import { memoryObservables, processObservables, pteObservables, regionObservables, vmaObservables } from './observables/memory';
import { cgroupObservables, designObservables, faultObservables, hostObservables, lruObservables, runObservables } from './observables/run';
import type { Observable, Owner } from './types';

/** Everything that can be asked, by its owner: `process.rss` is `p.rss`, `memory.cached` stands as it is, `run.stale_reads` stands alone. */
export const observables = {
  process: processObservables,
  pte: pteObservables,
  vma: vmaObservables,
  file: fileObservables,
  page: pageObservables,
  flags: flagObservables,
  mapping: mappingObservables,
  mm: regionObservables,
  memory: memoryObservables,
  disk: diskObservables,
  lru: lruObservables,
  cgroup: cgroupObservables,
  faults: faultObservables,
  design: designObservables,
  host: hostObservables,
  run: runObservables,
} as const satisfies Record<Owner, Record<string, Observable>>;

/** `process.rss`, `run.stale_reads`, …: how sets of what is implemented name observables. */
export type ObservableName = {
  [O in keyof typeof observables]: `${O}.${keyof (typeof observables)[O] & string}`;
}[keyof typeof observables];

import type { Counter, Kernel } from '../state/kernel';
import { NONE, target } from '../state/shift';
import { PAGE_SIZE } from '../state/units';
import { ksm_general_profit, ksm_pages_volatile } from '../mm/ksm_profit';
import type { ObjectRef } from '../value';
import { bytes, type Observers } from './observer';

const amount =
  (...counters: Counter[]) =>
  (k: Kernel): bigint =>
    bytes(counters.reduce((sum, counter) => sum + k.counter(counter), 0));

const count =
  (counter: Counter) =>
  (k: Kernel): bigint =>
    BigInt(k.counter(counter));

/** Bytes of a folio descriptor (simulator choice: the size that the proposals argue with). */
const DESCRIPTOR = 64n;

/** Pages of the swap cache that nothing maps: those that are mapped count as anonymous. */
function nr_unmapped_swapcache(k: Kernel): number {
  let pages = 0;
  if (k.counter('nr_swapcached') > 0)
    k.swapSlot.cache.runs(1, k.options.swap.pages, (at, n, value) => {
      if (value === NONE) return;
      k.page.mapcount.runs(target(at, value), n, (_pfn, length, mapcount) => {
        if (mapcount === 0) pages += length;
      });
    });
  return pages;
}

const memory = {
  total: (k) => bytes(k.options.memory),
  used: amount('nr_used'),
  free: (k) => bytes(k.options.memory - k.counter('nr_used')),
  cached: amount('nr_file_pages'),
  shmem: amount('nr_shmem'),
  anon: amount('nr_anon_pages'),
  dirty: amount('nr_dirty'),
  writeback: () => 0n,
  page_tables: (k) => {
    let tables = 0;
    for (let mm = 1; mm <= k.mms.count; mm++) tables += k.mm.pgtables.get(mm) - Math.max(0, k.mm.sharers.get(mm) - 1);
    return bytes(tables);
  },
  swap: amount('nr_swap'),
  swap_total: (k) => bytes(k.swapArea.off.get(0) === 1 ? 0 : k.options.swap.pages),
  swap_cached: amount('nr_swapcached'),
  pswpin: count('pswpin'),
  pswpout: count('pswpout'),
  descriptors: (k) =>
    BigInt(k.counter('nr_file_pages') + k.counter('nr_anon_pages') + nr_unmapped_swapcache(k) + k.design.descriptors(k)) * DESCRIPTOR,
  ksm_shared: count('ksm_pages_shared'),
  ksm_sharing: count('ksm_pages_sharing'),
  ksm_unshared: count('ksm_pages_unshared'),
  ksm_volatile: (k) => BigInt(ksm_pages_volatile(k)),
  ksm_zero_pages: count('ksm_zero_pages'),
  ksm_profit: (k) => BigInt(ksm_general_profit(k)),
} satisfies Observers<'memory'>;

const disk = {
  reads: amount('disk_reads'),
  writes: amount('disk_writes'),
  used: (k) => {
    let used = 0;
    for (let device = 1; device <= k.devices.count; device++) used += k.device.of(device).used.get(0);
    return bytes(used);
  },
  checksums: count('checksums'),
  decompressed: amount('decompressed'),
} satisfies Observers<'disk'>;

const lru = {
  active: amount('nr_active_anon', 'nr_active_file'),
  inactive: amount('nr_inactive_anon', 'nr_inactive_file'),
  active_anon: amount('nr_active_anon'),
  inactive_anon: amount('nr_inactive_anon'),
  active_file: amount('nr_active_file'),
  unevictable: amount('nr_unevictable'),
  inactive_file: amount('nr_inactive_file'),
} satisfies Observers<'lru'>;

const cgroup = {
  usage: (k, { id }) => bytes(k.cgroup.usage.get(id)),
  limit: (k, { id }) => bytes(k.cgroup.limit.get(id)),
  swap: (k, { id }) => bytes(k.cgroup.swap.get(id)),
} satisfies Observers<'cgroup'>;

const faults = { minor: count('minflt'), major: count('majflt'), link: count('link_faults') } satisfies Observers<'faults'>;

/** Of all hosts together; of one where it is asked for by name. */
const count_all =
  (counter: Counter) =>
  (k: Kernel, subject: ObjectRef): bigint =>
    BigInt((subject.host === undefined ? k.hosts : [k]).reduce((sum, host) => sum + host.counter(counter), 0));

const design = {
  hits: count_all('design_hits'),
  breaks: count_all('design_breaks'),
  copies: count_all('design_copies'),
  invalidations: count_all('design_invalidations'),
} satisfies Observers<'design'>;

const run = {
  memory: () => 0n,
  disk: () => 0n,
  lru: () => 0n,
  faults: () => 0n,
  design: () => 0n,
  frame: () => 0n,
  audit_sites: count('audit_sites'),
  stale_reads: (k) => BigInt(k.hosts.reduce((sum, host) => sum + host.counter('stale_reads'), 0)),
  page_size: () => BigInt(PAGE_SIZE),
} satisfies Observers<'run'>;

export const machineObservers = { memory, disk, lru, cgroup, faults, design, run };

import { any, clear, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { TASK_PAGES } from '../state/units';
import { fput, get_file } from '../fs/file';
import { ihold, iput } from '../fs/inode';
import { free_shared_pmds, hugetlb_split, is_vm_hugetlb_page } from './hugetlb_share';
import { mshare_detached } from './mshare_exit';
import { unreserve_private } from './hugetlb_pool';
import { split_huge_pmd_edges } from './huge_pmd';

/** What a new VMA is made of; page numbers. `mapping` 0: anonymous memory; `file`: the open file that it was made from (`vm_file`), 0 if there is none. */
export interface VmaFields {
  readonly mm: number;
  readonly start: number;
  readonly end: number;
  readonly flags: number;
  readonly pgoff: number;
  readonly mapping: number;
  readonly anon_vma: number;
  /** The VMA that a fork made with its anon_vma (`anon_vma_fork()`), of which it is a part; 0: it has none from a parent. */
  readonly inherited?: number;
  readonly file?: number;
  /** Reservation of hugetlb pages that is this mapping's alone. */
  readonly resv_map?: number;
  /** The region that it shows. */
  readonly mshare?: number;
  /** The userfaultfd that it is registered with. */
  readonly uffd?: number;
}

/** Adds a VMA to its mm, to its file's `i_mmap` and to its anon_vma. */
export function insert_vma(k: Kernel, fields: VmaFields): number {
  const vma = k.vmas.next();
  const { file = 0 } = fields;
  for (const name of ['mm', 'start', 'end', 'flags', 'pgoff', 'mapping', 'anon_vma'] as const) k.vma[name].set(vma, fields[name]);
  k.space4.of(fields.mm).vma.fill(fields.start, fields.end - fields.start, vma);
  k.mm.map_count.set(fields.mm, k.mm.map_count.get(fields.mm) + 1);
  k.vma.resv_map.set(vma, fields.resv_map ?? 0);
  k.vma.mshare.set(vma, fields.mshare ?? 0);
  k.vma.uffd.set(vma, fields.uffd ?? 0);
  k.vma.inherited.set(vma, fields.inherited ?? 0);
  if (fields.mshare) k.mshare.attached.set(fields.mshare, k.mshare.attached.get(fields.mshare) + 1);
  if (file !== 0) {
    k.vma.file.set(vma, file);
    get_file(k, file);
  }
  if (fields.mapping !== 0) {
    k.space.of(fields.mapping).vmas.set(vma, 1);
    ihold(k, k.mapping.host.get(fields.mapping));
  }
  if (fields.anon_vma !== 0) k.anonVma.of(fields.anon_vma).vmas.set(vma, 1);
  return vma;
}

/** Takes a VMA out of everything that knows it. */
export function remove_vma(k: Kernel, vma: number): void {
  const mm = k.vma.mm.get(vma);
  const start = k.vma.start.get(vma);
  if (is_vm_hugetlb_page(k, vma)) {
    unreserve_private(k, vma);
    free_shared_pmds(k, mm, start, k.vma.end.get(vma));
  }
  const { vma: tree } = k.space4.of(mm);
  tree.runs(start, k.vma.end.get(vma) - start, (at, n, value) => {
    if (value === vma) tree.fill(at, n, 0);
  });
  k.mm.map_count.set(mm, k.mm.map_count.get(mm) - 1);
  const anon = k.vma.anon_vma.get(vma);
  if (anon !== 0) k.anonVma.of(anon).vmas.set(vma, 0);
  const mapping = k.vma.mapping.get(vma);
  const file = k.vma.file.get(vma);
  const region = k.vma.mshare.get(vma);
  if (region !== 0) k.mshare.attached.set(region, k.mshare.attached.get(region) - 1);
  for (const column of Object.values(k.vma)) column.set(vma, 0);
  if (file !== 0) fput(k, file);
  if (mapping === 0) return;
  k.space.of(mapping).vmas.set(vma, 0);
  iput(k, k.mapping.host.get(mapping));
  if (region !== 0) mshare_detached(k, region);
}

/** `__split_vma()`: cuts a VMA in two at page number `at`; gives the upper one. */
export function split_vma(k: Kernel, vma: number, at: number): number {
  const start = k.vma.start.get(vma);
  const fields = vma_fields(k, vma);
  if (is_vm_hugetlb_page(k, vma)) hugetlb_split(k, fields.mm, at);
  else split_huge_pmd_edges(k, fields.mm, at, at);
  k.vma.end.set(vma, at);
  const upper = insert_vma(k, { ...fields, start: at, pgoff: fields.pgoff + at - start });
  k.trace.effect('the VMA is split at {addresses:0}', 1, at);
  return upper;
}

export function vma_fields(k: Kernel, vma: number): VmaFields {
  const { mm, start, end, flags, pgoff, mapping, anon_vma, inherited, file, resv_map, mshare, uffd } = k.vma;
  return {
    mm: mm.get(vma),
    start: start.get(vma),
    end: end.get(vma),
    flags: flags.get(vma),
    pgoff: pgoff.get(vma),
    mapping: mapping.get(vma),
    anon_vma: anon_vma.get(vma),
    inherited: inherited.get(vma),
    file: file.get(vma),
    resv_map: resv_map.get(vma),
    mshare: mshare.get(vma),
    uffd: uffd.get(vma),
  };
}

/** VMA ids of the part of an mm from page number `start` to `end`, ascending. */
export function vmas_in(k: Kernel, mm: number, start: number, end: number): number[] {
  const found: number[] = [];
  k.space4.of(mm).vma.runs(start, end - start, (_at, _n, vma) => {
    if (vma !== 0) found.push(vma);
  });
  return found;
}

/** The first VMA that holds pages from `start` to `end`; 0: none. */
export function find_vma(k: Kernel, mm: number, start: number, end: number): number {
  let found = 0;
  k.space4.of(mm).vma.runs(start, end - start, (_at, _n, vma) => (found = vma) !== 0);
  return found;
}

/** The VMAs of an mm, ascending by address. */
export const all_vmas = (k: Kernel, mm: number): number[] => vmas_in(k, mm, 0, TASK_PAGES);

/** `vma_modify_flags()`: gives the part of a VMA from page number `start` to `end` other flags; it is split off and merged as needed. */
export function vma_modify_flags(k: Kernel, vma: number, start: number, end: number, flags: number): void {
  vma_modify_flags_uffd(k, vma, start, end, flags, k.vma.uffd.get(vma));
}

/** The same, with the userfaultfd that the part is registered with. */
export function vma_modify_flags_uffd(k: Kernel, vma: number, start: number, end: number, flags: number, uffd: number): void {
  if (k.vma.flags.get(vma) === flags && k.vma.uffd.get(vma) === uffd) return;
  let middle = vma;
  if (k.vma.start.get(middle) < start) middle = split_vma(k, middle, start);
  if (k.vma.end.get(middle) > end) split_vma(k, middle, end);
  k.vma.flags.set(middle, flags);
  k.vma.uffd.set(middle, uffd);
  vma_merge(k, middle);
}

/** `vma_merge()`: joins a VMA with the neighbours that continue it. */
export function vma_merge(k: Kernel, vma: number): number {
  const { vma: tree } = k.space4.of(k.vma.mm.get(vma));
  const start = k.vma.start.get(vma);
  const before = start > 0 ? tree.get(start - 1) : 0;
  const lower = before !== 0 && continues(k, before, vma) ? join(k, before, vma) : vma;
  const after = tree.get(k.vma.end.get(lower));
  return after !== 0 && continues(k, lower, after) ? join(k, lower, after) : lower;
}

function continues(k: Kernel, lower: number, upper: number): boolean {
  const a = vma_fields(k, lower);
  const b = vma_fields(k, upper);
  return (
    clear(a.flags, VM.SOFTDIRTY) === clear(b.flags, VM.SOFTDIRTY) &&
    !any(a.flags, VM.HUGETLB) &&
    a.mapping === b.mapping &&
    a.file === b.file &&
    a.uffd === b.uffd &&
    b.pgoff === a.pgoff + a.end - a.start &&
    is_mergeable_anon_vma(k, a, b)
  );
}

/** Two VMAs agree in their anon_vma, or one has none yet and the other did not inherit its own by fork. What they inherited one by one is not the same. */
function is_mergeable_anon_vma(k: Kernel, a: VmaFields, b: VmaFields): boolean {
  if (a.anon_vma === b.anon_vma) return a.inherited === b.inherited;
  return (a.anon_vma === 0 || b.anon_vma === 0) && k.anonVmaRoot.mm.get(a.anon_vma + b.anon_vma) === a.mm;
}

function join(k: Kernel, lower: number, upper: number): number {
  const { mm, start, end, anon_vma } = vma_fields(k, upper);
  remove_vma(k, upper);
  k.vma.end.set(lower, end);
  k.space4.of(mm).vma.fill(start, end - start, lower);
  if (k.vma.anon_vma.get(lower) === 0 && anon_vma !== 0) {
    k.vma.anon_vma.set(lower, anon_vma);
    k.anonVma.of(anon_vma).vmas.set(lower, 1);
  }
  k.trace.effect('merged with the neighbouring VMA', 1);
  return lower;
}

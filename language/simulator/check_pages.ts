import type { InvariantName } from '../catalogue/invariants';
import { folio_test_hugetlb } from './mm/folio';
import { PGDIR_PAGES } from './mm/mshare';
import { present_ptes } from './mm/rmap';
import { any, VM } from './state/flags';
import type { Kernel } from './state/kernel';
import { NONE, target } from './state/shift';
import { TASK_PAGES } from './state/units';

type Report = (invariant: InvariantName, message: string) => void;

/** I1 again from all page caches, unless the design is known to break it. */
export function audit_owners(k: Kernel, wrong: Report): void {
  if (k.isKnown('I1')) return;
  for (let mapping = 1; mapping <= k.mappings.count; mapping++) {
    const { pages } = k.space.of(mapping);
    pages.runs(0, pages.runStart(Number.MAX_SAFE_INTEGER, 0), (at, n, entry) => {
      if (entry === NONE) return;
      k.page.mapping.runs(target(at, entry), n, (frame, _n, owner) => {
        if (owner !== mapping && k.design.folio_mapping(k, mapping, frame) !== mapping)
          wrong('I1', `frame ${frame} is cached by mapping ${mapping} and belongs to mapping ${owner}`);
      });
    });
  }
}

/** I5: what is wrong with `count` PTEs of a VMA from `vpn`, if it is a shared mapping: one sees another frame than a read of the file finds. */
export function incoherent(k: Kernel, vma: number, vpn: number, count: number): string | undefined {
  const mapping = k.vma.mapping.get(vma);
  if (mapping === 0 || !any(k.vma.flags.get(vma), VM.SHARED)) return undefined;
  const shift = k.vma.pgoff.get(vma) - k.vma.start.get(vma);
  for (const run of present_ptes(k, k.vma.mm.get(vma), vpn, count)) {
    for (let at = run.vpn; at < run.vpn + run.count;) {
      const cached = k.design.lookup(k, mapping, at + shift, run.vpn + run.count - at);
      const seen = run.pfn + at - run.vpn;
      if (cached.pfn !== seen)
        return `page ${at + shift} of mapping ${mapping}: a shared mapping sees frame ${seen}, a read ${cached.pfn === 0 ? 'the disk' : `frame ${cached.pfn}`}`;
      at += cached.count;
    }
  }
  return undefined;
}

/** I5 again for all shared mappings, unless the design is known to break it. */
export function audit_coherence(k: Kernel, wrong: Report): void {
  if (k.isKnown('I5')) return;
  for (let mm = 1; mm <= k.mms.count; mm++) {
    if (k.mm.users.get(mm) === 0) continue;
    k.space4.of(mm).vma.runs(0, TASK_PAGES, (at, n, vma) => {
      const message = vma === 0 ? undefined : incoherent(k, vma, at, n);
      if (message !== undefined) wrong('I5', message);
    });
  }
}

/** I2: nobody's frames say that they are somebody's. */
export function free_names_nobody(k: Kernel, pfn: number, count: number, wrong: Report): void {
  k.page.mapping.runs(pfn, count, (frame, _n, owner) => {
    if (owner > 0) wrong('I2', `frame ${frame} is free and names mapping ${owner}`);
  });
}

/**
 * I7: the Pss of all processes together, in exact fractions, is at most what is mapped. A page that m entries map counts 1/m for each of them, so
 * it is enough to know how many entries map pages of each map count. hugetlb pages are in no Pss.
 */
export function audit_pss(k: Kernel, wrong: Report): void {
  const entries = new Map<number, number>();
  for (let mm = 1; mm <= k.mms.count; mm++) {
    if (k.mm.users.get(mm) === 0) continue;
    for (const run of present_ptes(k, mm, 0, TASK_PAGES)) {
      if (run.pfn === 0 || folio_test_hugetlb(k, run.pfn)) continue;
      k.page.mapcount.runs(run.pfn, run.count, (_pfn, n, mapcount) => entries.set(mapcount, (entries.get(mapcount) ?? 0) + n));
    }
  }
  let frames = 0;
  k.page.mapcount.runs(1, k.options.memory + 1, (_pfn, n, mapcount) => (frames += mapcount > 0 ? n : 0));
  let [pages, parts] = [0n, 1n];
  for (const [mapcount, n] of entries) {
    const [all, each] = [BigInt(n), BigInt(Math.max(1, mapcount))];
    if (all % each === 0n) pages += (all / each) * parts;
    else [pages, parts] = [pages * each + all * parts, parts * each];
  }
  if (pages > BigInt(frames) * parts) wrong('I7', `the Pss of all processes is more than the ${frames} pages that are mapped`);
}

/** A PGD entry that is linked to a region lies in a mapping of that region, and the process has no tables of its own behind it. */
export function audit_links(k: Kernel, wrong: Report): void {
  for (let mm = 1; mm <= k.mms.count; mm++) {
    const { linked, vma, pud } = k.space4.of(mm);
    linked.runs(0, TASK_PAGES / PGDIR_PAGES, (at, n, region) => {
      if (region === 0) return;
      for (let entry = at; entry < at + n; entry++) {
        if (k.vma.mshare.get(vma.get(entry * PGDIR_PAGES)) !== region)
          wrong('I3', `PGD entry ${entry} of mm ${mm} is linked to a region that is not mapped there`);
        if (pud.get(entry) !== NONE) wrong('I3', `PGD entry ${entry} of mm ${mm} is linked to a region, and has a table of its own`);
      }
    });
  }
}

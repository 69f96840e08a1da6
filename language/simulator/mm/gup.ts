import { any, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { access, type BadAccess } from './memory';
import { present_ptes } from './rmap';
import { folio_mark_accessed } from './swap';
import { vmas_in } from './vma';

/** `faultin_page_range()`: faults `count` pages of one VMA in, as an access would, and marks them accessed (FOLL_TOUCH). Gives what an access would have raised. */
export function faultin_page_range(k: Kernel, mm: number, vpn: number, count: number, write: boolean): BadAccess | undefined {
  return k.in('__get_user_pages', count, () =>
    access(k, mm, vpn, count, write, (at, n) => {
      for (const run of present_ptes(k, mm, at, n)) if (run.pfn !== 0) folio_mark_accessed(k, run.pfn, run.count);
    }),
  );
}

/**
 * `populate_vma_page_range()`: writes where a private mapping may be written, so that its pages are its own at once. Nothing where pages are
 * locked as they come (MLOCK_ONFAULT).
 */
export function populate_vma_page_range(k: Kernel, mm: number, vma: number, start: number, end: number): BadAccess | undefined {
  const flags = k.vma.flags.get(vma);
  if (any(flags, VM.LOCKONFAULT)) return undefined;
  const from = Math.max(start, k.vma.start.get(vma));
  const to = Math.min(end, k.vma.end.get(vma));
  return faultin_page_range(k, mm, from, to - from, any(flags, VM.WRITE) && !any(flags, VM.SHARED));
}

/** `mm_populate()`: faults `count` pages from `start` in. A VMA that can't be is passed over, unless `strict`: then that ends it and is returned. */
export function mm_populate(k: Kernel, mm: number, start: number, count: number, strict = false): BadAccess | undefined {
  return k.in('__mm_populate', 1, () => {
    for (const vma of vmas_in(k, mm, start, start + count)) {
      const bad = populate_vma_page_range(k, mm, vma, start, start + count);
      if (strict && bad !== undefined) return bad;
    }
    return undefined;
  });
}

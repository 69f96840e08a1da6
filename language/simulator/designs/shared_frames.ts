import type { Kernel } from '../state/kernel';
import { alloc_pages, with_reference } from '../mm/page_alloc';
import { filemap_add_folio, filemap_get_entry, filemap_remove_folio } from '../mm/filemap';
import { copy_pages } from '../fs/read_folio';
import { zap_pte_range } from '../mm/rmap';
import { PG, set } from '../state/flags';
import { baseline } from './baseline';
import type { Design } from './design';
import { find_sharer, join, leave, member_count, members, same_members, visit_members } from './members';
import { share_again } from './reshare';
import { active_memcg } from '../mm/memcontrol';

/**
 * The part that designs have in common in which several files' caches hold one frame, and the reverse map, reclaim and writes know them all:
 * a read joins, a write leaves first. `anyIndex`: files may have the page at different places; `again`: a dedupe joins what a write parted.
 */
export function shared_frames({ anyIndex, again }: { readonly anyIndex: boolean; readonly again: boolean }): Design {
  return {
    ...baseline,
    as_on_disk: true,

    insert(k, mapping, index, count) {
      const found = find_sharer(k, mapping, index, count, anyIndex);
      if (found.pfn === 0) return { mapping, index, count: found.count };
      const n = same_members(k, found.pfn, found.pfn + found.count) - found.pfn;
      join(k, mapping, index, found.pfn, n);
      return { pfn: found.pfn, count: n };
    },

    own(k, mapping, index, count, keep) {
      for (let at = index; at < index + count;) {
        const { pfn, count: run } = filemap_get_entry(k, mapping, at, index + count - at);
        const n = pfn === 0 ? run : same_members(k, pfn, pfn + run) - pfn;
        if (pfn !== 0 && member_count(k, pfn) > 1) k.in('break_sharing', n, () => break_sharing(k, mapping, at, pfn, n, keep));
        at += n;
      }
    },

    removed(k, mapping, index, pfn, count) {
      leave(k, mapping, index, pfn, count, true);
    },

    holds: (k, mapping, index, pfn) => members(k, pfn).some((member) => member.mapping === mapping && member.index === index),

    readers: visit_members,

    rmap_walk(k, pfn, visit) {
      members(k, pfn).forEach(({ mapping, index }, i) => baseline.vmas(k, mapping, index, 1, (vma, vpn, n) => visit(vma, vpn, n, i)));
    },

    cache_references: member_count,

    members,

    cloned(k, _source, target, _from, to, count, dedupe) {
      if (!dedupe || !again) return;
      const mapping = k.inode.mapping.get(target);
      share_again(
        k,
        mapping,
        to,
        count,
        (at, n) => find_sharer(k, mapping, at, n, anyIndex),
        (at, pfn, n) => join(k, mapping, at, pfn, n),
      );
    },

    remove_mapping(k, pfn, count) {
      for (let at = pfn; at < pfn + count; at = same_members(k, at, pfn + count))
        if (k.page.refcount.get(at) !== member_count(k, at)) return false;
      for (let at = pfn; at < pfn + count;) {
        const stop = same_members(k, at, pfn + count);
        for (const { mapping, index } of members(k, at)) filemap_remove_folio(k, mapping, index, stop - at);
        at = stop;
      }
      return true;
    },
  };
}

/** The file stops using `count` frames from `pfn`, which others hold too; with `keep` it gets copies of its own. */
function break_sharing(k: Kernel, mapping: number, index: number, pfn: number, count: number, keep: boolean): void {
  k.count('design_breaks', count);
  baseline.vmas(k, mapping, index, count, (vma, vpn, n) => zap_pte_range(k, k.vma.mm.get(vma), vpn, n, true));
  with_reference(k, pfn, count, () => {
    filemap_remove_folio(k, mapping, index, count);
    for (let done = 0; keep && done < count;) {
      const copy = alloc_pages(k, count - done, active_memcg(k));
      filemap_add_folio(k, mapping, index + done, copy.pfn, copy.count);
      copy_pages(k, pfn + done, copy.pfn, copy.count);
      k.page.flags.update(copy.pfn, copy.count, (flags) => set(flags, PG.uptodate));
      k.count('design_copies', copy.count);
      k.trace.effect('{frames:0}, which others use, copied to {frames:1} for {mapping:2} alone', copy.count, pfn + done, copy.pfn, mapping);
      done += copy.count;
    }
  });
}

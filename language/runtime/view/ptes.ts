import { entry_place, PUD_PAGES } from '../../simulator/mm/hugetlb_share';
import { mshare_place, pgd_index, PGDIR_PAGES } from '../../simulator/mm/mshare';
import { swap_pte_batch, swp_slot } from '../../simulator/mm/swap_pte';
import { any, MARKER, PG, PTE } from '../../simulator/state/flags';
import type { Kernel } from '../../simulator/state/kernel';
import { target } from '../../simulator/state/shift';
import { frameEnd, kindOf } from './frames';
import { letters, LEGEND } from './legend';
import { grouped, hex, type Look, type Slots, span } from './slots';
import type { AddressSpace } from './spaces';

export function vmaId({ tag }: AddressSpace, from: number): string {
  return `vma:${tag}:${from}`;
}

/** The PTEs of `count` pages from page number `from` of an address space. */
export function pteSlots(k: Kernel, space: AddressSpace, from: number, count: number): Slots {
  const { mm: tables, shift } = mshare_place(k, space.mm(k), from);
  return {
    id: vmaId(space, from),
    space: 'ptes',
    touched: shift === 0 ? `mm:${tables}` : '',
    from,
    count,
    look: (at, limit) => pteLook(k, space.mm(k), at, limit),
    name: (at, n) => `${space.name}, PTE ${n === 1 ? hex(at) : `${hex(at)}–${hex(at + n)} (${grouped(n)} pages)`}`,
    text({ count: n, cell, consecutive, facts }) {
      if (facts.slot !== undefined)
        return `${grouped(n)} pages in swap, ${n === 1 ? 'slot' : 'slots'} ${span(Number(facts.slot), n)}  ${cell.flags}`;
      if (cell.pfn === null) return cell.flags === NOTHING ? `${grouped(n)} pages without a PTE` : `${grouped(n)} markers  ${cell.flags}`;
      return `${grouped(n)} pages → ${consecutive ? `frames ${span(cell.pfn, n)}` : `frame ${cell.pfn}`}  ${cell.flags}`;
    },
  };
}

const NOTHING = letters(LEGEND.pteFlags, []);
const BITS = [PTE.PRESENT, PTE.RW, PTE.ACCESSED, PTE.DIRTY, PTE.SOFT_DIRTY, PTE.UFFD_WP];

const pteLetters = (flags: number, exclusive: boolean): string =>
  letters(LEGEND.pteFlags, [
    ...BITS.map((bit) => any(flags, bit)),
    exclusive,
    any(flags, MARKER.GUARD),
    any(flags, MARKER.POISONED),
    any(flags, PTE.SWAP),
  ]);

function pteLook(k: Kernel, root: number, address: number, most: number): Look {
  const { mm, shift } = mshare_place(k, root, address);
  const limit = Math.min(most, (pgd_index(address) + 1) * PGDIR_PAGES) - shift;
  const look = lookIn(k, mm, address - shift, limit);
  return shift === 0 ? look : { ...look, cell: { ...look.cell, at: address } };
}

function lookIn(k: Kernel, mm: number, at: number, limit: number): Look {
  const place = entry_place(k, mm, at);
  const { pte, pfn: frames } = k.space4.of(place.mm);
  const entry = at - place.offset;
  const flags = pte.get(entry);
  const most = place.mm === mm ? limit : Math.min(limit, place.offset + PUD_PAGES);
  const end = pte.runEnd(entry, most - place.offset) + place.offset;
  if (any(flags, PTE.SWAP)) {
    const cell = { at, pfn: null, kind: 'none', flags: pteLetters(flags, any(flags, PTE.SWP_EXCLUSIVE)), mapcount: 0 };
    const slot = swp_slot(k, mm, at);
    return { count: swap_pte_batch(k, mm, at, end) - at, cell, consecutive: true, empty: false, facts: { frame: 'none', slot } };
  }
  if (!any(flags, PTE.PRESENT)) {
    const cell = { at, pfn: null, kind: 'none', flags: pteLetters(flags, false), mapcount: 0 };
    return { count: end - at, cell, consecutive: false, empty: true, facts: { frame: 'none' } };
  }
  const isZero = any(flags, PTE.SPECIAL);
  const pfn = isZero ? 0 : target(entry, frames.get(entry));
  const count = isZero ? end - at : Math.max(1, frameEnd(k, pfn, pfn + frames.runEnd(entry, end - place.offset) - entry) - pfn);
  const isExclusive = !isZero && any(k.page.flags.get(pfn), PG.anon_exclusive);
  const cell = {
    at,
    pfn,
    kind: kindOf(k, pfn),
    flags: pteLetters(flags, isExclusive),
    mapcount: k.page.mapcount.get(pfn),
  };
  return { count, cell, consecutive: !isZero, empty: false, facts: { frame: pfn } };
}

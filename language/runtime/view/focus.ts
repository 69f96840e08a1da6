import { preview } from '../../simulator/state/preview';
import { any, PG } from '../../simulator/state/flags';
import { FrameType, type Kernel } from '../../simulator/state/kernel';
import { target } from '../../simulator/state/shift';
import { rmap_walk } from '../../simulator/mm/rmap';
import type { Unfinished } from './band';
import { cachedIn } from './cachedIn';
import { firstBytes, kindOf, pathOf } from './frames';
import { LEGEND } from './legend';
import { fileId } from './pages';
import { pteSlots, vmaId } from './ptes';
import { hex } from './slots';
import type { AddressSpace } from './spaces';
import { twinsOf } from './twins';
import type { FrameDetail, Holder } from './types';

/** Who points at a frame: PTEs by the reverse map, mappings by their index. `spaceOf`: the address space that an mm is. */
export function focus(k: Kernel, pfn: number, most: number, spaceOf: (mm: number) => AddressSpace | undefined): Unfinished<FrameDetail> {
  const kind = kindOf(k, pfn);
  const flags = k.page.flags.get(pfn);
  const holders = holdersOf(k, pfn, spaceOf);
  const facts = factsOf(k, pfn);
  const name = LEGEND.kinds.find((entry) => entry.kind === kind)!.name;
  const where =
    kind === 'file' || kind === 'shmem' || kind === 'device'
      ? ` of ${pathOf(k, k.page.mapping.get(pfn))}, index ${target(pfn, k.page.index.get(pfn))}`
      : '';
  const detail = {
    pfn,
    kind,
    title: `Frame ${pfn}: ${name}${where}${kind === 'anon' ? ` ${firstBytes(k, pfn)}` : ''}`,
    mapcount: k.page.mapcount.get(pfn),
    refcount: k.page.refcount.get(pfn),
    twins: twinsOf(k, pfn, 12),
  };
  const shownFlags =
    Object.entries(PG)
      .flatMap(([flag, bit]) => (any(flags, bit) ? [flag] : []))
      .join(' ') || 'none';
  return () => {
    const before = holdersOf(k, pfn, spaceOf);
    const has = (all: readonly Holder[], one: Holder) => all.some((other) => other.band === one.band && other.at === one.at);
    const now = holders.map((holder): Holder => (has(before, holder) ? withChanges(before, holder) : { ...holder, mark: 'A' }));
    const gone = before.filter((holder) => !has(holders, holder)).map((holder): Holder => ({ ...holder, mark: 'D', ghost: true }));
    const old = new Map(factsOf(k, pfn).map(({ name: fact, value }) => [fact, value]));
    const all = [...now, ...gone];
    const previous = { mapcount: k.page.mapcount.get(pfn), refcount: k.page.refcount.get(pfn) };
    return {
      ...detail,
      ...(previous.mapcount === detail.mapcount && previous.refcount === detail.refcount ? {} : { previous }),
      facts: [
        { name: 'flags', value: shownFlags, doc: 'Page flags that are set.' },
        ...facts.map((fact) => previously(fact, old.get(fact.name))),
      ],
      holders: { rows: all.slice(0, most), total: all.length },
    };
  };
}

type Fact = FrameDetail['facts'][number];

function previously(fact: Fact, previous: string | undefined): Fact {
  return previous === undefined || previous === fact.value ? fact : { ...fact, previous };
}

function withChanges(before: readonly Holder[], holder: Holder): Holder {
  const old = before.find((other) => other.band === holder.band && other.at === holder.at)!;
  return old.text === holder.text
    ? holder
    : { ...holder, mark: 'M', changes: [{ name: '', from: lastWord(old.text), to: lastWord(holder.text) }] };
}

function lastWord(text: string): string {
  return text.slice(text.lastIndexOf(' ') + 1);
}

function holdersOf(k: Kernel, pfn: number, spaceOf: (mm: number) => AddressSpace | undefined): Holder[] {
  const kind = kindOf(k, pfn);
  if (kind === 'table') {
    const owner = spaceOf(k.page.mapping.get(pfn));
    return [{ how: 'other', text: `page tables of ${owner?.name ?? 'an address space'}` }];
  }
  if ((k.page.type.get(pfn) as FrameType) !== FrameType.Page || pfn === 0) return [];
  const found: Holder[] = cachedIn(k, pfn).map(({ inode, index, own }) => ({
    how: 'cache',
    text: `${own ? 'page cache' : 'read through'} of ${k.names.text(k.inode.path.get(inode))}, index ${index}`,
    band: fileId(inode),
    at: index,
  }));
  rmap_walk(k, pfn, (mm, vpn, vma) => {
    const who = spaceOf(mm);
    const name = who?.name ?? `mm ${mm}`;
    const start = k.vma.start.get(vma);
    const bits = who === undefined ? '' : pteSlots(k, who, start, 1).look(vpn, vpn + 1).cell.flags;
    found.push({ how: 'pte', text: `${name} ${hex(vpn)} ${bits}`, ...(who === undefined ? {} : { band: vmaId(who, start), at: vpn }) });
  });
  return found;
}

function factsOf(k: Kernel, pfn: number): Fact[] {
  if (pfn === 0) return [];
  const memcg = k.page.memcg.get(pfn);
  const content = k.contents.at(k.page.content.get(pfn), pfn);
  return [
    { name: 'content', value: preview(content, 24), doc: 'What its 4096 bytes are.' },
    ...(memcg === 0
      ? []
      : [{ name: 'charged to', value: k.names.text(k.cgroup.path.get(memcg)), doc: 'The memory control group that pays for it.' }]),
  ];
}

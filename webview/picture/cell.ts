import type { Cell, Change, Legend, Marked, Segment, Tint } from '../protocol';
import { change, describe, flagEntries, number, otherwise, range, type Space } from '../model/format';
import type { Slot } from '../model/slots';
import { MARKS } from '../model/text';
import { attribute, h, setText } from './dom';

/** What is asked of every cell while painting. */
export interface Painting {
  readonly legend: Legend;
  /** The frame under the pointer or focus. */
  readonly pfn: number | null;
  /** Other frames with the same bytes. */
  readonly twins: ReadonlySet<number>;
  /** The slot that the pointer or focus is on in the picture beside. */
  readonly slot: Slot | null;
  /** The design of the picture beside; empty where there is none. */
  readonly beside: string;
}

/** A cell has three texts: which frame or what kind, flags, and beneath what it was before or what it belongs to; and all of it in words, for those who listen. */
export function makeCell(): HTMLElement {
  return h(
    'div',
    { role: 'gridcell', tabindex: -1, class: 'cell' },
    h('span', { class: 'main', 'aria-hidden': 'true' }),
    h('span', { class: 'flags', 'aria-hidden': 'true' }),
    h('span', { class: 'sub', 'aria-hidden': 'true' }),
    h('span', { class: 'words' }),
  );
}

export function patchCell(element: HTMLElement, cell: Cell | null, at: number, space: Space, painting: Painting, band: string): void {
  const { legend, pfn, twins, slot, beside } = painting;
  const [main, flags, sub, words] = element.children as unknown as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
  if (cell === null) {
    attribute(element, { class: 'cell unknown', 'data-at': at, 'data-pfn': undefined, 'data-frame': undefined, title: undefined });
    setText(main, '…');
    setText(flags, '');
    setText(sub, '');
    setText(words, 'loading');
    return;
  }
  const entry = legend.kinds.find(({ kind }) => kind === cell.kind);
  const label = describe(cell, space, legend) + otherwise(cell, beside);
  attribute(element, {
    class:
      classes('cell', entry?.tint, cell, cell.ghost, cell.mapcount, pfn !== null && cell.pfn === pfn) +
      (slot !== null && slot.at === at && slot.band === band ? ' counterpart' : '') +
      (cell.pfn === null || cell.kind === 'free' ? ' absent' : '') +
      (space === 'frames' && twins.has(cell.at) ? ' twin' : ''),
    'data-at': at,
    'data-pfn': cell.pfn ?? undefined,
    'data-frame': space === 'frames' ? cell.at : undefined,
    title: label,
  });
  setText(words, label);
  setText(main, mainText(cell, space, entry?.letter ?? '?'));
  patchFlags(flags, cell, space, legend);
  setText(sub, subText(cell, space, legend, entry?.letter ?? '?'));
}

export function patchRun(element: HTMLElement, segment: Segment, space: Space, { legend, pfn, beside }: Painting, open: boolean): void {
  const [main, flags, sub, words] = element.children as unknown as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
  const like = segment.like!;
  const entry = legend.kinds.find(({ kind }) => kind === like.kind);
  const text = segment.text ?? `${number(segment.count)} alike`;
  const changes = segment.changes?.map(change).join(' ') ?? '';
  const label = `${range(space, segment.from, segment.count)}: ${text}${changes === '' ? '' : `; changed: ${changes}`}${otherwise(segment, beside)}`;
  attribute(element, {
    class: classes('cell run', entry?.tint, segment, false, like.mapcount, pfn !== null && covers(segment, pfn)),
    'data-at': segment.from,
    'data-pfn': like.pfn ?? undefined,
    'data-count': segment.count,
    'aria-expanded': open ? 'true' : 'false',
    title: label,
  });
  setText(words, label);
  setText(main, `${open ? '▾' : '▸'} ${entry?.letter ?? ''}`);
  setText(flags, `${text}${like.mapcount > 1 ? ` ×${number(like.mapcount)}` : ''}`);
  setText(sub, changes);
}

/** Whether one of the run's slots is or points at the frame. */
export function covers({ like, count, consecutive }: Segment, pfn: number): boolean {
  if (like === undefined || like.pfn === null) return false;
  return consecutive === true ? pfn >= like.pfn && pfn < like.pfn + count : pfn === like.pfn;
}

function classes(
  base: string,
  tint: Tint | undefined,
  { mark, differs }: Marked,
  ghost: boolean | undefined,
  mapcount: number,
  related: boolean,
): string {
  const shared = mapcount > 1 ? ' shared' : '';
  return `${base} t-${tint ?? 'none'}${mark === undefined ? '' : ` mark-${mark}`}${ghost === true ? ' ghost' : ''}${shared}${related ? ' related' : ''}${differs === undefined ? '' : ' differs'}`;
}

function mainText(cell: Cell, space: Space, letter: string): string {
  if (space === 'frames') return cell.mapcount > 0 ? `${letter}×${short(cell.mapcount)}` : letter;
  return cell.pfn === null ? '·' : String(cell.pfn);
}

/** The value before the step, in place; else what the cell belongs to. */
function subText(cell: Cell, space: Space, legend: Legend, letter: string): string {
  if (cell.changes !== undefined && cell.changes.length > 0) {
    const tight = cell.changes.length > 2;
    return cell.changes.map((one) => brief(one, legend, tight)).join(' ');
  }
  if (space === 'frames') return cell.note ?? '';
  if (cell.pfn === null) return cell.note ?? '';
  return cell.mapcount > 0 ? `${letter}×${short(cell.mapcount)}` : letter;
}

/** A change in few characters: `·→F`, `×1→2`, `5→13`, `W 0→1`, or `+W` where there is little room. */
function brief({ name, from, to }: Change, legend: Legend, tight: boolean): string {
  const letter = (kind: string) => legend.kinds.find((entry) => entry.kind === kind)?.letter ?? kind;
  if (name === '') return `${letter(from)}→${letter(to)}`;
  if (name === 'mapcount') return `×${from}→${to}`;
  if (tight && name.length === 1) return `${to === '1' ? '+' : '−'}${name}`;
  return name === 'frame' ? `${from}→${to}` : change({ name, from, to });
}

/** In a frame only the bits that are set, there is little room; elsewhere clear ones are faint. Changed ones are underlined. */
function patchFlags(element: HTMLElement, cell: Cell, space: Space, legend: Legend): void {
  const signature = `${cell.pfn === null ? '' : cell.flags}|${cell.changes?.map((one) => one.name).join() ?? ''}`;
  if (element.dataset['is'] === signature) return;
  element.dataset['is'] = signature;
  const entries = flagEntries(legend, space);
  const changed = new Set(cell.changes?.map((one) => one.name));
  const absent = space === 'frames' ? '-' : cell.pfn === null ? cell.flags : '';
  element.replaceChildren(
    ...[...cell.flags].flatMap((letter, index) => {
      if (absent.includes(letter)) return [];
      const entry = entries[index];
      const isChanged = entry !== undefined && (changed.has(entry.letter) || changed.has(entry.name));
      return h('span', { class: isChanged ? 'changed' : letter === '-' ? 'clear' : undefined }, letter);
    }),
  );
}

/** At most five characters: exact to 9,999, then in thousands, always with the exact number in the tooltip. */
function short(value: number): string {
  if (value < 10_000) return String(value);
  if (value < 10_000_000) return `${Math.floor(value / 1000)}k`;
  return `${Math.floor(value / 1_000_000)}M`;
}

export function markTitle({ mark }: Marked): string {
  return mark === undefined ? '' : MARKS[mark];
}

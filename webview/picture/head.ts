import type { Amount } from '../protocol';
import { amount, change, difference, number, otherwise, range } from '../model/format';
import type { Line } from '../model/lines';
import { attribute, h, setText } from './dom';

/** The head of a file, process or VMA: one wide cell that folds what is beneath it. */
export function makeHead(): HTMLElement {
  return h(
    'div',
    { role: 'gridcell', tabindex: -1, class: 'head' },
    h('span', { class: 'twist' }),
    h('span', { class: 'title' }),
    h('span', { class: 'detail' }),
    h('span', { class: 'was' }),
    h('span', { class: 'amounts' }),
  );
}

export function patchHead(element: HTMLElement, line: Extract<Line, { type: 'head' }>, beside: string): void {
  const [twist, title, detail, was, amounts] = element.children as unknown as HTMLElement[];
  const { mark, changes, differs } = line.marked;
  attribute(element, {
    class: `head level-${line.level}${mark === undefined ? '' : ` mark-${mark}`}${line.ghost ? ' ghost' : ''}${line.current ? ' current' : ''}${differs === undefined ? '' : ' differs'}`,
    'data-head': line.id,
    'aria-expanded': line.open ? 'true' : 'false',
    title:
      [line.title, line.detail, ...line.amounts.map((one) => `${one.name} ${amount(one)}`)].join(' · ') + otherwise(line.marked, beside),
  });
  setText(twist!, line.open ? '▾' : '▸');
  setText(title!, line.title);
  setText(detail!, line.current ? `${line.detail} ← runs` : line.detail);
  setText(was!, [changes?.map(change).join(' ') ?? '', differs ?? ''].filter(Boolean).join(' · '));
  setText(amounts!, line.amounts.map(withDifference).join('  '));
}

function withDifference(entry: Amount): string {
  const by = difference(entry);
  return `${entry.name} ${amount(entry)}${by === '' ? '' : ` (${by})`}`;
}

/** Where a file lies on disk: "0…3 → block 24…27 ×2". */
export function extentsText({ extents, more }: Extract<Line, { type: 'extents' }>): string {
  const parts = extents.map((extent) => {
    const to = extent.block === null ? 'hole' : `block ${range('pages', extent.block, extent.count)}`;
    return `${range('pages', extent.from, extent.count)} → ${to}${extent.refcount > 1 ? ` ×${extent.refcount}` : ''}`;
  });
  return `on disk: ${parts.join(' · ')}${more > 0 ? ` · ${number(more)} more` : ''}`;
}

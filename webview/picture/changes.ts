import type { ChangeRow, PanelState } from '../protocol';
import { change, number } from '../model/format';
import { MARKS } from '../model/text';
import { attribute, h, keyed, setText } from './dom';

export interface ChangesEvents {
  onShow(band: string, at: number): void;
  onMore(): void;
}

/** What the last step changed, one line each, old value → new value. */
export class ChangesView {
  private readonly count = h('span', { class: 'count' });
  private readonly rows = h('ul', { class: 'rows', 'aria-label': 'Changes' });
  private readonly more = h('button', { class: 'more', type: 'button' });
  readonly element = h(
    'section',
    { class: 'pane changes', 'aria-label': 'What the last step changed' },
    h('h2', {}, 'Changed by the last step', this.count),
    h('div', { class: 'body', tabindex: 0, role: 'region', 'aria-label': 'Changes' }, this.rows, this.more),
  );

  constructor(events: ChangesEvents) {
    this.more.addEventListener('click', () => events.onMore());
    this.rows.addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>('button[data-band]') : null;
      if (button !== null) events.onShow(button.dataset['band']!, Number(button.dataset['at']));
    });
  }

  show({ changes }: PanelState): void {
    setText(this.count, number(changes.total));
    keyed(this.rows, changes.rows, (row) => `${row.what}${row.band === undefined}`, makeRow, patchRow);
    const more = changes.total - changes.rows.length;
    this.more.hidden = more <= 0;
    setText(this.more, `${number(more)} more`);
  }
}

function makeRow(row: ChangeRow): HTMLElement {
  const what = row.band === undefined ? h('span', { class: 'what' }) : h('button', { class: 'what', type: 'button', title: 'Show it' });
  return h('li', {}, h('span', { class: 'mark' }), what, h('span', { class: 'was' }));
}

function patchRow(element: HTMLElement, row: ChangeRow): void {
  const [mark, what, was] = element.children as unknown as HTMLElement[];
  attribute(element, { class: `mark-${row.mark}` });
  attribute(mark!, { title: MARKS[row.mark] });
  setText(mark!, row.mark);
  attribute(what!, { 'data-band': row.band, 'data-at': row.at });
  setText(what!, row.what);
  setText(was!, row.changes.map(change).join('  '));
}

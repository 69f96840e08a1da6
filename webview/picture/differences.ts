import type { Beside, DifferenceRow } from '../protocol';
import { number } from '../model/format';
import { attribute, h, keyed, setText } from './dom';

export interface DifferencesEvents {
  onShow(band: string, at: number): void;
  onMore(): void;
}

/** What the run beside has otherwise: a table with a column for each of the two. */
export class DifferencesView {
  private readonly title = document.createTextNode('');
  private readonly count = h('span', { class: 'count' });
  private readonly here = h('th', { scope: 'col' });
  private readonly there = h('th', { scope: 'col' });
  private readonly rows = h('tbody');
  private readonly table = h('table', {}, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'what'), this.here, this.there)), this.rows);
  private readonly nothing = h('p', { class: 'nothing' });
  private readonly more = h('button', { class: 'more', type: 'button' });
  readonly element = h(
    'section',
    { class: 'pane differences', 'aria-label': 'What differs' },
    h('h2', {}, this.title, this.count),
    h('div', { class: 'body', tabindex: 0, role: 'region', 'aria-label': 'Differences' }, this.nothing, this.table, this.more),
  );

  constructor(events: DifferencesEvents) {
    this.more.addEventListener('click', () => events.onMore());
    this.rows.addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>('button[data-band]') : null;
      if (button !== null) events.onShow(button.dataset['band']!, Number(button.dataset['at']));
    });
  }

  /** `design`: that of the run itself. */
  show(design: string, { design: other, problem, differences: { rows, total } }: Beside): void {
    setText(this.title, `Differs under ${other}`);
    setText(this.count, problem === '' ? number(total) : '');
    setText(this.here, design);
    setText(this.there, other);
    setText(this.nothing, problem || 'Nothing differs here: step on.');
    this.nothing.hidden = total > 0;
    this.table.hidden = total === 0;
    keyed(this.rows, rows, (row) => `${row.what}${row.band === undefined}`, makeRow, patchRow);
    const left = total - rows.length;
    this.more.hidden = left <= 0;
    setText(this.more, `${number(left)} more`);
  }
}

function makeRow(row: DifferenceRow): HTMLElement {
  const what = row.band === undefined ? h('span') : h('button', { type: 'button', title: 'Show it in both' });
  return h('tr', {}, h('th', { scope: 'row' }, what), h('td'), h('td'));
}

function patchRow(element: HTMLElement, row: DifferenceRow): void {
  const [head, here, there] = element.children as unknown as HTMLElement[];
  attribute(head!.firstElementChild!, { 'data-band': row.band, 'data-at': row.at });
  setText(head!.firstElementChild!, row.what);
  setText(here!, row.here);
  setText(there!, row.there);
}

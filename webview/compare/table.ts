import { h } from '../picture/dom';
import type { ComparedCell, ComparedRow, ComparisonState, FromComparison } from '../protocol/comparison';
import type { Kept } from './kept';
import { clicked, sorted } from './sort';

export interface TableEvents {
  post(message: FromComparison): void;
  keep(kept: Kept): void;
}

/** The designs as a table: rows sorted by any column, and beneath it where the chosen cell's design parts from the first one. */
export class TableView {
  readonly element = h('section', { class: 'comparison' });
  private readonly detail = h('section', { class: 'detail', 'aria-live': 'polite' });
  private state: ComparisonState | undefined;

  constructor(
    private kept: Kept,
    private readonly events: TableEvents,
  ) {}

  show(state: ComparisonState): void {
    this.state = state;
    this.detail.replaceChildren(h('p', {}, 'An underlined cell tells at which step its design first differs from the first one.'));
    this.draw();
  }

  private draw(): void {
    const state = this.state!;
    const shown = state.columns.flatMap(({ zero }, i) => (zero && !this.kept.all ? [] : [i]));
    const head = h(
      'tr',
      {},
      this.head('design', 'The sharing design.', -1),
      ...shown.map((i) => this.head(state.columns[i]!.title, state.columns[i]!.doc, i)),
    );
    const rows = sorted(state.rows, this.kept.order ?? undefined).map((row) => this.row(row, shown));
    const table = h('table', {}, h('caption', {}, state.scenario), h('thead', {}, head), h('tbody', {}, ...rows));
    const scroll = h('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'Designs compared' }, table);
    this.element.replaceChildren(scroll, ...this.zero(state), this.detail, ...this.problems(state.rows));
  }

  private head(title: string, doc: string, column: number): HTMLElement {
    const { order } = this.kept;
    const direction = order?.column === column ? order.direction : undefined;
    const mark = direction === undefined ? '' : direction === 'ascending' ? ' ↑' : ' ↓';
    const button = h(
      'button',
      { type: 'button', title: `${doc} Sort by it.`, 'data-column': column },
      title,
      h('span', { 'aria-hidden': 'true' }, mark),
    );
    button.addEventListener('click', () => {
      this.keep({ order: clicked(order ?? undefined, column) ?? null });
      this.element.querySelector<HTMLElement>(`th button[data-column="${column}"]`)?.focus();
    });
    return h('th', { scope: 'col', 'aria-sort': direction ?? 'none' }, button);
  }

  private row(row: ComparedRow, shown: readonly number[]): HTMLElement {
    const isFirst = row === this.state!.rows[0];
    const title = isFirst ? `${row.doc} The others are held against it.` : `${row.doc} Hold the others against it.`;
    const name = isFirst ? h('span', {}, row.design, ' ⚑') : h('button', { type: 'button', class: 'against' }, row.design);
    name.title = title.trim();
    if (!isFirst) name.addEventListener('click', () => this.events.post({ kind: 'against', design: row.design }));
    const bad = row.ok ? [] : [h('span', { class: 'bad', title: row.problem }, ' ✗')];
    const cells = shown.map((i) => h('td', {}, this.cell(row, row.cells[i]!, this.state!.columns[i]!.title)));
    return h('tr', {}, h('th', { scope: 'row' }, name, ...bad), ...cells);
  }

  private cell(row: ComparedRow, cell: ComparedCell, column: string): HTMLElement | string {
    const { part } = cell;
    if (part === null) return cell.text;
    const where = `${row.design} parts in ${column} at line ${part.line}, step ${part.step}`;
    const button = h('button', { type: 'button', class: 'part', title: where, 'aria-label': `${cell.text}: ${where}` }, cell.text);
    button.addEventListener('click', () => {
      this.tell(row, column, cell);
      this.events.post({ kind: 'line', file: part.file, line: part.line });
    });
    return button;
  }

  /** Where the design parts, and ways to go there. */
  private tell(row: ComparedRow, column: string, { part }: ComparedCell): void {
    const first = this.state!.rows[0]!.design;
    const { line, step, doing, change, statement } = part!;
    const debug = h('button', { type: 'button', class: 'do' }, `Debug ${row.design} from there, ${first} beside it`);
    debug.addEventListener('click', () => this.events.post({ kind: 'debug', design: row.design, beside: first, statement }));
    const show = h('button', { type: 'button', class: 'do' }, `Show line ${line}`);
    show.addEventListener('click', () => this.events.post({ kind: 'line', file: part!.file, line }));
    const text = h(
      'p',
      {},
      h('b', {}, row.design),
      ` parts from ${first} in ${column} at line ${line}, step ${step}: `,
      h('code', {}, doing),
      ` (${change})`,
    );
    this.detail.replaceChildren(text, h('p', { class: 'ways' }, debug, show));
    debug.scrollIntoView({ block: 'nearest' });
  }

  /** The columns that are left out, by name, and a way to have them. */
  private zero({ columns }: ComparisonState): HTMLElement[] {
    const zero = columns.filter((each) => each.zero);
    if (zero.length === 0) return [];
    const text = this.kept.all ? 'Hide what is 0 everywhere' : 'Show';
    const toggle = h('button', { type: 'button', class: 'do zero-toggle', 'aria-pressed': this.kept.all ? 'true' : 'false' }, text);
    if (!this.kept.all) toggle.setAttribute('aria-label', 'Show what is 0 everywhere');
    toggle.addEventListener('click', () => {
      this.keep({ all: !this.kept.all });
      this.element.querySelector<HTMLElement>('.zero-toggle')?.focus();
    });
    const names = this.kept.all ? [] : [`0 everywhere: ${zero.map(({ title }) => title.replace(/ \(.*\)$/, '')).join(', ')} `];
    return [h('p', { class: 'zero' }, ...names, toggle)];
  }

  private problems(rows: readonly ComparedRow[]): HTMLElement[] {
    const found = rows.filter(({ problem }) => problem !== '');
    if (found.length === 0) return [];
    return [h('ul', { class: 'problems' }, ...found.map(({ design, problem }) => h('li', {}, h('b', {}, design), `: ${problem}`)))];
  }

  private keep(change: Partial<Kept>): void {
    this.kept = { ...this.kept, ...change };
    this.events.keep(this.kept);
    this.draw();
  }
}

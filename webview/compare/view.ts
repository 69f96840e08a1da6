import { h } from '../picture/dom';
import { checkToComparison, type ComparedCell, type ComparedRow, type ComparisonState, type FromComparison } from '../protocol/comparison';
import { clicked, orderFrom, sorted, type Order } from './sort';

/** The page's end of the line to the host. */
export interface Host {
  post(message: FromComparison): void;
  keep(order: Order | null): void;
  readonly kept: unknown;
}

/** The designs as a table: rows sorted by any column, and beneath it where the chosen cell's design parts from the first one. */
export class ComparisonView {
  private readonly main = h('main');
  private readonly status = h('p', { class: 'status', role: 'status' });
  private readonly detail = h('section', { class: 'detail', 'aria-live': 'polite' });
  private state: ComparisonState | undefined;
  private order: Order | undefined;

  constructor(
    root: HTMLElement,
    private readonly host: Host,
  ) {
    this.order = orderFrom(host.kept);
    root.append(this.status, this.main, this.detail);
    host.post({ kind: 'ready' });
  }

  /** Every message from the host comes in here, whatever it is. */
  receive(data: unknown): void {
    try {
      const message = checkToComparison(data, 'message');
      this.status.classList.toggle('error', message.kind === 'failed');
      switch (message.kind) {
        case 'comparison':
          this.state = message.state;
          this.status.textContent = '';
          this.detail.replaceChildren(h('p', {}, 'A marked cell tells at which step its design first differs from the first one.'));
          return this.draw();
        case 'running':
        case 'failed':
          this.status.textContent = message.message;
          return;
      }
    } catch (error) {
      this.host.post({ kind: 'problem', message: error instanceof Error ? error.message : String(error) });
    }
  }

  private draw(): void {
    const state = this.state!;
    const again = h('button', { type: 'button', class: 'again' }, 'Run again');
    again.addEventListener('click', () => this.host.post({ kind: 'again' }));
    const head = h(
      'tr',
      {},
      this.head('design', 'The sharing design.', -1),
      ...state.columns.map((each, i) => this.head(each.title, each.doc, i)),
    );
    const rows = sorted(state.rows, this.order).map((row) => this.row(row));
    const table = h('table', {}, h('caption', {}, state.scenario), h('thead', {}, head), h('tbody', {}, ...rows));
    const scroll = h('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'Designs compared' }, table);
    this.main.replaceChildren(h('header', {}, h('h1', {}, 'Designs compared'), again), scroll, ...this.problems(state.rows));
  }

  private head(title: string, doc: string, column: number): HTMLElement {
    const order = this.order?.column === column ? this.order.direction : undefined;
    const mark = order === undefined ? '' : order === 'ascending' ? ' ↑' : ' ↓';
    const button = h('button', { type: 'button', title: `${doc} Sort by it.` }, title, h('span', { 'aria-hidden': 'true' }, mark));
    button.addEventListener('click', () => {
      this.order = clicked(this.order, column);
      this.host.keep(this.order ?? null);
      this.draw();
      this.main.querySelectorAll<HTMLElement>('th button')[column + 1]?.focus();
    });
    return h('th', { scope: 'col', 'aria-sort': order ?? 'none' }, button);
  }

  private row(row: ComparedRow): HTMLElement {
    const name = h('th', { scope: 'row', title: row.doc }, row.design, ...(row.ok ? [] : [h('span', { class: 'bad' }, ' ✗')]));
    return h('tr', {}, name, ...row.cells.map((cell, i) => h('td', {}, this.cell(row, cell, this.state!.columns[i]?.title ?? ''))));
  }

  private cell(row: ComparedRow, cell: ComparedCell, column: string): HTMLElement | string {
    const { part } = cell;
    if (part === null) return cell.text;
    const where = `${row.design} parts in ${column} at line ${part.line}, step ${part.step}`;
    const button = h('button', { type: 'button', class: 'part', title: where, 'aria-label': `${cell.text}: ${where}` }, cell.text);
    button.addEventListener('click', () => {
      this.tell(row, column, cell);
      this.host.post({ kind: 'line', file: part.file, line: part.line });
    });
    return button;
  }

  /** Where the design parts, and ways to go there. */
  private tell(row: ComparedRow, column: string, { part }: ComparedCell): void {
    const first = this.state!.rows[0]!.design;
    const { line, step, doing, change, statement } = part!;
    const debug = h('button', { type: 'button', class: 'go' }, `Debug ${row.design} from there, ${first} beside it`);
    debug.addEventListener('click', () => this.host.post({ kind: 'debug', design: row.design, beside: first, statement }));
    const show = h('button', { type: 'button', class: 'go' }, `Show line ${line}`);
    show.addEventListener('click', () => this.host.post({ kind: 'line', file: part!.file, line }));
    const text = h(
      'p',
      {},
      h('b', {}, row.design),
      ` parts from ${first} in ${column} at line ${line}, step ${step}: `,
      h('code', {}, doing),
      ` (${change})`,
    );
    this.detail.replaceChildren(text, h('p', { class: 'ways' }, show, debug));
  }

  private problems(rows: readonly ComparedRow[]): HTMLElement[] {
    const found = rows.filter(({ problem }) => problem !== '');
    if (found.length === 0) return [];
    return [h('ul', { class: 'problems' }, ...found.map(({ design, problem }) => h('li', {}, h('b', {}, design), `: ${problem}`)))];
  }
}

import { h } from '../picture/dom';
import { checkToComparison, type FromComparison } from '../protocol/comparison';
import { keptFrom, type Kept } from './kept';
import { SweepView } from './sweep';
import { TableView } from './table';

/** The page's end of the line to the host. */
export interface Host {
  post(message: FromComparison): void;
  keep(kept: Kept): void;
  readonly kept: unknown;
}

/** Designs as a table, or as curves over a param; above it what can be done next. */
export class ComparisonView {
  private readonly status = h('p', { class: 'status', role: 'status' });
  private readonly cancel: HTMLButtonElement;
  private readonly bar: HTMLElement;
  private readonly sweepButton: HTMLButtonElement;
  private readonly table: TableView;
  private readonly sweep = new SweepView();
  private readonly title = h('h1', {}, 'Designs compared');

  constructor(
    root: HTMLElement,
    private readonly host: Host,
  ) {
    const button = (text: string, title: string, kind: 'again' | 'choose' | 'sweep' | 'save' | 'cancel') => {
      const element = h('button', { type: 'button', class: 'do', title }, text);
      element.addEventListener('click', () => this.host.post({ kind }));
      return element;
    };
    this.cancel = button('Cancel', 'End what is under way', 'cancel');
    this.sweepButton = button('Sweep a param…', 'Run it for each of many values of a param, and draw curves', 'sweep');
    this.bar = h(
      'div',
      { class: 'bar', role: 'group', 'aria-label': 'What to do next' },
      button('Run again', 'The text may have changed', 'again'),
      button('Choose designs…', 'Designs and variants to run', 'choose'),
      this.sweepButton,
      button('Save…', 'Into a file: Markdown, CSV, JSON, curves as SVG', 'save'),
    );
    this.table = new TableView(keptFrom(host.kept), { post: (message) => host.post(message), keep: (kept) => host.keep(kept) });
    this.bar.hidden = this.cancel.hidden = this.table.element.hidden = this.sweep.element.hidden = true;
    root.append(
      h(
        'main',
        {},
        h('header', {}, this.title, this.bar),
        h('div', { class: 'progress' }, this.status, this.cancel),
        this.table.element,
        this.sweep.element,
      ),
    );
    host.post({ kind: 'ready' });
  }

  /** Every message from the host comes in here, whatever it is. */
  receive(data: unknown): void {
    try {
      const message = checkToComparison(data, 'message');
      this.cancel.hidden = message.kind !== 'running';
      this.status.classList.toggle('bad', message.kind === 'failed');
      switch (message.kind) {
        case 'comparison':
          this.sweepButton.hidden = !message.state.sweepable;
          this.table.show(message.state);
          return this.turnTo('table');
        case 'sweep':
          this.sweepButton.hidden = false;
          this.sweep.show(message.state);
          return this.turnTo('sweep');
        case 'running':
        case 'cancelled':
        case 'failed':
          this.status.textContent = message.message;
          return;
      }
    } catch (error) {
      this.host.post({ kind: 'problem', message: error instanceof Error ? error.message : String(error) });
    }
  }

  private turnTo(which: 'table' | 'sweep'): void {
    this.status.textContent = '';
    this.bar.hidden = false;
    this.table.element.hidden = which !== 'table';
    this.sweep.element.hidden = which !== 'sweep';
    this.title.textContent = which === 'table' ? 'Designs compared' : 'Designs over a param';
  }
}

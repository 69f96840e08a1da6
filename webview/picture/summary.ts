import type { Amount, PanelState } from '../protocol';
import { amount, difference, number } from '../model/format';
import { attribute, h, keyed, setText } from './dom';

/** Above the picture: which run this is, where it stands, and the one sentence on what has just happened. */
export class SummaryView {
  private readonly title = h('h1', { class: 'title' });
  private readonly design = h('span', { class: 'design' });
  private readonly status = h('span', { class: 'status' });
  private readonly statement = h('code', { class: 'statement' });
  private readonly stack = h('span', { class: 'stack' });
  private readonly sentence = h('p', { class: 'sentence' });
  readonly element = h(
    'section',
    { class: 'summary', 'aria-label': 'Where the run stands' },
    h('div', { class: 'which' }, this.title, this.design, this.status),
    h('div', { class: 'where' }, this.statement, this.stack),
    this.sentence,
  );

  show({ summary, timeline }: PanelState): void {
    setText(this.title, summary.scenario);
    setText(this.design, summary.design);
    setText(this.status, summary.status);
    setText(this.statement, summary.line > 0 ? `${summary.line}  ${summary.statement}` : summary.statement);
    const micro = timeline.micros > 0 ? `micro-step ${number(timeline.micro)} of ${number(timeline.micros)}` : '';
    setText(this.stack, [summary.stack.join(' › '), micro].filter(Boolean).join(' · '));
    setText(this.sentence, summary.sentence);
    attribute(this.sentence, { title: summary.sentence });
  }
}

/** The machine's sums: label, number, and by how much the last step changed it. */
export class SumsView {
  readonly element = h('dl', { class: 'sums', 'aria-label': 'Sums of the machine' });

  show({ sums }: PanelState): void {
    keyed(this.element, sums, (sum) => sum.name, makeSum, patchSum);
  }
}

function makeSum(): HTMLElement {
  return h(
    'div',
    { class: 'sum' },
    h('dt', {}, h('span', { class: 'of' }), h('span')),
    h('dd', {}, h('span', { class: 'value' }), h('span', { class: 'by' })),
  );
}

function patchSum(element: HTMLElement, sum: Amount): void {
  const [name, value] = element.children as unknown as [HTMLElement, HTMLElement];
  const by = difference(sum);
  const dot = sum.name.lastIndexOf('.') + 1;
  setText(name.children[0]!, sum.name.slice(0, dot));
  setText(name.children[1]!, sum.name.slice(dot));
  setText(value.children[0]!, amount(sum));
  setText(value.children[1]!, by);
  attribute(element, { class: by === '' ? 'sum' : 'sum mark-M', title: sum.doc });
}

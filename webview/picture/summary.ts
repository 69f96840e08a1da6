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
  private readonly besideDesign = h('span', { class: 'design' });
  private readonly besideSays = h('span', { class: 'says' });
  private readonly beside = h('p', { class: 'beside' }, this.besideDesign, this.besideSays);
  readonly element = h(
    'section',
    { class: 'summary', 'aria-label': 'Where the run stands' },
    h('div', { class: 'which' }, this.title, this.design, this.status),
    h('div', { class: 'where' }, this.statement, this.stack),
    this.sentence,
    this.beside,
  );

  show({ summary, timeline, beside }: PanelState): void {
    setText(this.title, summary.scenario);
    setText(this.design, summary.design);
    setText(this.status, summary.status);
    setText(this.statement, summary.line > 0 ? `${summary.line}  ${summary.statement}` : summary.statement);
    const micro = timeline.micros > 0 ? `micro-step ${number(timeline.micro)} of ${number(timeline.micros)}` : '';
    setText(this.stack, [summary.stack.join(' › '), micro].filter(Boolean).join(' · '));
    setText(this.sentence, summary.sentence);
    attribute(this.sentence, { title: summary.sentence });
    this.beside.hidden = beside === null;
    setText(this.besideDesign, beside?.design ?? '');
    const other = beside?.picture?.summary;
    const says = beside?.problem || [other?.status === summary.status ? '' : other?.status, other?.sentence].filter(Boolean).join(' · ');
    setText(this.besideSays, says);
    attribute(this.beside, { title: says, class: beside?.problem ? 'beside bad' : 'beside' });
  }
}

/** The machine's sums: label, number, and by how much the last step changed it. */
export class SumsView {
  readonly element = h('dl', { class: 'sums', 'aria-label': 'Sums of the machine' });

  show({ sums, beside }: PanelState): void {
    const others = new Map(beside?.picture?.sums.map((sum) => [sum.name, sum]));
    keyed(
      this.element,
      sums,
      (sum) => sum.name,
      makeSum,
      (element, sum) => patchSum(element, sum, others.get(sum.name), beside?.design ?? ''),
    );
  }
}

function makeSum(): HTMLElement {
  return h(
    'div',
    { class: 'sum' },
    h('dt', {}, h('span', { class: 'of' }), h('span')),
    h('dd', {}, h('span', { class: 'value' }), h('span', { class: 'by' })),
    h('dd', { class: 'other' }),
  );
}

function patchSum(element: HTMLElement, sum: Amount, other: Amount | undefined, design: string): void {
  const [name, value, beside] = element.children as unknown as [HTMLElement, HTMLElement, HTMLElement];
  const by = difference(sum);
  const dot = sum.name.lastIndexOf('.') + 1;
  setText(name.children[0]!, sum.name.slice(0, dot));
  setText(name.children[1]!, sum.name.slice(dot));
  setText(value.children[0]!, amount(sum));
  setText(value.children[1]!, by);
  const differs = other !== undefined && other.value !== sum.value;
  beside.hidden = other === undefined;
  setText(beside, other === undefined ? '' : `${differs ? '≠' : '='} ${amount(other)}`);
  attribute(beside, { class: differs ? 'other differs' : 'other', title: `under ${design}` });
  attribute(element, { class: by === '' ? 'sum' : 'sum mark-M', title: sum.doc });
}

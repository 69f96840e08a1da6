import { h } from '../picture/dom';
import type { SweepChart, SweepState } from '../protocol/comparison';
import { chartElement, keyElement } from './chart';

/** A chart for each metric, its values as a table beneath it, and which dash is which design. */
export class SweepView {
  readonly element = h('section', { class: 'sweep' });

  show(state: SweepState): void {
    const { param, values, total, designs, charts, zero, problems } = state;
    const range = values.length > 1 ? `${param} = ${values[0]} … ${values.at(-1)}` : `${param} = ${values[0] ?? ''}`;
    const missing = values.length < total ? ` Cancelled: ${values.length} of ${total} values.` : '';
    const key = h(
      'ul',
      { class: 'key', 'aria-label': 'Designs' },
      ...designs.map((design, i) => keyElement(design, state.dashes[i] ?? '', i)),
    );
    this.element.replaceChildren(
      h('p', { class: 'caption' }, `${state.scenario}, ${range}.${missing}`),
      key,
      h('div', { class: 'charts' }, ...charts.map((chart) => this.chart(chart, state))),
      ...(zero.length === 0 ? [] : [h('p', { class: 'zero' }, `0 everywhere: ${zero.join(', ')}`)]),
      ...(problems.length === 0 ? [] : [h('ul', { class: 'problems' }, ...problems.map((text) => h('li', {}, text)))]),
    );
  }

  private chart(chart: SweepChart, state: SweepState): HTMLElement {
    const details = h('details', {}, h('summary', {}, `Values of ${chart.title}`));
    details.addEventListener('toggle', () => {
      if (details.open && details.childElementCount === 1) details.append(tableOf(chart, state));
    });
    return h('figure', {}, h('figcaption', { title: chart.doc }, chart.title), chartElement(chart, state), details);
  }
}

function tableOf({ title, rows }: SweepChart, { param, values, designs }: SweepState): HTMLElement {
  const head = h('tr', {}, ...[param, ...designs].map((text) => h('th', { scope: 'col' }, text)));
  const lines = rows.map((row, i) => h('tr', {}, h('th', { scope: 'row' }, values[i] ?? ''), ...row.map((text) => h('td', {}, text))));
  const table = h('table', {}, h('thead', {}, head), h('tbody', {}, ...lines));
  return h('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': `Values of ${title}` }, table);
}

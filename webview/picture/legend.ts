import type { Legend } from '../protocol';
import { h } from './dom';

/** What letters, colours and marks mean; folded until asked for. */
export class LegendView {
  private readonly kinds = h('ul', {});
  private readonly flags = h('div', { class: 'flags' });
  readonly element = h('details', { class: 'legend' }, h('summary', {}, 'Legend'), this.kinds, this.flags);
  private shown = '';

  show(legend: Legend): void {
    const signature = JSON.stringify(legend);
    if (signature === this.shown) return;
    this.shown = signature;
    this.kinds.replaceChildren(
      ...legend.kinds.map(({ letter, name, doc, tint }) => h('li', { title: doc }, h('span', { class: `swatch t-${tint}` }, letter), name)),
    );
    const band = (title: string, entries: Legend['frameFlags']) =>
      h(
        'p',
        {},
        h('b', {}, `${title}: `),
        ...entries.map(({ letter, name, doc }) => h('span', { title: doc }, h('code', {}, letter), ` ${name} `)),
      );
    this.flags.replaceChildren(
      band('frames', legend.frameFlags),
      band('page cache', legend.pageFlags),
      band('PTEs', legend.pteFlags),
      h('p', {}, h('b', {}, 'marks: '), 'A added, M modified (old→new), D gone; ×n is the map count; ≠ differs under the design beside'),
    );
  }
}

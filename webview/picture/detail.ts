import type { FrameDetail, Holder, Legend, LegendEntry } from '../protocol';
import { change, number } from '../model/format';
import { countsText } from '../model/text';
import { attribute, h, keyed, setText } from './dom';

export interface DetailEvents {
  onShow(band: string, at: number): void;
  onMore(): void;
  onUnpin(): void;
}

/** Who points at the frame under the pointer or focus. Sharing comes first: as many edges as the map count says. */
export class DetailView {
  private readonly title = h('h2');
  private readonly counts = h('p', { class: 'counts' });
  private readonly holders = h('ul', { class: 'holders', 'aria-label': 'What points at it' });
  private readonly more = h('button', { class: 'more', type: 'button' });
  private readonly twins = h('p', { class: 'twins' });
  private readonly facts = h('dl', { class: 'facts' });
  private readonly unpin = h('button', { class: 'unpin', type: 'button', title: 'Follow the step again (Escape)' }, 'unpin');
  private readonly head = h('div', { class: 'bar' }, this.title, this.unpin);
  private readonly body = h(
    'div',
    { class: 'body', tabindex: 0, role: 'region' },
    this.counts,
    this.holders,
    this.more,
    this.twins,
    this.facts,
  );
  readonly element: HTMLElement;

  constructor(
    private readonly events: DetailEvents,
    side: 'own' | 'beside',
  ) {
    this.element = h('section', { class: `pane detail ${side}` }, this.head, this.body);
    this.more.addEventListener('click', () => events.onMore());
    this.unpin.addEventListener('click', () => events.onUnpin());
    this.holders.addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>('button[data-band]') : null;
      if (button !== null) this.events.onShow(button.dataset['band']!, Number(button.dataset['at']));
    });
  }

  /** `under`: the design, where there is another picture with a frame of its own. */
  show(focus: FrameDetail | null, legend: Legend, pinned: boolean, under: string | undefined): void {
    const label = under === undefined ? 'Frame' : `Frame under ${under}`;
    attribute(this.element, { 'aria-label': label });
    attribute(this.body, { 'aria-label': `${label}: what points at it` });
    this.unpin.hidden = !pinned;
    this.body.hidden = focus === null;
    if (focus === null)
      return setText(this.title, under === undefined ? 'Point at a frame to see who points at it' : `${under} · no frame`);
    const entry = legend.kinds.find(({ kind }) => kind === focus.kind);
    setText(this.title, under === undefined ? focus.title : `${under} · ${focus.title}`);
    this.showCounts(focus, entry);
    keyed(this.holders, focus.holders.rows, (row) => `${row.how} ${row.text}`, makeHolder, patchHolder);
    const more = focus.holders.total - focus.holders.rows.length;
    this.more.hidden = more <= 0;
    setText(this.more, `${number(more)} more`);
    const twins =
      focus.twins.rows.join(', ') +
      (focus.twins.total > focus.twins.rows.length ? ` and ${number(focus.twins.total - focus.twins.rows.length)} more` : '');
    this.twins.hidden = focus.twins.total === 0;
    setText(this.twins, `the same bytes again: ${focus.twins.total === 1 ? 'frame' : 'frames'} ${twins}`);
    keyed(
      this.facts,
      focus.facts,
      (fact) => fact.name,
      () => h('div', {}, h('dt'), h('dd')),
      (element, fact) => {
        setText(element.children[0]!, fact.name);
        setText(element.children[1]!, fact.previous === undefined ? fact.value : `${fact.previous}→${fact.value}`);
        attribute(element, { title: fact.doc, class: fact.previous === undefined ? undefined : 'mark-M' });
      },
    );
  }

  private showCounts(focus: FrameDetail, entry: LegendEntry | undefined): void {
    setText(this.counts, countsText(focus));
    attribute(this.counts, { class: `counts t-${entry?.tint ?? 'none'}${focus.mapcount > 1 ? ' shared' : ''}` });
  }
}

function makeHolder(row: Holder): HTMLElement {
  const text = row.band === undefined || row.at === undefined ? h('span') : h('button', { type: 'button', title: 'Show it' });
  return h(
    'li',
    {},
    h('span', { class: 'arrow', 'aria-hidden': 'true' }, row.how === 'pte' ? '◀─' : row.how === 'cache' ? '◀═' : '◀┄'),
    text,
    h('span', { class: 'was' }),
  );
}

function patchHolder(element: HTMLElement, row: Holder): void {
  const [, text, was] = element.children as unknown as HTMLElement[];
  attribute(element, { class: `${row.how}${row.mark === undefined ? '' : ` mark-${row.mark}`}${row.ghost === true ? ' ghost' : ''}` });
  attribute(text!, { 'data-band': row.band, 'data-at': row.at });
  setText(text!, row.text);
  setText(was!, row.changes?.map(change).join(' ') ?? '');
}

import type { PanelState } from '../protocol';
import { textView } from '../model/text';
import { h } from './dom';

/** The whole state as headings and sentences, instead of the picture. */
export class TextPane {
  readonly element = h('section', { class: 'text-view', 'aria-label': 'State as text', tabindex: 0, hidden: true });

  show(state: PanelState): void {
    if (this.element.hidden) return;
    this.element.replaceChildren(
      ...textView(state).map(({ level, text }) => {
        if (level === 0) return h('p', {}, text);
        return h(level === 1 ? 'h2' : level === 2 ? 'h3' : 'h4', {}, text);
      }),
    );
  }
}

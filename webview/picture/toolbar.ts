import type { Action, PanelState } from '../protocol';
import type { Choice } from '../model/want';
import { button, checkbox, dropdown, textField } from '../ui/controls';
import { h } from './dom';

export interface ToolbarEvents {
  onAction(action: Action): void;
  onFind(text: string): string;
  onFilter(name: string): void;
  onEdges(shown: boolean): void;
  onText(shown: boolean): void;
  /** A design to be shown beside; null: none. */
  onBeside(design: string | null): void;
}

const ALL = 'all processes';
const NOTHING = 'nothing beside';

/** Stepping, finding, and what to show. */
export class Toolbar {
  readonly element: HTMLElement;
  private readonly back;
  private readonly steps;
  private readonly start;
  private readonly processes;
  private readonly beside;

  constructor(events: ToolbarEvents, choice: Choice) {
    this.back = button('◂', 'Back', 'Step back', () => events.onAction('stepBack'));
    this.steps = [
      button('▸', 'Over', 'Step over', () => events.onAction('stepOver')),
      button('▾', 'Into', 'Step into the kernel', () => events.onAction('stepInto')),
      button('▴', 'Out', 'Step out', () => events.onAction('stepOut')),
    ];
    this.start = button('▶', 'Start debugging', 'Debug the open scenario', () => events.onAction('start'));
    this.processes = dropdown('Processes shown', (name) => events.onFilter(name === ALL ? '' : name));
    this.beside = dropdown('Design beside', (name) => events.onBeside(name === NOTHING ? null : name));
    const find = textField('Find frame, 0x address, path, process', (text) => find.invalid(events.onFind(text)));
    const edges = checkbox('Edges', choice.edges, (shown) => events.onEdges(shown));
    const text = checkbox('As text', choice.text, (shown) => events.onText(shown));
    this.element = h(
      'div',
      { class: 'toolbar', role: 'toolbar', 'aria-label': 'Panel' },
      this.start.element,
      this.back.element,
      ...this.steps.map((one) => one.element),
      h('span', { class: 'gap' }),
      find.element,
      this.beside.element,
      this.processes.element,
      edges.element,
      text.element,
    );
    this.running(false);
  }

  /** `design`: the one that is shown beside. */
  show({ timeline, processes, designs }: PanelState, { filter }: Choice, design: string | null): void {
    this.beside.options([NOTHING, ...designs], design ?? NOTHING, (name) => (name === NOTHING ? name : `beside: ${name}`));
    this.beside.element.hidden = designs.length === 0;
    this.back.enable(timeline.position > 0 || timeline.micro > 0);
    if (filter === '') this.processes.options([ALL, ...processes.rows.map((row) => row.name)], ALL);
  }

  running(running: boolean): void {
    this.start.element.hidden = running;
    for (const { element } of [this.back, ...this.steps]) element.hidden = !running;
  }
}

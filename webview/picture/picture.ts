import type { Action, PanelState } from '../protocol';
import { PANES, type PaneName } from '../model/panes';
import type { Choice, Window } from '../model/want';
import { ChangesView } from './changes';
import { DetailView } from './detail';
import { h, setText } from './dom';
import { EdgesView } from './edges';
import { LegendView } from './legend';
import { Pane, type PaneEvents } from './pane';
import { SummaryView, SumsView } from './summary';
import { TextPane } from './textPane';
import { TimelineView } from './timeline';
import { Toolbar, type ToolbarEvents } from './toolbar';

export interface PictureEvents extends PaneEvents, ToolbarEvents {
  onGoto(step: number): void;
  onAction(action: Action): void;
  onShow(band: string, at: number): void;
}

/** All that is on the page. It knows how things look and where they stand, not where they come from. */
export class Picture {
  private readonly summary = new SummaryView();
  private readonly sums = new SumsView();
  private readonly legend = new LegendView();
  private readonly text = new TextPane();
  private readonly timeline: TimelineView;
  private readonly toolbar: Toolbar;
  private readonly detail: DetailView;
  private readonly changes: ChangesView;
  private readonly edges: EdgesView;
  private readonly panes: Readonly<Record<PaneName, Pane>>;
  private readonly board = h('div', { class: 'board' });
  private readonly welcome = h('p', { class: 'welcome' }, 'Open a .mmscn file and press F5: its memory is shown here, step by step.');
  private readonly error = h('p', { class: 'error', role: 'alert', hidden: true });
  private readonly live = h('div', { class: 'live', 'aria-live': 'polite', role: 'status' });
  private readonly shown = h('div', { class: 'shown', hidden: true });

  constructor(root: HTMLElement, events: PictureEvents, choice: Choice) {
    this.timeline = new TimelineView((step) => events.onGoto(step));
    this.toolbar = new Toolbar(events, choice);
    const slots = { onShow: (band: string, at: number) => events.onShow(band, at) };
    this.detail = new DetailView({ ...slots, onMore: () => events.onMore('holders'), onUnpin: () => events.onPin(null) });
    this.changes = new ChangesView({ ...slots, onMore: () => events.onMore('changes') });
    this.panes = {
      frames: new Pane('frames', events),
      files: new Pane('files', events),
      processes: new Pane('processes', events),
    };
    this.edges = new EdgesView(this.board);
    const onView = () => this.edges.draw();
    this.board.addEventListener('scroll', onView, { capture: true, passive: true });
    new ResizeObserver(onView).observe(this.board);
    this.board.append(
      this.edges.element,
      this.panes.frames.element,
      this.detail.element,
      this.panes.files.element,
      this.changes.element,
      this.panes.processes.element,
    );
    this.shown.append(this.summary.element, this.timeline.element, this.sums.element, this.board, this.text.element, this.legend.element);
    root.append(h('header', {}, this.toolbar.element), h('main', {}, this.error, this.welcome, this.shown), this.live);
    root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') events.onPin(null);
    });
  }

  /** `pfn`: the frame whose references light up. */
  show(state: PanelState, pfn: number | null, choice: Choice): void {
    this.welcome.hidden = true;
    this.shown.hidden = false;
    this.error.hidden = true;
    this.text.element.hidden = !choice.text;
    this.board.hidden = choice.text;
    this.summary.show(state);
    this.timeline.show(state);
    this.sums.show(state);
    this.toolbar.show(state, choice);
    const twins = new Set(state.focus?.pfn === pfn ? state.focus.twins.rows : []);
    for (const name of PANES) this.panes[name].show(state, { legend: state.legend, pfn, twins });
    this.board.classList.toggle('no-files', state.files.total === 0);
    this.detail.show(state.focus, state, choice.pinned !== null);
    this.changes.show(state);
    this.legend.show(state.legend);
    this.text.show(state);
    this.edges.show(choice.edges);
  }

  /** Scrolls each grid that nobody is working in to what the step was about. */
  follow(state: PanelState, pinned: number | null): void {
    for (const name of PANES) {
      const pane = this.panes[name];
      if (pane.element.contains(document.activeElement)) continue;
      const pfn = pinned ?? state.focus?.pfn;
      if (name === 'frames' && pfn !== undefined) pane.revealSlot(state.frames.id, pfn);
      else
        for (const row of state.changes.rows.slice(0, 1))
          if (row.band !== undefined && row.at !== undefined) pane.revealSlot(row.band, row.at);
    }
  }

  /** The slots of each band that are in view. */
  windows(): Window[] {
    return PANES.flatMap((name) => this.panes[name].windows());
  }

  /** Whether a cell in view has not been sent. */
  lacks(): boolean {
    return PANES.some((name) => this.panes[name].lacks());
  }

  focusSlot(pane: PaneName, band: string, at: number): boolean {
    return this.panes[pane].focusSlot(band, at);
  }

  focusHead(pane: PaneName, id: string): boolean {
    return this.panes[pane].focusHead(id);
  }

  say(text: string): void {
    setText(this.live, text);
  }

  problem(text: string): void {
    this.error.hidden = false;
    setText(this.error, text);
  }

  running(running: boolean): void {
    this.toolbar.running(running);
    this.shown.classList.toggle('ended', !running);
  }
}

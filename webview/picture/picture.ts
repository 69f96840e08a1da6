import type { Action, PanelState } from '../protocol';
import type { PaneName } from '../model/panes';
import type { Slot } from '../model/slots';
import type { Choice, Window } from '../model/want';
import { ChangesView } from './changes';
import { h, setText } from './dom';
import { EdgesView } from './edges';
import { DifferencesView } from './differences';
import { LegendView } from './legend';
import type { Pointed } from './pane';
import { Side, SIDES, type SideName } from './side';
import { SummaryView, SumsView } from './summary';
import { TextPane } from './textPane';
import { TimelineView } from './timeline';
import { Toolbar, type ToolbarEvents } from './toolbar';

export interface PictureEvents extends ToolbarEvents {
  onPoint(side: SideName, pointed: Pointed | null): void;
  onPin(side: SideName, pfn: number | null): void;
  onEscape(): void;
  onFold(id: string, open: boolean): void;
  onMore(list: string): void;
  /** Other lines are in view now. */
  onView(): void;
  onGoto(step: number): void;
  onAction(action: Action): void;
  onShow(band: string, at: number): void;
}

/** What lights up in one of the two pictures. */
export interface Lit {
  readonly pfn: number | null;
  /** The slot that the pointer is on in the other one. */
  readonly slot: Slot | null;
}

/** All that is on the page. It knows how things look and where they stand, not where they come from. */
export class Picture {
  private readonly summary = new SummaryView();
  private readonly sums = new SumsView();
  private readonly legend = new LegendView();
  private readonly text = new TextPane();
  private readonly timeline: TimelineView;
  private readonly toolbar: Toolbar;
  private readonly changes: ChangesView;
  private readonly differences: DifferencesView;
  private readonly edges: EdgesView;
  private readonly sides: Readonly<Record<SideName, Side>>;
  private readonly board = h('div', { class: 'board' });
  private readonly welcome = h('p', { class: 'welcome' }, 'Open a .mmscn file and press F5: its memory is shown here, step by step.');
  private readonly error = h('p', { class: 'error', role: 'alert', hidden: true });
  private readonly live = h('div', { class: 'live', 'aria-live': 'polite', role: 'status' });
  private readonly shown = h('div', { class: 'shown', hidden: true });

  constructor(root: HTMLElement, events: PictureEvents, choice: Choice) {
    this.timeline = new TimelineView((step) => events.onGoto(step));
    this.toolbar = new Toolbar(events, choice);
    const lists = { onShow: (band: string, at: number) => events.onShow(band, at), onMore: () => events.onMore('changes') };
    this.changes = new ChangesView(lists);
    this.differences = new DifferencesView(lists);
    this.sides = { own: new Side('own', events), beside: new Side('beside', events) };
    this.edges = new EdgesView(this.board);
    const onView = () => this.edges.draw();
    this.board.addEventListener('scroll', onView, { capture: true, passive: true });
    new ResizeObserver(onView).observe(this.board);
    const { own, beside } = this.sides;
    const pairs = own.elements.flatMap((element, index) => [element, beside.elements[index]!]);
    this.board.append(this.edges.element, ...pairs, this.differences.element, this.changes.element);
    this.shown.append(this.summary.element, this.timeline.element, this.sums.element, this.board, this.text.element, this.legend.element);
    root.append(h('header', {}, this.toolbar.element), h('main', {}, this.error, this.welcome, this.shown), this.live);
    root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') events.onEscape();
    });
  }

  /** `lit`: the frames whose references light up. */
  show(state: PanelState, lit: Readonly<Record<SideName, Lit>>, choice: Choice, design: string | null): void {
    const { beside } = state;
    const two = beside?.picture ?? null;
    this.welcome.hidden = true;
    this.shown.hidden = false;
    this.error.hidden = true;
    this.text.element.hidden = !choice.text;
    this.board.hidden = choice.text;
    this.summary.show(state);
    this.timeline.show(state);
    this.sums.show(state);
    this.toolbar.show(state, choice, design);
    this.board.classList.toggle('no-files', state.files.total === 0 && (two?.files.total ?? 0) === 0);
    this.board.classList.toggle('two', two !== null);
    this.differences.element.hidden = two === null;
    this.sides.beside.hide(two === null);
    const common = { state, beside: beside?.design ?? '' };
    this.sides.own.show(state, {
      ...common,
      ...lit.own,
      pinned: choice.pinned !== null,
      under: two === null ? undefined : state.summary.design,
    });
    if (beside !== null && two !== null) {
      const other = { state, beside: state.summary.design, ...lit.beside };
      this.sides.beside.show(two, { ...other, pinned: choice.pinnedBeside !== null, under: beside.design });
      this.differences.show(state.summary.design, beside);
    }
    this.changes.show(state);
    this.legend.show(state.legend);
    this.text.show(state);
    this.edges.show(choice.edges);
  }

  /** Scrolls each grid that nobody is working in to what the step was about. */
  follow(state: PanelState, { pinned, pinnedBeside }: Choice): void {
    this.sides.own.follow(state, pinned, state.changes);
    const other = state.beside?.picture;
    if (other) this.sides.beside.follow(other, pinnedBeside, state.changes);
  }

  /** The slots of each band that are in view. */
  windows(side: SideName): Window[] {
    return this.sides[side].windows();
  }

  /** Whether a cell in view has not been sent. */
  lacks(): boolean {
    return SIDES.some((side) => this.sides[side].lacks());
  }

  /** Shows a slot, or where there is none the row of that id, in both pictures; the focus goes to the first that has it. */
  focus(band: string, at: number): void {
    const shown = SIDES.filter((side) => this.sides[side].reveal(band, at));
    if (shown[0] !== undefined) this.sides[shown[0]].focus(band, at);
  }

  focusSlot(pane: PaneName, band: string, at: number): boolean {
    return this.sides.own.panes[pane].focusSlot(band, at);
  }

  focusHead(pane: PaneName, id: string): boolean {
    return this.sides.own.panes[pane].focusHead(id);
  }

  say(text: string): void {
    setText(this.live, text);
  }

  problem(text: string): void {
    this.error.hidden = false;
    setText(this.error, text);
  }

  /** A question that the session's end cuts off fails: no problem that a person should see. */
  running(running: boolean): void {
    this.error.hidden = true;
    this.toolbar.running(running);
    this.shown.classList.toggle('ended', !running);
  }
}

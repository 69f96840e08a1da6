import type { ChangeRow, Listing, PanelState, Picture } from '../protocol';
import { PANES, type PaneName } from '../model/panes';
import type { Slot } from '../model/slots';
import type { Window } from '../model/want';
import { DetailView } from './detail';
import { Pane, type Pointed } from './pane';

export const SIDES = ['own', 'beside'] as const;
export type SideName = (typeof SIDES)[number];

export interface SideEvents {
  onPoint(side: SideName, pointed: Pointed | null): void;
  onPin(side: SideName, pfn: number | null): void;
  onFold(id: string, open: boolean): void;
  onMore(list: string): void;
  onView(): void;
  onShow(band: string, at: number): void;
}

/** What of a picture is shown how. */
export interface Shown {
  readonly state: PanelState;
  /** The design of the other picture; empty where there is none. */
  readonly beside: string;
  /** Its own design, where there are two. */
  readonly under: string | undefined;
  /** The frame whose references light up. */
  readonly pfn: number | null;
  readonly slot: Slot | null;
  readonly pinned: boolean;
}

/** The picture of one run: its three grids, and who points at a frame. */
export class Side {
  readonly panes: Readonly<Record<PaneName, Pane>>;
  private readonly detail: DetailView;

  constructor(name: SideName, events: SideEvents) {
    const onPin = (pfn: number | null) => events.onPin(name, pfn);
    const own = {
      onPoint: (pointed: Pointed | null) => events.onPoint(name, pointed),
      onPin,
      onFold: (id: string, open: boolean) => events.onFold(id, open),
      onMore: (list: string) => events.onMore(list),
      onView: () => events.onView(),
    };
    this.panes = {
      frames: new Pane('frames', own, name),
      files: new Pane('files', own, name),
      processes: new Pane('processes', own, name),
    };
    const detail = { onShow: (band: string, at: number) => events.onShow(band, at), onMore: () => events.onMore('holders') };
    this.detail = new DetailView({ ...detail, onUnpin: () => onPin(null) }, name);
  }

  /** In the order in which they are read. */
  get elements(): readonly HTMLElement[] {
    const { frames, files, processes } = this.panes;
    return [frames.element, this.detail.element, files.element, processes.element];
  }

  hide(hidden: boolean): void {
    for (const element of this.elements) element.hidden = hidden;
  }

  show(picture: Picture, { state, beside, under, pfn, slot, pinned }: Shown): void {
    const { legend } = state;
    const twins = new Set(picture.focus?.pfn === pfn ? picture.focus.twins.rows : []);
    for (const name of PANES) this.panes[name].show(picture, { legend, pfn, twins, slot, beside }, under);
    this.detail.show(picture.focus, legend, pinned, under);
  }

  /** Scrolls each grid that nobody is working in to what the step was about. */
  follow(picture: Picture, pinned: number | null, { rows: [change] }: Listing<ChangeRow>): void {
    for (const name of PANES) {
      const pane = this.panes[name];
      if (pane.element.contains(document.activeElement)) continue;
      const pfn = pinned ?? picture.focus?.pfn;
      if (name === 'frames' && pfn !== undefined) pane.revealSlot(picture.frames.id, pfn);
      else if (change?.band !== undefined && change.at !== undefined) pane.revealSlot(change.band, change.at);
    }
  }

  windows(): Window[] {
    return this.elements[0]!.hidden ? [] : PANES.flatMap((name) => this.panes[name].windows());
  }

  lacks(): boolean {
    return !this.elements[0]!.hidden && PANES.some((name) => this.panes[name].lacks());
  }

  /** Brings a slot, or the row of that id, into view; false where there is neither. */
  reveal(band: string, at: number): boolean {
    if (this.elements[0]!.hidden) return false;
    return PANES.some((name) => this.panes[name].revealSlot(band, at) || this.panes[name].revealHead(band));
  }

  focus(band: string, at: number): boolean {
    return PANES.some((name) => this.panes[name].focusSlot(band, at) || this.panes[name].focusHead(band));
  }
}

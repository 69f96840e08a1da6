import type { Picture } from '../protocol';
import { number } from '../model/format';
import type { Slot } from '../model/slots';
import { niceColumns, paneDocument, type PaneName } from '../model/panes';
import type { Window } from '../model/want';
import type { Painting } from './cell';
import { attribute, h, setText } from './dom';
import { GridKeys } from './gridKeys';
import { VirtualList } from './virtualList';

const TITLES = { frames: 'Physical frames', files: 'Page cache', processes: 'Address spaces' } as const;
/** Pixels of a cell by pane, its margin included; kept in step with style/grid.css. */
const CELL = { frames: 50, files: 76, processes: 98 } as const;

export interface PaneEvents {
  /** The pointer or the focus is on a cell: its frame, and where it stands; null: on none. */
  onPoint(pointed: Pointed | null): void;
  onPin(pfn: number | null): void;
  onFold(id: string, open: boolean): void;
  onMore(list: string): void;
  /** Other lines are in view now. */
  onView(): void;
}

export interface Pointed extends Partial<Slot> {
  readonly pfn: number | null;
}

/** One of the three grids with its title. */
export class Pane {
  readonly element: HTMLElement;
  readonly list: VirtualList;
  private readonly keys: GridKeys;
  private readonly title = document.createTextNode('');
  private readonly count = h('span', { class: 'count' });
  private readonly opened = new Set<string>();
  private columns = 1;
  private state: Picture | undefined;
  private painting: Painting | undefined;

  constructor(
    readonly name: PaneName,
    private readonly events: PaneEvents,
    side: 'own' | 'beside' = 'own',
  ) {
    this.list = new VirtualList(
      TITLES[name],
      () => events.onView(),
      () => {
        if (this.state === undefined || this.painting === undefined) return;
        this.paint(this.state, this.painting);
        events.onView();
      },
    );
    this.keys = new GridKeys(this.list, (cell) => this.activate(cell));
    this.element = h('section', { class: `pane ${name} ${side}` }, h('h2', {}, this.title, this.count), this.list.element);
    this.list.element.addEventListener('pointerover', (event) => events.onPoint(pointedAt(event.target)));
    this.list.element.addEventListener('pointerleave', () => events.onPoint(null));
    this.list.element.addEventListener('focusin', (event) => events.onPoint(pointedAt(event.target)));
    this.list.element.addEventListener('focusout', () => events.onPoint(null));
    this.list.element.addEventListener('click', (event) => {
      const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[role=gridcell]') : null;
      if (cell !== null) {
        this.keys.focusCell(cell);
        this.activate(cell);
      }
    });
  }

  /** `under`: the design, where there is another picture with the same grids. */
  show(state: Picture, painting: Painting, under?: string): void {
    const title = under === undefined ? TITLES[this.name] : `${TITLES[this.name]} under ${under}`;
    setText(this.title, title);
    for (const element of [this.element, this.list.element]) attribute(element, { 'aria-label': title });
    this.paint(state, painting);
  }

  private paint(state: Picture, painting: Painting): void {
    this.state = state;
    this.painting = painting;
    const label = labelWidth(this.name, state);
    this.list.element.style.setProperty('--label', `${label}px`);
    const width = this.list.width - label;
    this.columns = niceColumns(Math.floor(width / CELL[this.name]));
    this.list.show(paneDocument(this.name, state, { columns: this.columns, opened: this.opened }), painting);
    this.keys.refresh();
    setText(this.count, countText(this.name, state));
  }

  /** Brings a slot into view and puts the focus on it. */
  focusSlot(band: string, at: number): boolean {
    const line = this.list.document.find(band, at);
    if (line === undefined) return false;
    const row = this.list.reveal(line);
    const cell = row?.querySelector<HTMLElement>(`[data-at="${at}"]`) ?? row?.querySelector<HTMLElement>('[role=gridcell]');
    if (cell === null || cell === undefined) return false;
    this.keys.focusCell(cell);
    return true;
  }

  /** Brings a slot into view without moving the focus. */
  revealSlot(band: string, at: number): boolean {
    return this.reveal(this.list.document.find(band, at));
  }

  /** Brings a row's head into view without moving the focus. */
  revealHead(id: string): boolean {
    return this.reveal(this.list.document.findHead(id));
  }

  private reveal(line: number | undefined): boolean {
    if (line !== undefined) this.list.reveal(line);
    return line !== undefined;
  }

  /** Brings a row's head into view and puts the focus on it. */
  focusHead(id: string): boolean {
    const line = this.list.document.findHead(id);
    const cell = line === undefined ? undefined : this.list.reveal(line)?.querySelector<HTMLElement>('[role=gridcell]');
    if (cell === null || cell === undefined) return false;
    this.keys.focusCell(cell);
    return true;
  }

  windows(): Window[] {
    const { from, end } = this.list.visible;
    return this.list.document.slots(from, end);
  }

  /** Whether a cell in view has not been sent. */
  lacks(): boolean {
    const { from, end } = this.list.visible;
    for (let index = from; index < end; index++) {
      const line = this.list.document.line(index);
      if (line.type === 'cells' && line.cells.includes(null)) return true;
    }
    return false;
  }

  private activate(cell: HTMLElement): void {
    const { head, more, count, pfn } = cell.dataset;
    if (head !== undefined) this.events.onFold(head, cell.getAttribute('aria-expanded') !== 'true');
    else if (more !== undefined) this.events.onMore(more);
    else if (count !== undefined) this.toggleRun(cell);
    else if (pfn !== undefined) this.events.onPin(Number(pfn));
  }

  /** Lays a run out slot by slot, or folds it again. */
  private toggleRun(cell: HTMLElement): void {
    const band = cell.parentElement?.dataset['band'];
    const key = `${band}@${cell.dataset['at']}`;
    if (!this.opened.delete(key)) this.opened.add(key);
    if (this.state !== undefined && this.painting !== undefined) this.paint(this.state, this.painting);
    this.events.onView();
  }
}

function pointedAt(target: EventTarget | null): Pointed | null {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-at]') : null;
  const band = cell?.parentElement?.dataset['band'];
  if (cell === null || band === undefined) return null;
  const { pfn, at } = cell.dataset;
  return { pfn: pfn === undefined ? null : Number(pfn), band, at: Number(at) };
}

/** Pixels of the names in front of the lines: as wide as the longest number. */
function labelWidth(name: PaneName, state: Picture): number {
  if (name === 'processes') return 108;
  const bands = name === 'frames' ? [state.frames] : state.files.rows.flatMap(({ band }) => (band === undefined ? [] : [band]));
  const last = Math.max(0, ...bands.map(({ segments, more }) => (segments.at(-1)?.from ?? 0) + (segments.at(-1)?.count ?? 0) + more - 1));
  return Math.max(44, 12 + 7 * String(last).length);
}

/** How many frames the machine has (the zero page is nobody's memory), or rows. */
function countText(name: PaneName, state: Picture): string {
  if (name === 'frames') {
    const last = state.frames.segments.at(-1);
    const total = (last === undefined ? 0 : last.from + last.count - state.frames.segments[0]!.from) + state.frames.more;
    return number(Math.max(0, total - 1));
  }
  return number(state[name].total);
}

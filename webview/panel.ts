import { checkToPanel, type Action, type FromPanel, type PanelState } from './protocol';
import { announcement } from './model/announce';
import { find } from './model/find';
import { PANES, type PaneName } from './model/panes';
import { choiceFrom, wantOf, type Choice, type Window } from './model/want';
import { Picture } from './picture/picture';

/** The page's end of the line to the host. */
export interface Host {
  post(message: FromPanel): void;
  keep(choice: Choice): void;
  readonly kept: unknown;
}

/** Milliseconds that the pointer rests on a frame before the host is asked about it. */
const REST = 60;

/** Between protocol and picture: what was told last, what is wanted next. */
export class Panel {
  private readonly picture: Picture;
  private choice: Choice;
  private state: PanelState | undefined;
  private hovered: number | null = null;
  private restTimer = 0;
  /** Number of the last `view` request; the want it carried, as text. */
  private asked = 0;
  private askedFor = '';
  private waiting = false;
  /** A step to go to while the last move has not been answered. */
  private going: number | 'nowhere' | undefined;

  constructor(
    root: HTMLElement,
    private readonly host: Host,
  ) {
    this.choice = choiceFrom(host.kept);
    this.picture = new Picture(
      root,
      {
        onFrame: (pfn) => this.hover(pfn),
        onPin: (pfn) => this.pin(pfn),
        onFold: (id, open) => this.choose({ folds: { ...this.choice.folds, [id]: open } }),
        onMore: (list) => this.more(list as keyof Choice['limits']),
        onView: () => this.ask(),
        onGoto: (step) => this.goto(step),
        onAction: (action: Action) => this.host.post({ kind: 'do', action }),
        onShow: (band, at) => this.show(band, at),
        onFind: (text) => this.find(text),
        onFilter: (filter) => this.choose({ filter }),
        onEdges: (edges) => this.choose({ edges }),
        onText: (text) => this.choose({ text }),
      },
      this.choice,
    );
    host.post({ kind: 'ready' });
  }

  /** Every message from the host comes in here, whatever it is. */
  receive(data: unknown): void {
    try {
      const message = checkToPanel(data, 'message');
      this.going = this.going === 'nowhere' ? undefined : this.going;
      switch (message.kind) {
        case 'state':
          this.waiting = false;
          return this.update(message.state, message.id === null);
        case 'failed':
          this.waiting = false;
          return this.picture.problem(message.message);
        case 'running':
          this.askedFor = '';
          this.waiting = false;
          this.picture.running(true);
          return this.ask();
        case 'ended':
          return this.picture.running(false);
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.host.post({ kind: 'problem', message: text });
      this.picture.problem(`A message could not be read: ${text}`);
    } finally {
      if (typeof this.going === 'number') this.send(this.going);
    }
  }

  private update(state: PanelState, moved: boolean): void {
    const first = this.state === undefined;
    this.state = state;
    this.paint();
    if (moved || first) {
      this.picture.follow(state, this.choice.pinned);
      this.picture.say(announcement(state));
    }
    this.ask();
  }

  private paint(): void {
    if (this.state !== undefined) this.picture.show(this.state, this.highlighted, this.choice);
  }

  private get highlighted(): number | null {
    return this.hovered ?? this.choice.pinned ?? this.state?.focus?.pfn ?? null;
  }

  private choose(change: Partial<Choice>): void {
    this.choice = { ...this.choice, ...change };
    this.host.keep(this.choice);
    this.paint();
    this.ask();
  }

  private hover(pfn: number | null): void {
    if (pfn === this.hovered) return;
    this.hovered = pfn;
    clearTimeout(this.restTimer);
    this.restTimer = window.setTimeout(
      () => {
        this.paint();
        this.ask();
      },
      pfn === null ? REST * 2 : REST,
    );
    if (pfn !== null) this.paint();
  }

  private pin(pfn: number | null): void {
    this.choose({ pinned: pfn === this.choice.pinned ? null : pfn });
  }

  private more(list: keyof Choice['limits']): void {
    this.choose({ limits: { ...this.choice.limits, [list]: this.choice.limits[list] * 4 } });
  }

  /** Asks the host for what is in view, unless it has been asked for just that; one question at a time. */
  private ask(): void {
    if (this.waiting) return;
    const windows: Window[] = this.picture.windows();
    const want = wantOf(this.choice, windows, this.hovered ?? this.choice.pinned);
    const text = JSON.stringify({ ...want, bands: this.picture.lacks() ? want.bands : want.bands.map(({ id, open }) => ({ id, open })) });
    if (text === this.askedFor) return;
    this.askedFor = text;
    this.waiting = true;
    this.host.post({ kind: 'view', id: ++this.asked, want });
  }

  private goto(step: number): void {
    if (this.going === undefined) this.send(step);
    else this.going = step;
  }

  private send(step: number): void {
    this.going = 'nowhere';
    if (step !== this.state?.timeline.position) this.host.post({ kind: 'goto', step });
    else this.going = undefined;
  }

  private show(band: string, at: number): void {
    PANES.some((pane) => this.picture.focusSlot(pane, band, at));
  }

  /** Returns what is wrong with the text; empty when it was found. */
  private find(text: string): string {
    if (this.state === undefined) return '';
    const found = find(text, this.state);
    if (found === undefined) return text.trim() === '' ? '' : `Nothing here is called ${text.trim()}`;
    const pane: PaneName = found.pane;
    const there = 'head' in found ? this.picture.focusHead(pane, found.head) : this.picture.focusSlot(pane, found.band, found.at);
    return there ? '' : `${text.trim()} is not in this machine`;
  }
}

import { checkToPanel, type Action, type FromPanel, type PanelState } from './protocol';
import { announcement } from './model/announce';
import { find } from './model/find';
import type { PaneName } from './model/panes';
import { counterpart } from './model/slots';
import { choiceFrom, wantOf, type Choice } from './model/want';
import type { Pointed } from './picture/pane';
import { Picture, type Lit } from './picture/picture';
import type { SideName } from './picture/side';

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
  /** Where the pointer or the focus is. */
  private pointed: (Pointed & { readonly side: SideName }) | null = null;
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
        onPoint: (side, pointed) => this.point(pointed && { side, ...pointed }),
        onPin: (side, pfn) => this.pin(side, pfn),
        onEscape: () => this.choose({ pinned: null, pinnedBeside: null }),
        onFold: (id, open) => this.choose({ folds: { ...this.choice.folds, [id]: open } }),
        onMore: (list) => this.more(list as keyof Choice['limits']),
        onView: () => this.ask(),
        onGoto: (step) => this.goto(step),
        onAction: (action: Action) => this.host.post({ kind: 'do', action }),
        onShow: (band, at) => this.picture.focus(band, at),
        onFind: (text) => this.find(text),
        onFilter: (filter) => this.choose({ filter }),
        onEdges: (edges) => this.choose({ edges }),
        onText: (text) => this.choose({ text }),
        onBeside: (beside) => this.choose({ beside, pinnedBeside: null }),
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
      this.picture.follow(state, this.choice);
      this.picture.say(announcement(state));
    }
    this.ask();
  }

  private paint(): void {
    if (this.state === undefined) return;
    const lit = { own: this.lit('own'), beside: this.lit('beside') };
    this.picture.show(this.state, lit, this.choice, this.besideDesign);
  }

  /** What is shown beside: as chosen, else the first design that goes along. */
  private get besideDesign(): string | null {
    const { beside } = this.choice;
    if (this.state === undefined || beside === null) return null;
    if (beside !== undefined && this.state.designs.includes(beside)) return beside;
    return this.state.along > 0 ? this.state.designs[0]! : null;
  }

  private lit(side: SideName): Lit {
    const { pointed } = this;
    const focus = side === 'own' ? this.state?.focus : this.state?.beside?.picture?.focus;
    const pfn = this.looksAt(side) ?? focus?.pfn ?? null;
    const slot = pointed === null || pointed.side === side || pointed.band === undefined ? null : { band: pointed.band, at: pointed.at! };
    return { pfn, slot };
  }

  /** The frame that the pointer chooses in a picture, itself or through what is pointed at in the other one; else the one that is kept there. */
  private looksAt(side: SideName): number | null {
    const { pointed, state } = this;
    const kept = side === 'own' ? this.choice.pinned : this.choice.pinnedBeside;
    if (pointed === null) return kept;
    if (pointed.side === side) return pointed.pfn ?? kept;
    const other = state?.beside?.picture;
    if (!state || !other || pointed.band === undefined) return kept;
    const [from, to] = side === 'beside' ? [state, other] : [other, state];
    return counterpart(from, { band: pointed.band, at: pointed.at! }, to) ?? kept;
  }

  private choose(change: Partial<Choice>): void {
    this.choice = { ...this.choice, ...change };
    this.host.keep(this.choice);
    this.paint();
    this.ask();
  }

  private point(pointed: typeof this.pointed): void {
    if (JSON.stringify(pointed) === JSON.stringify(this.pointed)) return;
    this.pointed = pointed;
    clearTimeout(this.restTimer);
    this.restTimer = window.setTimeout(
      () => {
        this.paint();
        this.ask();
      },
      pointed === null ? REST * 2 : REST,
    );
    if (pointed !== null) this.paint();
  }

  private pin(side: SideName, pfn: number | null): void {
    const name = side === 'own' ? 'pinned' : 'pinnedBeside';
    this.choose({ [name]: pfn === this.choice[name] ? null : pfn });
  }

  private more(list: keyof Choice['limits']): void {
    this.choose({ limits: { ...this.choice.limits, [list]: this.choice.limits[list] * 4 } });
  }

  /** Asks the host for what is in view, unless it has been asked for just that; one question at a time. */
  private ask(): void {
    if (this.waiting) return;
    const design = this.besideDesign;
    const beside = design === null ? null : { design, windows: this.picture.windows('beside'), frame: this.looksAt('beside') };
    const want = wantOf(this.choice, this.picture.windows('own'), this.looksAt('own'), beside);
    const where = (name: string, value: unknown) => (!this.picture.lacks() && (name === 'from' || name === 'count') ? undefined : value);
    const text = JSON.stringify(want, where);
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

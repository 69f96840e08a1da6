/** Why a run stopped, as the `stopped` event says it. */
export interface Stop {
  readonly reason:
    'entry' | 'step' | 'breakpoint' | 'function breakpoint' | 'data breakpoint' | 'exception' | 'pause' | 'goto' | 'restart' | 'end of run';
  readonly description?: string;
  readonly text?: string;
  /** The person's hands are elsewhere (console, panel): the editor must not take the focus. */
  readonly keepFocus?: boolean;
  /** Ids of the breakpoints that were hit. */
  readonly hits?: readonly number[];
}

/** A way to go, in pieces of one statement or so: yields after each, returns the reason to stop. */
export type Motion = Generator<undefined, Stop>;

/** Milliseconds for which other messages may have to wait. */
const SLICE = 12;

/** Moves a run without holding up its thread: long motions go in slices, between which `pause` and `disconnect` are heard. */
export class Driver {
  private paused = false;
  private round = 0;

  /** Goes until the motion ends or is paused; `abandoned` when it was given up meanwhile. */
  async drive(motion: Motion): Promise<Stop | 'abandoned'> {
    const round = ++this.round;
    this.paused = false;
    for (;;) {
      for (const end = performance.now() + SLICE; performance.now() < end;) {
        const { done, value } = motion.next();
        if (done) return value;
      }
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (round !== this.round) return 'abandoned';
      if (this.paused) return { reason: 'pause' };
    }
  }

  pause(): void {
    this.paused = true;
  }

  abandon(): void {
    this.round++;
  }
}

import type { PanelState, StepRow, Timeline } from '../protocol';
import { number } from '../model/format';
import { attribute, h, keyed, setText } from './dom';

/** With more processes than this the lanes would be a picket fence: one lane for all. */
const MOST_LANES = 6;
/** With more steps than this in the lanes there is no room for what they do. */
const MOST_TEXTS = 12;

/** All steps of the run on one line that can be dragged, and below it who did which of those around the position. */
export class TimelineView {
  private readonly text = h('span', { class: 'position' });
  private readonly done = h('div', { class: 'done' });
  private readonly window = h('div', { class: 'window' });
  private readonly thumb = h('div', { class: 'thumb' });
  private readonly slider = h(
    'div',
    { role: 'slider', tabindex: 0, class: 'slider', 'aria-label': 'Step of the run' },
    this.done,
    this.window,
    this.thumb,
  );
  private readonly lanes = h('div', { class: 'lanes' });
  readonly element = h(
    'section',
    { class: 'timeline', 'aria-label': 'Timeline' },
    h('div', { class: 'row' }, this.text, this.slider),
    this.lanes,
  );
  private timeline: Timeline | undefined;
  private dragged: number | undefined;

  constructor(private readonly goto: (step: number) => void) {
    this.slider.addEventListener('keydown', (event) => this.press(event));
    this.slider.addEventListener('pointerdown', (event) => {
      this.slider.setPointerCapture(event.pointerId);
      this.drag(event);
    });
    this.slider.addEventListener('pointermove', (event) => {
      if (this.slider.hasPointerCapture(event.pointerId)) this.drag(event);
    });
    this.slider.addEventListener('lostpointercapture', () => {
      this.dragged = undefined;
      if (this.timeline !== undefined) this.place(this.timeline);
    });
    this.lanes.addEventListener('click', (event) => {
      const step = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-step]')?.dataset['step'] : undefined;
      if (step !== undefined) this.goto(Number(step));
    });
  }

  show({ timeline, summary }: PanelState): void {
    this.timeline = timeline;
    const row = timeline.steps.find(({ step }) => step === timeline.position);
    const where = `${number(timeline.position)} of ${number(timeline.length)}${timeline.ended ? '' : ' so far'}`;
    setText(this.text, `${number(timeline.position)} / ${number(timeline.length)}${timeline.ended ? '' : '+'}`);
    attribute(this.text, { title: `after step ${where}` });
    attribute(this.slider, {
      'aria-valuemin': 0,
      'aria-valuemax': timeline.length,
      'aria-valuenow': timeline.position,
      'aria-valuetext': `after step ${where}${row === undefined ? '' : `: ${row.who}: ${row.text}`}, ${summary.status}`,
    });
    this.place(timeline);
    this.showLanes(timeline);
  }

  private place({ position, length, steps }: Timeline): void {
    const at = (step: number) => `${length === 0 ? 0 : (Math.max(0, step) / length) * 100}%`;
    this.done.style.width = at(this.dragged ?? position);
    this.thumb.style.left = at(this.dragged ?? position);
    const whole = steps.length >= length;
    this.window.hidden = whole;
    if (!whole && steps.length > 0) {
      this.window.style.left = at(steps[0]!.step - 1);
      this.window.style.width = at(steps.length);
    }
  }

  private showLanes({ steps, lanes, position, micros }: Timeline): void {
    const now = micros > 0 ? position + 1 : position;
    const names = lanes.length <= MOST_LANES ? lanes : [`${lanes.length} processes`];
    const of = (name: string) => (lanes.length <= MOST_LANES ? steps.filter(({ who }) => who === name) : steps);
    const first = steps[0]?.step ?? 1;
    keyed(
      this.lanes,
      names,
      (name) => name,
      (name) => h('div', { class: 'row lane' }, h('span', { class: 'name', title: name }, name), h('div', { class: 'ticks' })),
      (lane, name) =>
        keyed(
          lane.children[1]!,
          of(name),
          (row) => String(row.step),
          makeTick,
          (tick, row) => patchTick(tick, row, first, steps.length, now),
        ),
    );
  }

  private drag(event: PointerEvent): void {
    if (this.timeline === undefined) return;
    const box = this.slider.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const step = Math.round(part * this.timeline.length);
    if (step === this.dragged) return;
    this.dragged = step;
    this.place(this.timeline);
    this.goto(step);
  }

  private press(event: KeyboardEvent): void {
    if (this.timeline === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    const { position, length } = this.timeline;
    const page = Math.max(1, Math.round(length / 10));
    const to = {
      ArrowLeft: position - 1,
      ArrowDown: position - 1,
      ArrowRight: position + 1,
      ArrowUp: position + 1,
      PageDown: position - page,
      PageUp: position + page,
      Home: 0,
      End: length,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.goto(Math.min(length, Math.max(0, to)));
  }
}

function makeTick(): HTMLElement {
  return h('span', { class: 'tick' });
}

function patchTick(tick: HTMLElement, { step, who, text, label, problem }: StepRow, first: number, count: number, now: number): void {
  const state = step === now ? ' now' : step < now ? ' past' : ' future';
  attribute(tick, {
    class: `tick${state}${label === undefined ? '' : ' labelled'}${problem === undefined ? '' : ' problem'}`,
    'data-step': step,
    title: `${step}  ${who}: ${text}${label === undefined ? '' : `\n${label}`}${problem === undefined ? '' : `\n${problem}`}`,
  });
  tick.style.left = `${((step - first) / count) * 100}%`;
  tick.style.width = `${100 / count}%`;
  setText(tick, count <= MOST_TEXTS ? (label ?? text) : (label ?? ''));
}

import { LineDocument } from '../model/document';
import type { Painting } from './cell';
import { attribute, h, onceAFrame } from './dom';
import { makeLine, patchLine } from './line';

/** Browsers lose pixels in elements higher than this; beyond it the scroll bar stands for more than it measures. */
const MOST_PIXELS = 8_000_000;
/** Pixels above and below the view that are painted too. */
const MARGIN = 120;

/** A scrolled grid of which only the lines in view have elements. */
export class VirtualList {
  readonly element: HTMLElement;
  private readonly space = h('div', { class: 'space', role: 'presentation' });
  private readonly rows = new Map<string, HTMLElement>();
  private lines = new LineDocument([]);
  private painting: Painting | undefined;
  private first = 0;
  private end = 0;
  /** `scrollTop` and the inner size, kept: to ask the element while others are being changed would lay out the whole page each time. */
  private scrolled = 0;
  private size: { readonly width: number; readonly height: number } | undefined;

  /** `onPaint` is called after each repaint that scrolling caused, `onResize` when the element has another size. */
  constructor(label: string, onPaint: () => void, onResize: () => void) {
    this.element = h('div', { role: 'grid', class: 'grid', 'aria-label': label, 'aria-rowcount': 0, tabindex: -1 }, this.space);
    const repaint = onceAFrame(() => {
      this.paint();
      onPaint();
    });
    this.element.addEventListener(
      'scroll',
      () => {
        this.scrolled = this.element.scrollTop;
        repaint();
      },
      { passive: true },
    );
    new ResizeObserver(() => {
      this.size = undefined;
      this.scrolled = this.element.scrollTop;
      onResize();
    }).observe(this.element);
  }

  /** Pixels inside, without the scroll bar. */
  get width(): number {
    return this.inner.width;
  }

  private get inner(): { readonly width: number; readonly height: number } {
    return (this.size ??= { width: this.element.clientWidth, height: this.element.clientHeight });
  }

  show(lines: LineDocument, painting: Painting): void {
    this.lines = lines;
    this.painting = painting;
    attribute(this.element, { 'aria-rowcount': lines.count });
    this.space.style.height = `${Math.min(lines.height, MOST_PIXELS)}px`;
    this.element.style.setProperty('--content', `${Math.min(lines.height, MOST_PIXELS)}px`);
    this.paint();
  }

  get document(): LineDocument {
    return this.lines;
  }

  /** The lines that have elements, `end` exclusive. */
  get visible(): { from: number; end: number } {
    return { from: this.first, end: this.end };
  }

  /** Brings a line into view and gives its element. */
  reveal(line: number): HTMLElement | undefined {
    if (line >= this.lines.count) return undefined;
    const top = this.lines.top(line);
    const bottom = top + this.lines.heightOf(line);
    const view = this.offset();
    const { height } = this.inner;
    if (top < view || bottom > view + height) {
      this.element.scrollTop = (top < view ? top : bottom - height) / this.stretch();
      this.scrolled = this.element.scrollTop;
      this.paint();
    }
    return this.row(line);
  }

  row(line: number): HTMLElement | undefined {
    return line < this.lines.count ? this.rows.get(this.lines.line(line).key) : undefined;
  }

  private paint(): void {
    if (this.painting === undefined) return;
    const view = this.offset();
    const shift = view - this.scrolled;
    this.first = this.lines.at(view - MARGIN);
    this.end = this.lines.count === 0 ? 0 : this.lines.at(view + this.inner.height + MARGIN) + 1;
    const shown = Array.from({ length: this.end - this.first }, (_, index) => this.lines.line(this.first + index));
    this.dropAllBut(new Set(shown.map((line) => line.key)));
    let next: Element | null = this.space.firstElementChild;
    for (const [index, line] of shown.entries()) {
      let row = this.rows.get(line.key);
      if (row === undefined) this.rows.set(line.key, (row = makeLine(line)));
      if (row === next) next = row.nextElementSibling;
      else this.space.insertBefore(row, next);
      patchLine(row, line, this.painting);
      attribute(row, { 'aria-rowindex': this.first + index + 1 });
      row.style.transform = `translateY(${this.lines.top(this.first + index) - shift}px)`;
    }
  }

  /** When the focus goes with its row, the grid takes it, so that the arrow keys still work. */
  private dropAllBut(keys: ReadonlySet<string>): void {
    for (const [key, row] of this.rows) {
      if (keys.has(key)) continue;
      const hadFocus = row.contains(document.activeElement);
      row.remove();
      this.rows.delete(key);
      if (hadFocus) this.element.focus({ preventScroll: true });
    }
  }

  /** Pixels of the document above the view. */
  private offset(): number {
    return this.scrolled * this.stretch();
  }

  private stretch(): number {
    const { height } = this.inner;
    if (this.lines.height <= MOST_PIXELS) return 1;
    return (this.lines.height - height) / (MOST_PIXELS - height);
  }
}

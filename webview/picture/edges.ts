import { attribute, onceAFrame } from './dom';

const SVG = 'http://www.w3.org/2000/svg';
/** More lines than this would be a grey area; the list beside the frames has them all. */
const MOST = 120;

/** Lines from the frame under the pointer or focus to everything in view that points at it. */
export class EdgesView {
  readonly element = document.createElementNS(SVG, 'svg');
  readonly draw = onceAFrame(() => this.redraw());
  private shown = true;

  constructor(private readonly panes: HTMLElement) {
    attribute(this.element, { class: 'edges', 'aria-hidden': 'true' });
  }

  show(shown: boolean): void {
    this.shown = shown;
    this.draw();
  }

  private redraw(): void {
    const edges = this.shown ? [...this.of('own'), ...this.of('beside')].slice(0, MOST) : [];
    const origin = this.panes.getBoundingClientRect();
    while (this.element.childElementCount > edges.length) this.element.lastElementChild!.remove();
    while (this.element.childElementCount < edges.length) this.element.append(document.createElementNS(SVG, 'path'));
    for (const [index, { frame, end }] of edges.entries()) {
      const kind = end.closest('.processes') === null ? 'cache' : 'pte';
      const gone = end.classList.contains('ghost') ? ' ghost' : '';
      attribute(this.element.children[index]!, { d: curve(frame.getBoundingClientRect(), end, origin), class: kind + gone });
    }
  }

  /** Of one of the two pictures. */
  private of(side: string): { frame: Element; end: Element }[] {
    const [frame] = inView(this.panes.querySelectorAll(`.${side}.frames .related`));
    if (frame === undefined) return [];
    const ends = this.panes.querySelectorAll(`.${side}.files .related, .${side}.processes .related`);
    return inView(ends).map((end) => ({ frame, end }));
  }
}

/** The cell's height, its line's width. */
function line(cell: Element): DOMRect {
  const { left, width } = cell.parentElement!.getBoundingClientRect();
  const { top, height } = cell.getBoundingClientRect();
  return new DOMRect(left, top, width, height);
}

/** The cells that are not scrolled out of their grid. */
function inView(cells: Iterable<Element>): Element[] {
  return [...cells].filter((cell) => {
    const box = cell.getBoundingClientRect();
    const grid = cell.closest('.grid')!.getBoundingClientRect();
    const middle = box.top + box.height / 2;
    return middle > grid.top && middle < grid.bottom;
  });
}

/** From the side of the frame's cell that faces the other one to that one's line, so that the name in front stays legible; above or below it to the cell. */
function curve(from: DOMRect, end: Element, origin: DOMRect): string {
  let to = line(end);
  const beside = to.left > from.right || to.right < from.left;
  if (!beside) {
    to = end.getBoundingClientRect();
    const [x1, y1, x2, y2] = [
      middle(from.left, from.right),
      to.top > from.bottom ? from.bottom : from.top,
      middle(to.left, to.right),
      to.top > from.bottom ? to.top : to.bottom,
    ];
    return path(x1, y1, x2, y2, 0, (y2 - y1) / 2, origin);
  }
  const [x1, x2] = to.left > from.right ? [from.right, to.left] : [from.left, to.right];
  return path(x1, middle(from.top, from.bottom), x2, middle(to.top, to.bottom), (x2 - x1) / 2, 0, origin);
}

function path(x1: number, y1: number, x2: number, y2: number, dx: number, dy: number, { left, top }: DOMRect): string {
  const point = (x: number, y: number) => `${(x - left).toFixed(1)} ${(y - top).toFixed(1)}`;
  return `M${point(x1, y1)} C${point(x1 + dx, y1 + dy)} ${point(x2 - dx, y2 - dy)} ${point(x2, y2)}`;
}

function middle(a: number, b: number): number {
  return (a + b) / 2;
}

import type { VirtualList } from './virtualList';

/**
 * The keyboard in a grid: one cell is in the tab order, the arrow keys move it. The place is a line and a column, and it
 * survives repaints, scrolling away and steps of the run.
 */
export class GridKeys {
  private line = 0;
  private column = 0;
  private active: HTMLElement | undefined;

  constructor(
    private readonly list: VirtualList,
    private readonly activate: (cell: HTMLElement) => void,
  ) {
    list.element.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey ? !['Home', 'End'].includes(event.key) : event.altKey) return;
      if (this.press(event)) event.preventDefault();
    });
    list.element.addEventListener('focusin', (event) => {
      if (event.target instanceof HTMLElement && event.target.getAttribute('role') === 'gridcell') this.adopt(event.target);
    });
  }

  /** After a repaint: the place may be on another element now. */
  refresh(): void {
    this.line = Math.min(this.line, Math.max(0, this.list.document.count - 1));
    const row = this.list.row(this.line) ?? this.list.row(this.list.visible.from);
    const cells = cellsOf(row);
    this.mark(cells[Math.min(this.column, cells.length - 1)]);
  }

  focusCell(cell: HTMLElement): void {
    this.adopt(cell);
    cell.focus({ preventScroll: true });
  }

  private adopt(cell: HTMLElement): void {
    const row = cell.closest('[role=row]');
    if (row === null) return;
    this.line = Number(row.getAttribute('aria-rowindex')) - 1;
    this.column = cellsOf(row).indexOf(cell);
    this.mark(cell);
  }

  private mark(cell: HTMLElement | undefined): void {
    if (this.active !== undefined && this.active !== cell) this.active.tabIndex = -1;
    this.active = cell;
    if (cell !== undefined) cell.tabIndex = 0;
  }

  private press(event: KeyboardEvent): boolean {
    const cells = cellsOf(this.list.row(this.line));
    const page = Math.max(1, this.list.visible.end - this.list.visible.from - 4);
    switch (event.key) {
      case 'ArrowRight':
        return this.column < cells.length - 1 ? this.go(this.line, this.column + 1) : this.go(this.line + 1, 0);
      case 'ArrowLeft':
        return this.column > 0 ? this.go(this.line, this.column - 1) : this.go(this.line - 1, Infinity);
      case 'ArrowDown':
        return this.go(this.line + 1, this.column);
      case 'ArrowUp':
        return this.go(this.line - 1, this.column);
      case 'PageDown':
        return this.go(this.line + page, this.column);
      case 'PageUp':
        return this.go(this.line - page, this.column);
      case 'Home':
        return this.go(event.ctrlKey || event.metaKey ? 0 : this.line, 0);
      case 'End':
        return this.go(event.ctrlKey || event.metaKey ? this.list.document.count - 1 : this.line, Infinity);
      case 'Enter':
      case ' ': {
        const cell = cells[Math.min(this.column, cells.length - 1)];
        if (cell !== undefined) this.activate(cell);
        return true;
      }
      default:
        return false;
    }
  }

  /** Moves within what there is; the wanted column is kept over shorter lines. */
  private go(line: number, column: number): boolean {
    const count = this.list.document.count;
    if (count === 0) return false;
    if (line < 0 || (line >= count && this.line === count - 1)) return true;
    this.line = Math.min(Math.max(0, line), count - 1);
    const cells = cellsOf(this.list.reveal(this.line));
    const cell = cells[Math.min(column, cells.length - 1)];
    if (cell === undefined) return true;
    this.mark(cell);
    cell.focus({ preventScroll: true });
    this.column = column === Infinity ? cells.length - 1 : column;
    return true;
  }
}

function cellsOf(row: Element | undefined): HTMLElement[] {
  return row === undefined ? [] : [...row.querySelectorAll<HTMLElement>('[role=gridcell]')];
}

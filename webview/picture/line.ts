import { slot } from '../model/format';
import type { Line } from '../model/lines';
import { makeCell, patchCell, patchRun, type Painting } from './cell';
import { attribute, h, setText } from './dom';
import { extentsText, makeHead, patchHead } from './head';

/** The element of a line: a row of a grid, its name in front, then its cells. */
export function makeLine(line: Line): HTMLElement {
  const row = h('div', { role: 'row', class: `line ${line.type}` });
  switch (line.type) {
    case 'cells':
    case 'run':
      row.append(h('div', { role: 'rowheader', class: 'label' }));
      if (line.type === 'run') row.append(makeCell());
      break;
    case 'head':
      row.append(makeHead());
      break;
    case 'more':
      row.append(h('div', { role: 'gridcell', tabindex: -1, class: 'more', 'data-more': line.list }));
      break;
    case 'extents':
    case 'note':
      row.append(h('div', { role: 'gridcell', tabindex: -1, class: 'note' }));
      break;
  }
  return row;
}

export function patchLine(row: HTMLElement, line: Line, painting: Painting): void {
  switch (line.type) {
    case 'cells':
      setText(row.firstElementChild!, slot(line.space, line.from));
      row.dataset['band'] = line.band;
      patchCells(row, line, painting);
      break;
    case 'run':
      setText(row.firstElementChild!, slot(line.space, line.segment.from));
      row.dataset['band'] = line.band;
      patchRun(row.children[1] as HTMLElement, line.segment, line.space, painting, line.open);
      break;
    case 'head':
      patchHead(row.firstElementChild as HTMLElement, line, painting.beside);
      break;
    case 'extents':
      setText(row.firstElementChild!, extentsText(line));
      attribute(row.firstElementChild!, { title: extentsText(line) });
      break;
    case 'more':
    case 'note':
      setText(row.firstElementChild!, line.text);
      break;
  }
}

function patchCells(row: HTMLElement, line: Extract<Line, { type: 'cells' }>, painting: Painting): void {
  while (row.children.length > line.cells.length + 1) row.lastElementChild!.remove();
  while (row.children.length < line.cells.length + 1) row.append(makeCell());
  for (const [index, cell] of line.cells.entries()) {
    patchCell(row.children[index + 1] as HTMLElement, cell, line.from + index, line.space, painting, line.band);
  }
}

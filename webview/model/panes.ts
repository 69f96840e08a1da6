import type { FileRow, Picture, ProcessRow, VmaRow } from '../protocol';
import { LineDocument } from './document';
import { address, number } from './format';
import { bandBlocks, single, type Block } from './lines';

export const PANES = ['frames', 'files', 'processes'] as const;
export type PaneName = (typeof PANES)[number];

/** How many cells of each kind stand side by side, and which runs are laid out. */
export interface Layout {
  readonly columns: number;
  readonly opened: ReadonlySet<string>;
}

/** A number of columns that is easy to count in. */
export function niceColumns(most: number): number {
  if (most >= 8) return most - (most % 8);
  return most >= 2 ? most - (most % 2) : 1;
}

export function paneDocument(name: PaneName, state: Picture, layout: Layout): LineDocument {
  switch (name) {
    case 'frames':
      return new LineDocument(bandBlocks(state.frames, 'frames', layout.columns, layout.opened));
    case 'files':
      return new LineDocument([
        ...state.files.rows.flatMap((row) => fileBlocks(row, layout)),
        ...moreBlock('files', 'file', state.files.total - state.files.rows.length),
      ]);
    case 'processes':
      return new LineDocument([
        ...state.processes.rows.flatMap((row) => processBlocks(row, layout)),
        ...moreBlock('processes', 'process', state.processes.total - state.processes.rows.length),
      ]);
  }
}

function fileBlocks(row: FileRow, layout: Layout): Block[] {
  const { id, path, type, amounts, band } = row;
  const open = band !== undefined;
  const ghost = row.ghost === true;
  const head = single({
    type: 'head',
    key: id,
    id,
    level: 1,
    title: path,
    detail: type,
    amounts,
    open,
    ghost,
    current: false,
    marked: row,
  });
  if (band === undefined) return [head];
  const { rows, total } = row.extents;
  const extents = total === 0 ? [] : [single({ type: 'extents', key: `${id}/extents`, extents: rows, more: total - rows.length })];
  return [head, ...extents, ...bandBlocks(band, 'pages', layout.columns, layout.opened)];
}

function processBlocks(row: ProcessRow, layout: Layout): Block[] {
  const { id, name, pid, amounts, current, vmas } = row;
  const head = single({
    type: 'head',
    key: id,
    id,
    level: 1,
    title: name,
    detail: row.detail ?? `pid ${pid}`,
    amounts,
    open: vmas !== undefined,
    ghost: row.ghost === true,
    current,
    marked: row,
  });
  if (vmas === undefined) return [head];
  if (vmas.total === 0 && row.ghost !== true) return [head, single({ type: 'note', key: `${id}/empty`, text: 'nothing mapped' })];
  return [
    head,
    ...vmas.rows.flatMap((vma) => vmaBlocks(vma, layout)),
    ...moreBlock('vmas', 'VMA', vmas.total - vmas.rows.length, `of ${name}`),
  ];
}

function vmaBlocks(row: VmaRow, layout: Layout): Block[] {
  const { id, from, count, permissions, backing, band } = row;
  const title = `${address(from)}–${address(from + count)}`;
  const detail = `${permissions} ${backing}`;
  const ghost = row.ghost === true;
  const open = band !== undefined;
  const head = single({ type: 'head', key: id, id, level: 2, title, detail, amounts: [], open, ghost, current: false, marked: row });
  return band === undefined ? [head] : [head, ...bandBlocks(band, 'ptes', layout.columns, layout.opened)];
}

function moreBlock(list: string, noun: string, count: number, of = ''): Block[] {
  if (count <= 0) return [];
  const plural = noun === 'process' ? 'processes' : `${noun}s`;
  const text = `${number(count)} more ${count === 1 ? noun : plural}${of === '' ? '' : ` ${of}`}: show`;
  return [single({ type: 'more', key: `${list}/more${of}`, list, text })];
}

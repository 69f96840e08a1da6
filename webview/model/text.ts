import type { Band, FrameDetail, Marked, PanelState } from '../protocol';
import { amount, change, describe, difference, number, range, address, type Space } from './format';

/** One paragraph of the text view; level 0 is body text, 1 to 3 are headings. */
export interface Paragraph {
  readonly level: 0 | 1 | 2 | 3;
  readonly text: string;
}

/** Everything that the picture shows, as headings and sentences: for screen readers, for copying, for tests. */
export function textView(state: PanelState): Paragraph[] {
  const out: Paragraph[] = [];
  const head = (level: 1 | 2 | 3, text: string) => out.push({ level, text });
  const say = (text: string) => out.push({ level: 0, text });
  const { summary, timeline } = state;

  head(1, `${summary.scenario}, under ${summary.design}`);
  say(`Step ${number(timeline.position)} of ${number(timeline.length)}${timeline.ended ? '' : ' so far'}: ${summary.status}.`);
  if (summary.statement !== '') say(`Statement${summary.line > 0 ? ` on line ${summary.line}` : ''}: ${summary.statement}`);
  if (summary.stack.length > 0) say(`In the kernel: ${summary.stack.join(' › ')}`);
  if (summary.sentence !== '') say(summary.sentence);

  head(2, 'What the last step changed');
  if (state.changes.total === 0) say('Nothing.');
  for (const row of state.changes.rows)
    say(`${MARKS[row.mark]}: ${row.what}${row.changes.length > 0 ? `: ${row.changes.map(change).join(', ')}` : ''}`);
  more(state.changes.total - state.changes.rows.length, 'changes');

  head(2, 'The machine');
  for (const sum of state.sums) say(`${sum.name} ${amount(sum)}${difference(sum) === '' ? '' : ` (${difference(sum)})`}`);

  if (state.focus !== null) detail(state.focus);

  head(2, 'Physical frames');
  band(state.frames, 'frames');

  head(2, 'Files');
  for (const file of state.files.rows) {
    head(3, `${file.path} (${file.type})${marks(file)}`);
    say(file.amounts.map((entry) => `${entry.name} ${amount(entry)}`).join(', '));
    for (const e of file.extents.rows) {
      const blocks =
        e.block === null ? 'a hole' : `blocks ${range('pages', e.block, e.count)}${e.refcount > 1 ? `, shared by ${e.refcount}` : ''}`;
      say(`on disk, pages ${range('pages', e.from, e.count)}: ${blocks}`);
    }
    more(file.extents.total - file.extents.rows.length, 'extents');
    if (file.band !== undefined) band(file.band, 'pages');
  }
  more(state.files.total - state.files.rows.length, 'files');

  head(2, 'Processes');
  for (const process of state.processes.rows) {
    head(3, `${process.name}, ${process.detail ?? `pid ${process.pid}`}${process.ghost === true ? ', gone' : ''}${marks(process)}`);
    say(process.amounts.map((entry) => `${entry.name} ${amount(entry)}`).join(', '));
    for (const vma of process.vmas?.rows ?? []) {
      say(
        `VMA ${address(vma.from)}–${address(vma.from + vma.count)} ${vma.permissions} ${vma.backing}${vma.ghost === true ? ', gone' : ''}${marks(vma)}`,
      );
      if (vma.band !== undefined) band(vma.band, 'ptes');
    }
    if (process.vmas !== undefined) more(process.vmas.total - process.vmas.rows.length, 'VMAs');
  }
  more(state.processes.total - state.processes.rows.length, 'processes');
  return out;

  function band({ segments, cells, more: unlisted }: Band, space: Space) {
    let next = 0;
    for (const segment of segments) {
      if (segment.like !== undefined) {
        say(`${range(space, segment.from, segment.count)}: ${segment.text ?? ''}${marks(segment)}`);
        continue;
      }
      const end = segment.from + segment.count;
      while (next < cells.length && cells[next]!.at < segment.from) next++;
      let shown = 0;
      for (; next < cells.length && cells[next]!.at < end; next++, shown++) say(describe(cells[next]!, space, state.legend));
      if (segment.count > shown) say(`${range(space, segment.from, segment.count)}: ${number(segment.count - shown)} of these not in view`);
    }
    more(unlisted, 'not outlined');
  }
  function detail(focus: FrameDetail) {
    head(2, focus.title);
    for (const line of detailLines(focus)) say(line);
  }
  function more(count: number, what: string) {
    if (count > 0) say(`${number(count)} more ${what}`);
  }
}

/** Who points at a frame, as sentences; sharing comes first. */
export function detailLines(focus: FrameDetail): string[] {
  const { rows, total } = focus.holders;
  const twins = focus.twins.total;
  return [
    countsText(focus),
    ...rows.map((row) => `${row.text}${row.ghost === true ? ' (gone)' : ''}${marks(row)}`),
    ...(total > rows.length ? [`${number(total - rows.length)} more`] : []),
    ...(twins > 0
      ? [
          `the same bytes are in ${twins === 1 ? 'frame' : 'frames'} ${focus.twins.rows.join(', ')}${twins > focus.twins.rows.length ? ` and ${number(twins - focus.twins.rows.length)} more` : ''}`,
        ]
      : []),
    ...focus.facts.map((fact) => `${fact.name}: ${fact.value}${fact.previous === undefined ? '' : ` (was ${fact.previous})`}`),
  ];
}

/** "mapcount = 2 (was 1), refcount = 2 (was 1)". */
export function countsText({ mapcount, refcount, previous }: FrameDetail): string {
  const was = (now: number, before: number | undefined) => (before === undefined || before === now ? '' : ` (was ${number(before)})`);
  return `mapcount = ${number(mapcount)}${was(mapcount, previous?.mapcount)}, refcount = ${number(refcount)}${was(refcount, previous?.refcount)}`;
}

export const MARKS = { A: 'added', M: 'modified', D: 'gone' } as const;

function marks(row: Marked): string {
  if (row.mark === undefined) return '';
  const changes = row.changes?.map(change).join(', ') ?? '';
  return ` [${MARKS[row.mark]}${changes === '' ? '' : `: ${changes}`}]`;
}

import type { Band, Beside, FrameDetail, Legend, Marked, PanelState, Picture, Summary } from '../protocol';
import { amount, change, describe, difference, number, otherwise, range, address, type Space } from './format';

/** One paragraph of the text view; level 0 is body text, 1 to 3 are headings. */
export interface Paragraph {
  readonly level: 0 | 1 | 2 | 3;
  readonly text: string;
}

/** Everything that the picture shows, as headings and sentences: for screen readers, for copying, for tests. */
export function textView(state: PanelState): Paragraph[] {
  const out = new Paragraphs(state.legend, state.beside?.design ?? '');
  const { summary, timeline, changes, beside } = state;
  out.head(1, `${summary.scenario}, under ${summary.design}`);
  out.say(`Step ${number(timeline.position)} of ${number(timeline.length)}${timeline.ended ? '' : ' so far'}: ${summary.status}.`);
  standing(out, summary);

  out.head(2, 'What the last step changed');
  if (changes.total === 0) out.say('Nothing.');
  for (const row of changes.rows)
    out.say(`${MARKS[row.mark]}: ${row.what}${row.changes.length > 0 ? `: ${row.changes.map(change).join(', ')}` : ''}`);
  out.more(changes.total - changes.rows.length, 'changes');

  if (beside !== null) differing(out, beside);
  machine(out, state);
  if (beside?.picture) {
    const there = new Paragraphs(state.legend, summary.design);
    there.head(1, `Beside it, under ${beside.design}`);
    there.say(`${beside.picture.summary.status}.`);
    standing(there, beside.picture.summary);
    machine(there, beside.picture);
    out.list.push(...there.list);
  }
  return out.list;
}

function standing(out: Paragraphs, { statement, line, stack, sentence }: Summary): void {
  if (statement !== '') out.say(`Statement${line > 0 ? ` on line ${line}` : ''}: ${statement}`);
  if (stack.length > 0) out.say(`In the kernel: ${stack.join(' › ')}`);
  if (sentence !== '') out.say(sentence);
}

function differing(out: Paragraphs, { design, problem, differences: { rows, total } }: Beside): void {
  out.head(2, `What differs under ${design}`);
  if (problem !== '') out.say(problem);
  else if (total === 0) out.say('Nothing.');
  for (const { what, here, there } of rows) out.say(`${what}: ${here}, there ${there}`);
  out.more(total - rows.length, 'differences');
}

/** One machine, from its sums to its processes. */
function machine(out: Paragraphs, { sums, focus, frames, files, processes }: Picture): void {
  out.head(2, 'The machine');
  for (const sum of sums) out.say(`${sum.name} ${amount(sum)}${difference(sum) === '' ? '' : ` (${difference(sum)})`}`);

  if (focus !== null) {
    out.head(2, focus.title);
    for (const line of detailLines(focus)) out.say(line);
  }

  out.head(2, 'Physical frames');
  out.band(frames, 'frames');

  out.head(2, 'Files');
  for (const file of files.rows) {
    out.head(3, `${file.path} (${file.type})${out.marks(file)}`);
    out.say(file.amounts.map((entry) => `${entry.name} ${amount(entry)}`).join(', '));
    for (const e of file.extents.rows) {
      const blocks =
        e.block === null ? 'a hole' : `blocks ${range('pages', e.block, e.count)}${e.refcount > 1 ? `, shared by ${e.refcount}` : ''}`;
      out.say(`on disk, pages ${range('pages', e.from, e.count)}: ${blocks}`);
    }
    out.more(file.extents.total - file.extents.rows.length, 'extents');
    if (file.band !== undefined) out.band(file.band, 'pages');
  }
  out.more(files.total - files.rows.length, 'files');

  out.head(2, 'Processes');
  for (const process of processes.rows) {
    out.head(3, `${process.name}, ${process.detail ?? `pid ${process.pid}`}${process.ghost === true ? ', gone' : ''}${out.marks(process)}`);
    out.say(process.amounts.map((entry) => `${entry.name} ${amount(entry)}`).join(', '));
    for (const vma of process.vmas?.rows ?? []) {
      const what = `${vma.permissions} ${vma.backing}${vma.ghost === true ? ', gone' : ''}`;
      out.say(`VMA ${address(vma.from)}–${address(vma.from + vma.count)} ${what}${out.marks(vma)}`);
      if (vma.band !== undefined) out.band(vma.band, 'ptes');
    }
    if (process.vmas !== undefined) out.more(process.vmas.total - process.vmas.rows.length, 'VMAs');
  }
  out.more(processes.total - processes.rows.length, 'processes');
}

/** The paragraphs that there are so far. `beside`: the design of the other picture; empty where there is none. */
class Paragraphs {
  readonly list: Paragraph[] = [];

  constructor(
    private readonly legend: Legend,
    private readonly beside: string,
  ) {}

  head(level: 1 | 2 | 3, text: string): void {
    this.list.push({ level, text });
  }

  say(text: string): void {
    this.list.push({ level: 0, text });
  }

  more(count: number, what: string): void {
    if (count > 0) this.say(`${number(count)} more ${what}`);
  }

  marks(row: Marked): string {
    return marks(row) + otherwise(row, this.beside);
  }

  band({ segments, cells, more: unlisted }: Band, space: Space): void {
    let next = 0;
    for (const segment of segments) {
      if (segment.like !== undefined) {
        this.say(`${range(space, segment.from, segment.count)}: ${segment.text ?? ''}${this.marks(segment)}`);
        continue;
      }
      const end = segment.from + segment.count;
      while (next < cells.length && cells[next]!.at < segment.from) next++;
      let shown = 0;
      for (; next < cells.length && cells[next]!.at < end; next++, shown++)
        this.say(describe(cells[next]!, space, this.legend) + otherwise(cells[next]!, this.beside));
      if (segment.count > shown)
        this.say(`${range(space, segment.from, segment.count)}: ${number(segment.count - shown)} of these not in view`);
    }
    this.more(unlisted, 'not outlined');
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

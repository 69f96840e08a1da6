import { describe, expect, it } from 'vitest';
import { announcement } from '../../webview/model/announce';
import { find } from '../../webview/model/find';
import { address, amount, bytes, describe as inWords, difference, number } from '../../webview/model/format';
import type { Line } from '../../webview/model/lines';
import { niceColumns, paneDocument, type PaneName } from '../../webview/model/panes';
import { choiceFrom, FIRST_CHOICE, wantOf } from '../../webview/model/want';
import type { PanelState, Want } from '../../webview/protocol';
import { run } from '../runtime/running';
import { after, plain, viewed } from './viewed';

const MAPPED = `
p: fa = open("/data/a", O_RDONLY)
p: m = mmap(NULL, 40 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
p: store(m, "A" * 5 pages)
p: fork() as child`;

/** A line of a pane as one would read it. */
function text(line: Line): string {
  switch (line.type) {
    case 'cells':
      return `${line.from}: ${line.cells.map((cell) => (cell === null ? '?' : (cell.pfn ?? '·'))).join(' ')}`;
    case 'run':
      return `${line.segment.from}: ${line.open ? '▾' : '▸'} ${line.segment.text}`;
    case 'head':
      return `${line.open ? '▾' : '▸'} ${'  '.repeat(line.level - 1)}${line.title} ${line.detail}`.trimEnd();
    case 'extents':
      return `extents: ${line.extents.length} and ${line.more} more`;
    default:
      return line.text;
  }
}

function check(pane: PaneName, state: PanelState, expected: string, opened: string[] = []): void {
  const lines = paneDocument(pane, state, { columns: 4, opened: new Set(opened) });
  const shown = Array.from({ length: Math.min(lines.count, 14) }, (_, index) => text(lines.line(index)));
  expect(shown.join('\n')).toBe(plain(expected));
}

const at = (position: number, want: Partial<Want> = {}) => viewed(after(run(MAPPED), position), want);

describe('the lines of a pane', () => {
  it('frames side by side, runs on a line of their own', () =>
    check(
      'frames',
      at(3),
      `0: 0 1 2 3
       4: 4 5
       6: ▸ 16,371 free frames
       16377: ? ? ? ?
       16381: ? ? ? ?`,
    ));

  it('a run that was opened is laid out slot by slot', () => {
    const lines = paneDocument('frames', at(3), { columns: 8, opened: new Set(['frames@6']) });
    expect([lines.count, text(lines.line(1)), text(lines.line(2))]).toEqual([
      1 + 1 + 2047 + 1,
      '6: ▾ 16,371 free frames',
      '6: 6 7 8 9 10 11 12 13',
    ]);
  });

  it('files with their extents and cached pages', () => check('files', at(3), '▾ /data/a xfs\nextents: 1 and 0 more\n0: · · · ·'));

  it('processes, their VMAs, and the PTEs in them', () =>
    check(
      'processes',
      at(4),
      `▾ p pid 1
       ▾   0x7ffff7fd7000–0x7ffff7fff000 rw-p [anon]
       34359705559: 1 2 3 4
       34359705563: 5
       34359705564: ▸ 35 pages without a PTE
       ▾ q pid 2
       nothing mapped
       ▾ db[0] pid 3
       nothing mapped
       ▾ db[1] pid 4
       nothing mapped
       ▾ db[2] pid 5
       nothing mapped
       ▾ child pid 6`,
    ));

  it('what was folded, and what is left out with its number', () => {
    const bands = [{ id: 'process:1', open: false, from: 0, count: 0 }];
    check('processes', at(4, { bands, processes: 2 }), '▸ p pid 1\n▾ q pid 2\nnothing mapped\n4 more processes: show');
  });

  it('knows where a slot stands, and which slots stand where', () => {
    const lines = paneDocument('processes', at(4), { columns: 4, opened: new Set() });
    expect(lines.find('vma:1:34359705559', 34359705563)).toBe(3);
    expect(lines.find('vma:1:34359705559', 34359705590)).toBe(4);
    expect(lines.find('vma:9:0', 0)).toBeUndefined();
    expect(lines.findHead('process:2')).toBe(5);
    expect(lines.slots(2, 4)).toEqual([{ band: 'vma:1:34359705559', from: 34359705559, count: 5 }]);
  });

  it('finds lines by height and heights by line', () => {
    const lines = paneDocument('files', at(3), { columns: 4, opened: new Set() });
    for (let index = 0; index < lines.count; index++) {
      expect(lines.at(lines.top(index))).toBe(index);
      expect(lines.at(lines.top(index) + lines.heightOf(index) - 1)).toBe(index);
    }
    expect([lines.at(-5), lines.at(1e9)]).toEqual([0, lines.count - 1]);
  });

  it('counts in easy columns', () => expect([1, 2, 3, 5, 7, 9, 17, 100].map(niceColumns)).toEqual([1, 2, 2, 4, 6, 8, 16, 96]));
});

describe('numbers', () => {
  it('are exact and grouped', () =>
    expect([number(0), number(945_567_744_000), number(-1234)]).toEqual(['0', '945,567,744,000', '−1,234']));
  it('of memory are in kB, in bytes where they are no whole kB', () =>
    expect([bytes(4096), bytes(945_567_744_000), bytes(10)]).toEqual(['4 kB', '923,406,000 kB', '10 B']));
  it('say by how much they changed', () => {
    const entry = { name: 'rss', unit: 'bytes', doc: '' } as const;
    const changed = [
      difference({ ...entry, value: 8192, previous: 4096 }),
      difference({ ...entry, value: 0, previous: 4096 }),
      difference({ ...entry, value: 1 }),
    ];
    expect([...changed, amount({ ...entry, value: 8192 })]).toEqual(['+4 kB', '−4 kB', '', '8 kB']);
  });
  it('of addresses reach to the top of user space', () => expect(address(2 ** 35 - 2)).toBe('0x7fffffffe000'));
});

describe('words', () => {
  it('describe a cell with what changed', () => {
    const state = at(4);
    const cell = state.processes.rows[0]!.vmas!.rows[0]!.band!.cells[0]!;
    expect(inWords(cell, 'ptes', state.legend)).toBe(
      '0x7ffff7fd7000, frame 1, anonymous, mapcount 2, present, accessed, dirty, soft-dirty; changed: W 1→0, X 1→0',
    );
  });
  it('say what a step did', () => {
    expect(announcement(at(4))).toBe(
      'Step 4 of 4, end of run. p: fork() as child. line 13 did: 5 micro-steps, among them: frames 1–5 shared with the child: ' +
        'both PTEs at 0x7ffff7fd7000–0x7ffff7fdc000 (5 pages) are write-protected (kernel_clone › copy_process › dup_mm › dup_mmap › copy_page_range › copy_present_ptes). 6 changes: process child; ' +
        'child, VMA 0x7ffff7fd7000–0x7ffff7fff000 rw-p [anon]; p, PTE 0x7ffff7fd7000–0x7ffff7fdc000 (5 pages): W 1→0, X 1→0; 3 more.',
    );
  });
});

describe('finding', () => {
  const state = at(4);
  it.each([
    ['5', { pane: 'frames', band: 'frames', at: 5, pfn: 5 }],
    ['0x7ffff7fd8010', { pane: 'processes', band: 'vma:1:34359705559', at: 34359705560 }],
    ['child', { pane: 'processes', head: 'process:6' }],
    ['/data/a', { pane: 'files', head: state.files.rows[0]!.id }],
    ['data', { pane: 'files', head: state.files.rows[0]!.id }],
    ['0x1000', undefined],
    ['nobody', undefined],
    ['  ', undefined],
  ])('%s', (wanted, found) => {
    expect(find(wanted, state)).toEqual(found);
  });
});

describe('what the panel asks for', () => {
  it('the slots in view and some around them, and what was folded', () => {
    const choice = { ...FIRST_CHOICE, folds: { 'process:1': false, 'file:3': true } };
    expect(wantOf(choice, [{ band: 'frames', from: 1000, count: 80 }], 7)).toMatchObject({
      frame: 7,
      bands: [
        { id: 'frames', open: true, from: 872, count: 336 },
        { id: 'process:1', open: false },
        { id: 'file:3', open: true, from: 0 },
      ],
    });
  });
  it.each([[undefined], ['text'], [null], [{ folds: 3, filter: 4, pinned: -1, edges: 'no', text: 1 }]])(
    'nothing odd from what was kept: %j',
    (kept) => expect(choiceFrom(kept)).toEqual(FIRST_CHOICE),
  );
  it('what was kept', () => {
    const kept = { folds: { a: true, b: 'x' }, filter: 'db', pinned: 5, edges: false, text: true };
    expect(choiceFrom(kept)).toEqual({ ...FIRST_CHOICE, folds: { a: true }, filter: 'db', pinned: 5, edges: false, text: true });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Aligned } from '../../language/runtime/compare/align';
import type { Run } from '../../language/runtime/run';
import { answerPanel } from '../../language/runtime/view/answer';
import { FIRST_CHOICE, wantOf } from '../../webview/model/want';
import { checkReply, type PanelState, type Want } from '../../webview/protocol';
import { inScenario, start } from '../runtime/running';
import { scenarioText } from '../runtime/generated';

/** What the panel gets of a run where it stands, another one brought there beside it. */
function viewedBeside(run: Run, other: Run, change: Partial<Want> = {}): PanelState {
  for (const _ of new Aligned(other).follow(new Aligned(run)));
  const want = { ...wantOf(FIRST_CHOICE, [], null, { design: other.design, windows: [], frame: null }), ...change };
  const reply = checkReply(answerPanel(run, { kind: 'state', want }, { designs: [other.design], along: 1, asked: other }), 'reply');
  if (reply.kind !== 'state') throw new Error(`no state but ${reply.kind}`);
  return reply.state;
}

/** The lines under baseline, and beside it under another design, behind statement `position`: which slots differ. */
function differing(lines: string, design: string, position: number): string[] {
  const run = start(inScenario(lines));
  run.finish();
  run.moveTo(run.before(position));
  const { beside } = viewedBeside(run, start(inScenario(lines), { design }));
  return beside!.differences.rows.filter(({ band }) => band !== undefined).map(({ what, here, there }) => `${what}: ${here} | ${there}`);
}

const READ = `reflink "/data/a" to "/data/b"
  p: a = open("/data/a", O_RDWR)
  p: pread(a, 2 pages, 0)
  q: b = open("/data/b", O_RDWR)
  q: m = mmap(NULL, 2 pages, PROT_READ, MAP_SHARED, b, 0)
  q: load(m, 2 pages)
  p: pwrite(a, "new", 4096)`;

describe('what differs beside', () => {
  it('nothing, as long as nothing is cached', () => expect(differing(READ, 'extent_cache', 1)).toEqual([]));
  it('whose page it is, who maps it, and what it cost', () =>
    expect(differing(READ, 'extent_cache', 5)).toMatchInlineSnapshot(`
    [
      "q, PTE 0x7ffff7ffd000–0x7ffff7fff000 (2 pages): page cache b[0–1] | design’s cache a[0–1] b[0–1]",
      "/data/a, pages 0–1: page cache a[0–1], mapcount 0 | design’s cache a[0–1] b[0–1], mapcount 1",
      "/data/b, pages 0–1: page cache b[0–1] | design’s cache a[0–1] b[0–1]",
      "X of /data: is not there | is there",
      "frames 1–2: page cache a[0–1], mapcount 0, refcount 1 | design’s cache a[0–1] b[0–1], mapcount 1, refcount 2",
      "frames 3–4: page cache b[0–1] | free",
    ]
  `));
  it('bytes, once one of the files has been written', () =>
    expect(differing(READ, 'extent_cache', 6)).toMatchInlineSnapshot(`
    [
      "q, PTE 0x7ffff7ffd000–0x7ffff7fff000 (2 pages): page cache b[0–1] | design’s cache a[0–1] b[0–1]",
      "/data/a, page 0: page cache a[0], mapcount 0 | design’s cache a[0] b[0], mapcount 1",
      "/data/b, pages 0–1: page cache b[0–1] | design’s cache a[0–1] b[0–1]",
      "X of /data: is not there | is there",
      "frame 1: page cache a[0], mapcount 0, refcount 1 | design’s cache a[0] b[0], mapcount 1, refcount 2",
      "frame 2: page cache a[1], mapcount 0, refcount 1, dirty, bytes "newA"… | design’s cache b[1], mapcount 1, refcount 2, not dirty, bytes "AAAA"…",
      "frame 3: page cache b[0], mapcount 1, refcount 2, not dirty, bytes "AAAA"… | page cache a[1], mapcount 0, refcount 1, dirty, bytes "newA"…",
      "frame 4: page cache b[1] | free",
    ]
  `));
  it('each slot says how it is in the other picture, in both of them', () => {
    const run = start(inScenario(READ));
    run.finish();
    run.moveTo(run.before(5));
    const { files, beside } = viewedBeside(run, start(inScenario(READ), { design: 'extent_cache' }));
    const cells = (list: PanelState['files']) =>
      list.rows.map(({ path, differs, band }) => [path, differs, band?.cells.map((cell) => cell.differs)]);
    expect(cells(files)).toMatchInlineSnapshot(`
      [
        [
          "/data/a",
          undefined,
          [
            "design’s cache a[0] b[0], mapcount 1",
            "design’s cache a[1] b[1], mapcount 1",
            undefined,
            undefined,
          ],
        ],
        [
          "/data/b",
          undefined,
          [
            "design’s cache a[0] b[0]",
            "design’s cache a[1] b[1]",
            undefined,
            undefined,
          ],
        ],
      ]
    `);
    expect(cells(beside!.picture!.files)).toMatchInlineSnapshot(`
      [
        [
          "/data/a",
          undefined,
          [
            "page cache a[0], mapcount 0",
            "page cache a[1], mapcount 0",
            undefined,
            undefined,
          ],
        ],
        [
          "/data/b",
          undefined,
          [
            "page cache b[0]",
            "page cache b[1]",
            undefined,
            undefined,
          ],
        ],
        [
          "X of /data",
          "not there under baseline",
          [
            undefined,
            undefined,
          ],
        ],
      ]
    `);
  });
});

describe('a run beside itself', () => {
  it('differs nowhere, wherever it stands', () => {
    fc.assert(
      fc.property(scenarioText, (text) => {
        const [run, other] = [start(text), start(text)];
        run.finish();
        for (let position = 0; position <= run.length; position += 3) {
          run.moveTo(run.before(position));
          const { beside, frames, files, processes } = viewedBeside(run, other);
          expect(beside!.differences).toEqual({ rows: [], total: 0 });
          expect(JSON.stringify([frames, files, processes, beside!.picture])).not.toContain('differs');
        }
      }),
      { numRuns: 8 },
    );
  });
});

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const PAIR = `design by_offset = extent_cache { key = logical }

/// A file and its clone are read; then the clone is written.
scenario "a clone is read and written" {
  under baseline, extent_cache
  param n = 2
  mount xfs at "/data"
  file "/data/a" { size = n pages; content = "A" }
  reflink "/data/a" to "/data/b"
  process p
  p: a = open("/data/a", O_RDONLY)
  p: read(a, n pages)
  p: b = open("/data/b", O_RDWR)
  p: read(b, n pages)
  p: pwrite(b, "B" * 1 page, 0)
  expect disk.reads == 2 * n pages under baseline : "each has its own pages"
  expect disk.reads == n pages under extent_cache
}
scenario "nothing is shared" {
  mount xfs at "/data"
  file "/data/a" { size = 1 page; content = "A" }
  process p
  p: a = open("/data/a", O_RDONLY)
  p: read(a, 1 page)
  expect disk.reads == 2 pages
}
scenario "ends early" {
  process p
  p: open("/none", O_RDONLY)
}
`;

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-compare-'));
  fs.writeFileSync(path.join(folder, 'pair.mmscn'), PAIR);
  fs.writeFileSync(path.join(folder, 'broken.mmscn'), 'scenario "x" {\n  process p\n  p: a = = 1\n}\n');
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** The command in this very process: what it prints, with its files as they were named, and the exit code. */
async function run(line: string): Promise<{ out: string; err: string; code: number }> {
  vi.stubGlobal('MMSCN_VERSION', '0.0.0');
  const { execute } = await import('../../extension/cli/commands');
  const said = { out: '', err: '' };
  const to = (name: 'out' | 'err') => ({
    colour: false,
    write: (text: string) => void (said[name] += text.replaceAll(folder + path.sep, '')),
  });
  const args = (line.match(/"[^"]*"|\S+/g) ?? []).map((arg) => arg.replaceAll('"', ''));
  const placed = args.map((arg) => (/\.(mmscn|svg)$/.test(arg) ? path.join(folder, arg) : arg));
  const code = await execute(['compare', ...placed], { out: to('out'), err: to('err') });
  return { ...said, code };
}

/** The same as one text: each line of standard error marked with `!`. */
async function compare(line: string): Promise<string> {
  const { out, err, code } = await run(line);
  return `${out}${err.replace(/^(?=.)/gm, '! ')}exit code ${code}`;
}

/** What a small change of a design does not move. */
const STABLE = '--metric memory.peak --metric memory.cached --metric disk.reads --metric design.hits --metric expectations.met';
const CLONE = '--scenario "a clone is read and written"';

describe('mmscn compare', () => {
  it('puts the designs side by side, and says where they part', async () =>
    expect(await compare(`pair.mmscn ${CLONE} --designs baseline,extent_cache,by_offset ${STABLE}`)).toMatchInlineSnapshot(`
      "a clone is read and written

                                     baseline  extent_cache  by_offset
        frames used at most (pages)         5             4          4
        page cache (pages)                  4             3          3
        disk reads (pages)                  4             2          2
        hits                                0             2          2
        expectations met                    1             1          0

        parting from baseline
          line 14, step 4: p: read(b, n pages)
            extent_cache, by_offset: frames used at most 5 → 3 pages, page cache 4 → 2 pages, disk reads 4 → 2 pages, hits 0 → 2
      exit code 0"
    `));
  it('takes variants as they are declared', async () =>
    expect(
      await compare(
        `pair.mmscn ${CLONE} --designs "baseline, extent_cache { key = logical; reads = shared_only }" --format markdown --metric disk.reads`,
      ),
    ).toMatchInlineSnapshot(`
      "## a clone is read and written

      |  | baseline | extent_cache { key = logical; reads = shared_only } |
      | --- | ---: | ---: |
      | disk reads (pages) | 4 | 2 |

      ### Parting from baseline

      - line 14, step 4: p: read(b, n pages)
        - extent_cache { key = logical; reads = shared_only }: disk reads 4 → 2 pages
      exit code 0"
    `));
  it('says when nothing differs, what failed and what ended early', async () => {
    expect(await compare('pair.mmscn --scenario "nothing is shared" --designs baseline,extent_cache --metric disk.reads'))
      .toMatchInlineSnapshot(`
      "nothing is shared

                            baseline  extent_cache
        disk reads (pages)         1             1

        parting from baseline
          nothing differs at any step
            extent_cache

          baseline: line 25 does not hold: disk.reads == 2 pages, left 4096, right 8192
          extent_cache: line 25 does not hold: disk.reads == 2 pages, left 4096, right 8192
      exit code 1"
    `);
    expect(await compare('pair.mmscn --scenario "ends early" --designs baseline,extent_cache --metric disk.reads')).toMatchInlineSnapshot(`
      "ends early

                            baseline  extent_cache
        disk reads (pages)         0             0

        parting from baseline
          nothing differs at any step
            extent_cache

          baseline: ended early at line 29: p: open("/none", O_RDONLY) fails with ENOENT: there is no file /none: nothing is mounted at or above it: say mount xfs at "/" first
          extent_cache: ended early at line 29: p: open("/none", O_RDONLY) fails with ENOENT: there is no file /none: nothing is mounted at or above it: say mount xfs at "/" first
      exit code 1"
    `);
  });
  it('names what is 0 everywhere instead of showing it', async () => {
    expect(await compare('pair.mmscn --scenario "nothing is shared" --designs baseline')).toMatchInlineSnapshot(`
      "nothing is shared

                                        baseline
        frames used at most (pages)            2
        frames used at the end (pages)         2
        page cache (pages)                     1
        disk reads (pages)                     1
        descriptors (bytes)                   64
        expectations failed                    1

        0 everywhere: disk writes, checksums, decompressed, minor faults, major faults, hits, copies, breaks, invalidations, stale reads, violations, page tables, audit sites, expectations met

          baseline: line 25 does not hold: disk.reads == 2 pages, left 4096, right 8192
      exit code 1"
    `);
    const swept = await compare('pair.mmscn --designs baseline --sweep n=1..2 --format markdown');
    expect(swept.split('\n').filter((line) => line.startsWith('0 everywhere'))).toMatchInlineSnapshot(`
      [
        "0 everywhere: disk writes, checksums, decompressed, minor faults, major faults, hits, copies, breaks, invalidations, stale reads, violations, page tables, audit sites, expectations failed",
      ]
    `);
  });
  it('prints values in bytes for programs', async () => {
    expect(await compare(`pair.mmscn ${CLONE} --designs baseline,extent_cache --param n=3 --format csv --metric disk.reads`))
      .toMatchInlineSnapshot(`
      "file,scenario,n,design,steps,disk.reads,ok,error
      pair.mmscn,a clone is read and written,3,baseline,5,24576,true,
      pair.mmscn,a clone is read and written,3,extent_cache,5,12288,true,
      exit code 0"
    `);
    const { out } = await run('pair.mmscn --designs baseline,extent_cache --format json');
    const [first, ...others] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { designs: { design: string; values: object; parts: { what: string }[] }[] });
    expect(others).toHaveLength(2);
    expect(first).toMatchObject({
      scenario: 'a clone is read and written',
      designs: [{ design: 'baseline' }, { values: { 'disk.reads': 8192 } }],
    });
    expect(first!.designs[1]!.parts.find(({ what }) => what === 'disk.reads')).toEqual({
      ...{ file: 'pair.mmscn', line: 14, text: 'p: read(b, n pages)', step: 4, who: 'p' },
      ...{ statement: 3, what: 'disk.reads', reference: 16384, here: 8192 },
    });
  });
  it('runs over a param, as tables and as curves', async () => {
    expect(await compare(`pair.mmscn --designs baseline,extent_cache --sweep n=1..9:4 --metric disk.reads --svg curves.svg`))
      .toMatchInlineSnapshot(`
      "a clone is read and written

      disk reads (pages)
        n  baseline  extent_cache
        1         2             1
        5        10             5
        9        18             9
      exit code 0"
    `);
    expect(await compare(`pair.mmscn --designs baseline,extent_cache --sweep n=1..2 --metric disk.reads --format csv`))
      .toMatchInlineSnapshot(`
      "file,scenario,n,design,steps,disk.reads,ok,error
      pair.mmscn,a clone is read and written,1,baseline,5,8192,true,
      pair.mmscn,a clone is read and written,1,extent_cache,5,4096,true,
      pair.mmscn,a clone is read and written,2,baseline,5,16384,true,
      pair.mmscn,a clone is read and written,2,extent_cache,5,8192,true,
      exit code 0"
    `);
    expect(fs.readFileSync(path.join(folder, 'curves.svg'), 'utf8')).toMatchInlineSnapshot(`
      "<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 380 300" width="380" height="300" role="img">
      <title>a clone is read and written: over n</title>
      <style>text{font:12px system-ui,sans-serif}.title{font-size:15px;font-weight:600}.name{font-weight:600}.grid{stroke-width:1}.curve{fill:none;stroke-width:2}.ground{fill:#ffffff}text{fill:#1f1f1f}.grid{stroke:#d8d8d8}.d0{stroke:#0b62a4}.p0{fill:#0b62a4}.d1{stroke:#b8500b}.p1{fill:#b8500b}@media (prefers-color-scheme:dark){.ground{fill:#1f1f1f}text{fill:#e6e6e6}.grid{stroke:#454545}.d0{stroke:#7ab8ef}.p0{fill:#7ab8ef}.d1{stroke:#f4a261}.p1{fill:#f4a261}}</style>
      <rect class="ground" width="100%" height="100%"/>
      <text class="title" x="14" y="24">a clone is read and written</text>
      <line class="curve d0" x1="14" y1="42" x2="44" y2="42"/><text x="50" y="46">baseline</text>
      <line class="curve d1" stroke-dasharray="7 3" x1="158" y1="42" x2="188" y2="42"/><text x="194" y="46">extent_cache</text>
      <g transform="translate(0 60)"><title>disk reads (pages)</title>
      <text class="name" x="70" y="20">disk reads (pages)</text>
      <line class="grid" x1="70" x2="356" y1="200" y2="200"/><text text-anchor="end" x="64" y="204">0</text>
      <line class="grid" x1="70" x2="356" y1="158.5" y2="158.5"/><text text-anchor="end" x="64" y="162.5">5</text>
      <line class="grid" x1="70" x2="356" y1="117" y2="117"/><text text-anchor="end" x="64" y="121">10</text>
      <line class="grid" x1="70" x2="356" y1="75.5" y2="75.5"/><text text-anchor="end" x="64" y="79.5">15</text>
      <line class="grid" x1="70" x2="356" y1="34" y2="34"/><text text-anchor="end" x="64" y="38">20</text>
      <text text-anchor="middle" x="70" y="218">1</text>
      <text text-anchor="middle" x="213" y="218">5</text>
      <text text-anchor="middle" x="356" y="218">9</text>
      <text text-anchor="middle" x="213" y="234">n</text>
      <path class="curve d0" d="M70 183.4L213 117L356 50.6"/>
      <path class="curve d1" stroke-dasharray="7 3" d="M70 191.7L213 158.5L356 125.3"/>
      </g>
      </svg>
      "
    `);
  });
  it.each([
    'pair.mmscn --designs extent_cach',
    'pair.mmscn --designs ,',
    'pair.mmscn --designs "extent_cache { key = lgical }"',
    'pair.mmscn --designs "extent_cache { colour = red }"',
    'pair.mmscn --designs "baseline { key = logical }"',
    'pair.mmscn --designs "extent_cache { key = "',
    'pair.mmscn --designs "extent_cache } process p"',
    'pair.mmscn --designs "extent_cahce { key = logical }"',
    'pair.mmscn --designs "by_offset { key = logical }"',
    'pair.mmscn --format xml',
    'pair.mmscn --metric disk.read',
    'pair.mmscn --svg x.svg',
    'pair.mmscn --sweep n',
    'pair.mmscn --sweep n=1..x',
    'pair.mmscn --sweep n=9..1',
    'pair.mmscn --sweep n=1..9:0',
    'pair.mmscn --sweep n=1..1000000',
    'pair.mmscn --sweep m=1..2',
    'pair.mmscn --sweep n=1..2 --param n=3',
    'pair.mmscn --sweep n=1..2 --svg none/x.svg --designs baseline --metric disk.reads',
    'pair.mmscn --scenario clones',
    'pair.mmscn --design baseline',
    'none.mmscn',
    'broken.mmscn --designs baseline',
    '',
  ])('wrong use: %s', async (line) => expect(await compare(line)).toMatchSnapshot());
});

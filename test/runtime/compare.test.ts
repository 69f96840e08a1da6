import { describe, expect, it } from 'vitest';
import { paramsOf } from '../../extension/compare/params';
import { COMPARISON_FILES, comparisonFile, SWEEP_FILES, sweepFile } from '../../language/export/comparison/file';
import { offered } from '../../language/runtime/compare/catalogued';
import { compareDesigns, comparing } from '../../language/runtime/compare/compare';
import { parseRange, type Range } from '../../language/runtime/compare/range';
import { sweepDesigns, sweeping } from '../../language/runtime/compare/sweep';
import { withVariants, type WithVariants } from '../../language/runtime/compare/variants';
import { scenarios } from '../../language/runtime/program';
import { program } from './running';

const TEXT = `design mine = extent_cache { key = logical }
param rounds = 3
scenario "rounds" {
  param pages = 2
  mount xfs at "/data"
  file "/data/a" { size = 64 pages; content = "A" }
  process p
  p: fd = open("/data/a", O_RDONLY)
  repeat rounds { p: pread(fd, pages * 4096, 0) }
  expect disk.reads == pages * 4096
}`;

const read = program(TEXT);
const rounds = { scenario: 'rounds' };

function variants(...written: string[]): WithVariants {
  const found = withVariants(read, written);
  if ('error' in found) throw new Error(found.error);
  return found;
}

function range(text: string): Range {
  const found = parseRange(text);
  if ('error' in found) throw new Error(found.error);
  return found;
}

describe('what can be compared', () => {
  it('the designs of the catalogue, those of the file, and each option of the catalogue; all of them can be run', () => {
    const labels = offered(read).map(({ label }) => label);
    expect(labels).toEqual(
      expect.arrayContaining(['baseline', 'mine', 'extent_cache { key = logical }', 'extent_cache { dio_from_X = true }']),
    );
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(withVariants(read, [label])).not.toHaveProperty('error');
  });
  it('over the params of the scenario, then of the file', () =>
    expect(paramsOf(read, scenarios(read)[0]!.node)).toEqual([
      { name: 'pages', value: '2' },
      { name: 'rounds', value: '3' },
    ]));
});

describe('a comparison in pieces', () => {
  it('comes to what it comes to in one go, and can be left in the middle of a run', () => {
    const { program: all, designs } = variants('baseline', 'mine');
    const many = { ...rounds, params: { rounds: 200n } };
    const seen: string[] = [];
    const work = comparing(all, designs, many);
    for (;;) {
      const { done, value } = work.next();
      if (done) {
        expect(value).toEqual(compareDesigns(all, designs, many));
        break;
      }
      seen.push(value.label);
    }
    expect(seen.filter((label) => label === 'baseline').length).toBeGreaterThan(3);
  });
  it('a sweep tells what is done so far', () => {
    const { program: all, designs } = variants('baseline');
    const done = [...sweeping(all, designs, range('pages=1..3'), rounds)].map(({ value, sweep }) => [Number(value), sweep.points.length]);
    expect(done).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
  });
});

describe('files of it', () => {
  it('a comparison as each of its kinds', () => {
    const { program: all, designs } = variants('baseline');
    const comparison = compareDesigns(all, designs, rounds);
    const firstLines = (Object.keys(COMPARISON_FILES) as (keyof typeof COMPARISON_FILES)[]).map((ending) => {
      return `${ending}: ${comparisonFile(comparison, ending).split('\n')[0]!.slice(0, 40)}`;
    });
    expect(firstLines).toMatchInlineSnapshot(`
      [
        "md: ## rounds",
        "csv: file,scenario,design,steps,memory.peak,m",
        "json: {"file":"test.mmscn","scenario":"rounds"",
        "txt: rounds",
      ]
    `);
  });
  it('a sweep as each of its kinds', () => {
    const { program: all, designs } = variants('baseline');
    const sweep = sweepDesigns(all, designs, range('pages=1..2'), rounds);
    const firstLines = (Object.keys(SWEEP_FILES) as (keyof typeof SWEEP_FILES)[]).map((ending) => {
      return `${ending}: ${sweepFile(sweep, ending).split('\n')[0]!.slice(0, 40)}`;
    });
    expect(firstLines).toMatchInlineSnapshot(`
      [
        "svg: <svg xmlns="http://www.w3.org/2000/svg" ",
        "csv: file,scenario,pages,design,steps,memory.",
        "md: ## rounds",
        "json: {"file":"test.mmscn","scenario":"rounds"",
        "txt: rounds",
      ]
    `);
  });
});

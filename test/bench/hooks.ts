import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import * as esbuild from 'esbuild';
import { print } from './table';

const PAIRS = 15;
const FOLDER = 'dist-test/bench/hooks';

/** What stands in for a design's hook in the build without them: nothing, or what the kernel's own code would say there. */
const EMPTY = [
  'found',
  'inserted',
  'own',
  'opened',
  'closed',
  'changing',
  'mapped_writable',
  'truncated',
  'beneath',
  'device_written',
  'written_back',
];
const PRELUDE = `import { filemap_get_entry as __lookup } from '${path.resolve('language/simulator/mm/filemap')}';
function __empty() {}
`;

/** The simulator with the hooks of baseline inlined, as if there were no designs. */
const inlined: esbuild.Plugin = {
  name: 'inlined-hooks',
  setup(build) {
    build.onLoad({ filter: /language\/simulator\/(mm|fs)\/.*\.ts$/ }, ({ path: file }) => {
      const text = fs.readFileSync(file, 'utf8');
      if (!text.includes('k.design.')) return undefined;
      const own = file.endsWith('/mm/filemap.ts') ? PRELUDE.replace(/^import.*\n/, '') : PRELUDE;
      const lookup = file.endsWith('/mm/filemap.ts') ? 'filemap_get_entry' : '__lookup';
      const body = EMPTY.reduce((source, hook) => source.replaceAll(`k.design.${hook}(`, '__empty('), text)
        .replaceAll('k.design.lookup(', `${lookup}(`)
        .replaceAll('k.design.insert(k, mapping, index, count)', '({ mapping, index, count })');
      return { contents: own + body, loader: 'ts' };
    });
  },
};

/** User seconds that a build of the work takes, in a process of its own. */
function run(file: string): number {
  return Number(execFileSync(process.execPath, [file], { encoding: 'utf8' }).trim());
}

/** The same accesses on the baseline with the designs' hooks and in a build without: pairs of processes, one after the other. */
export async function hooks(): Promise<void> {
  const common: esbuild.BuildOptions = {
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    entryPoints: ['test/bench/hooked.ts'],
  };
  const builds = { with: `${FOLDER}/with.mjs`, without: `${FOLDER}/without.mjs` };
  await esbuild.build({ ...common, outfile: builds.with });
  await esbuild.build({ ...common, outfile: builds.without, plugins: [inlined] });
  const pairs = Array.from({ length: PAIRS }, (_, i) => {
    const order = i % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const);
    return Object.fromEntries(order.map((name) => [name, run(builds[name])])) as Record<'with' | 'without', number>;
  });
  const ratios = pairs.map((pair) => pair.with / pair.without).sort((a, b) => a - b);
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  const percent = (ratio: number): string => `${ratio >= 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(1)} %`;
  print('What the hooks of the designs cost the baseline (aim: at most 2 %)', [
    { what: 'with hooks', figure: `${median(pairs.map((pair) => pair.with)).toFixed(3)} s`, beside: 'user time, median' },
    { what: 'with the hooks inlined', figure: `${median(pairs.map((pair) => pair.without)).toFixed(3)} s` },
    {
      what: `ratio of ${PAIRS} pairs`,
      figure: percent(median(ratios)),
      beside: `between ${percent(ratios[0]!)} and ${percent(ratios.at(-1)!)}`,
    },
    {
      what: 'the fastest of each',
      figure: percent(Math.min(...pairs.map((pair) => pair.with)) / Math.min(...pairs.map((pair) => pair.without))),
      beside: 'what other work on the machine touches least',
    },
  ]);
}

import fs from 'node:fs';
import { Run } from '../../language/runtime/run';
import { parse } from '../../language/syntax/parse';
import { grouped, print, seconds, timed } from './table';

const SAMPLE = 'samples/page-tables-outgrow-the-region.mmscn';

/** 1,500 processes each touch 300 GiB of one shared mapping, as the sample says it, stepped with history. */
export function pageTables(): void {
  const text = fs.readFileSync(SAMPLE, 'utf8');
  const before = process.memoryUsage().rss;
  let run: Run | undefined;
  const ms = timed(() => {
    const started = Run.start({ sources: [{ uri: SAMPLE, text, file: parse(text) }] });
    if ('error' in started) throw new Error(started.error.message);
    run = started;
    run.finish();
  });
  const tables = run!.machine.observe('memory', 'page_tables');
  print('1,500 processes, 300 GiB each of one shared mapping (P1)', [
    {
      what: 'tables of all processes',
      figure: `${grouped(tables as bigint)} B`,
      beside: `exact: ${tables === 945_567_744_000n ? 'yes' : 'NO'}; expectations failed: ${run!.failures.length}`,
    },
    { what: 'wall time, parse to end', figure: seconds(ms), beside: 'aim: below 1 s' },
    {
      what: 'memory',
      figure: `${grouped(Math.round((process.memoryUsage().rss - before) / 1e6))} MB more`,
      beside: `process ${grouped(Math.round(process.resourceUsage().maxRSS / 1e3))} MB at its peak; aim: 200 MB`,
    },
    {
      what: 'pages touched',
      figure: grouped(1500 * 78_643_200),
      beside: `in ${grouped(run!.machine.journal.position)} journal records and ${grouped(run!.microsteps)} micro-steps`,
    },
  ]);
}

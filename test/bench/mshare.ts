import { Run } from '../../language/runtime/run';
import { parse } from '../../language/syntax/parse';
import { grouped, print, type Row, seconds, timed } from './table';

/** Bytes of page tables for 300 GiB: 153,600 PTE tables, 300 PMD tables, 1 PUD table. */
const TABLES = 630_378_496n;
const AT = 0x10000000000n;

const peak = (): string => `process ${grouped(Math.round(process.resourceUsage().maxRSS / 1e3))} MB at its peak`;

/** Every process opens one file and maps `size` of it, on msharefs or on tmpfs; then `steps`. */
function scenario(count: number, size: string, shared: boolean, steps: string): string {
  const [setup, path] = shared
    ? ['mount msharefs at "/sys/fs/mshare"', '/sys/fs/mshare/region']
    : [`mount tmpfs at "/dev/shm"\n  file "/dev/shm/region" { size = ${size} }`, '/dev/shm/region'];
  return `scenario "regions" {
  machine { memory = 2T }
  ${setup}
  process db[${count}]
  db[*]: fd = open("${path}", O_RDWR | O_CREAT, 0600)
  db[*]: m = mmap(${AT}, ${size}, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0)
${steps}}`;
}

function measured(text: string): { run: Run; ms: number } {
  let run: Run | undefined;
  const ms = timed(() => {
    const started = Run.start({ sources: [{ uri: 'regions.mmscn', text, file: parse(text) }] });
    if ('error' in started) throw new Error(started.error.message);
    run = started;
    run.finish();
    if (run.ended?.kind === 'error') throw new Error(run.ended.error.message);
  });
  return { run: run!, ms };
}

const TOUCH_ALL = '  db[*]: touch(m, 300G, PROT_READ | PROT_WRITE)\n';

function tables(count: number, shared: boolean): Row {
  const { run, ms } = measured(scenario(count, '300G', shared, TOUCH_ALL));
  const bytes = run.machine.observe('memory', 'page_tables');
  const expected = shared ? TABLES : BigInt(count) * TABLES;
  return {
    what: `${grouped(count)} processes × 300 GiB, ${shared ? 'one region' : 'tables of their own'}`,
    figure: `${grouped(bytes as bigint)} B`,
    beside: `exact: ${bytes === expected ? 'yes' : 'NO'}; ${seconds(ms)}, ${grouped(run.machine.observe('faults', 'link') as bigint)} link faults; ${peak()}`,
  };
}

/** Touches of one page each, of 1 M pages in an order that jumps about (a full-period linear congruence), by 1,500 processes in turn. */
function random(touches: number, shared: boolean): Row {
  const { run } = measured(scenario(1500, '4G', shared, ''));
  const { machine } = run;
  const pids = run.processes().map(({ pid }) => pid);
  const ms = timed(() => {
    for (let i = 0, at = 12345; i < touches; i++) {
      at = (at * 69069 + 1234567) % 2 ** 20;
      machine.step(pids[i % 1500]!, 'touch', [AT + BigInt(at) * 4096n, 1n, 3n]);
    }
  });
  const [minor, link] = ['minor', 'link'].map((name) => grouped(machine.observe('faults', name) as bigint));
  const history = Math.round((machine.journal.bytes + machine.trace.bytes) / 1e6);
  return {
    what: `${grouped(touches)} touches of random pages by 1,500 processes, ${shared ? 'one region' : 'tables of their own'}`,
    figure: `${grouped(Math.round((touches / ms) * 1000))}/s`,
    beside: `${minor} faults, ${link} of them link faults; tables ${grouped(machine.observe('memory', 'page_tables') as bigint)} B; history ${grouped(history)} MB; ${peak()}`,
  };
}

/** Page tables that are shared (mshare) beside tables that are not: bytes, time, memory. */
export function mshare(): void {
  print('Shared page tables (aim: 1,500 processes with and without together below 1 s and 200 MB)', [
    tables(1500, true),
    tables(1500, false),
    tables(10_000, true),
    random(1_000_000, true),
    random(100_000, true),
    random(100_000, false),
  ]);
}

import { designs } from '../../language/catalogue/designs';
import { Run } from '../../language/runtime/run';
import { parse } from '../../language/syntax/parse';
import { grouped, print, type Row, seconds, timed } from './table';

const CONTAINERS = 1000;
const IMAGE = 262_144;
const TOUCHED = Math.round(IMAGE * 0.6);
const WRITTEN = Math.round(IMAGE * 0.01);
const MEMORY = '1T';

/** Every container has an overlay over one image, maps it, reads 60 % of it and writes 1 % of it, each somewhere else. */
function scenario(): string {
  const each = (line: (i: number) => string): string => Array.from({ length: CONTAINERS }, (_, i) => `  ${line(i)}\n`).join('');
  const at = (i: number): number => (i * 7919) % (TOUCHED - WRITTEN);
  return `scenario "containers over one image" {
  machine { memory = ${MEMORY} }
  mount xfs at "/data"
  file "/data/lower/image" { size = ${IMAGE} pages; content = "image" }
${each((i) => `mount overlay at "/c/${i}" { lower = "/data/lower"; upper = "/data/upper${i}" }`)}
  process c[${CONTAINERS}]
${each((i) => `c[${i}]: fd = open("/c/${i}/image", O_RDWR)`)}
  c[*]: m = mmap(NULL, ${IMAGE} pages, PROT_READ, MAP_SHARED, fd, 0)
  c[*]: touch(m, ${TOUCHED} pages, PROT_READ)
${each((i) => `c[${i}]: pwrite(fd, "w" * ${WRITTEN} pages, ${at(i)} pages)`)}
  c[*]: touch(m, ${TOUCHED} pages, PROT_READ)
}`;
}

/** 1,000 containers over one image of 1 GiB under each design: frames, time, memory. */
export function containers(): void {
  const text = scenario();
  const program = { sources: [{ uri: 'containers.mmscn', text, file: parse(text) }] };
  const rows = Object.keys(designs).map((design): Row => {
    const before = process.memoryUsage().rss;
    let run: Run | undefined;
    const ms = timed(() => {
      const started = Run.start(program, { design });
      if ('error' in started) throw new Error(started.error.message);
      run = started;
      run.finish();
    });
    const { machine, ended, steps } = run!;
    if (ended?.kind === 'error') return { what: design, figure: 'ended', beside: ended.error.message };
    const pages = (name: string): string => grouped((machine.observe('memory', name) as bigint) / 4096n);
    const history = Math.round((machine.journal.bytes + machine.trace.bytes) / 1e6);
    return {
      what: design,
      figure: seconds(ms),
      beside: `${pages('used')} frames, of them ${pages('cached')} cached, ${pages('page_tables')} page tables; ${grouped(steps)} steps; history ${history} MB, ${grouped(Math.round((process.memoryUsage().rss - before) / 1e6))} MB more`,
    };
  });
  print(
    `${grouped(CONTAINERS)} containers on overlays over one image of 1 GiB; each reads 60 % and writes 1 % (aim: below 2 s each)`,
    rows,
  );
}

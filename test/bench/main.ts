// npm run bench: figures and ratios, nothing that can fail. Sections can be named: `npm run bench -- accesses`.
import { accesses } from './accesses';
import { containers } from './containers';
import { growth } from './growth';
import { hooks } from './hooks';
import { imports } from './import';
import { kinds } from './kinds';
import { ksm } from './ksm';
import { mshare } from './mshare';
import { pageTables } from './pageTables';
import { samples } from './samples';
import { sizes } from './sizes';
import { stepping } from './stepping';
import { tenMillion, worst } from './worst';

const SECTIONS = {
  pageTables,
  mshare,
  kinds,
  growth,
  accesses,
  ksm,
  worst,
  tenMillion,
  containers,
  samples,
  hooks,
  import: imports,
  sizes,
  stepping,
};

const wanted = process.argv.slice(2);
for (const [name, section] of Object.entries(SECTIONS)) if (wanted.length === 0 || wanted.includes(name)) await section();

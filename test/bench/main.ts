// npm run bench: figures and ratios, nothing that can fail. Sections can be named: `npm run bench -- accesses`.
import { accesses } from './accesses';
import { pageTables } from './pageTables';
import { sizes } from './sizes';
import { stepping } from './stepping';

const SECTIONS = { pageTables, accesses, sizes, stepping };

const wanted = process.argv.slice(2);
for (const [name, section] of Object.entries(SECTIONS)) if (wanted.length === 0 || wanted.includes(name)) await section();

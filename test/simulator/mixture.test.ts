import fc from 'fast-check';
import { describe, test } from 'vitest';
import { Mixture, deeds } from './mixture';
import { runs } from './runs';
import { variants } from './variants';

/** It ends the run at the first folio of another mapping, which is its point. */
const ENDLESS = 'naive_pages {"i2":"retry"}';

describe.each(variants.filter(({ title }) => title !== ENDLESS))('$title', ({ design, options }) => {
  test.each([4n << 20n, 40n * 4096n])('files that share on xfs and btrfs, snapshots, direct I/O: %d bytes of memory', (memory) => {
    fc.assert(
      fc.property(deeds, (all) => {
        const mixture = new Mixture(design, options, memory);
        for (const deed of all) {
          mixture.do(deed);
          if (mixture.over) return;
        }
        mixture.compare();
      }),
      { numRuns: runs(8) },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { player, TWO_READERS } from './playing';

const play = player();

describe('designs that go along', () => {
  it('stand where the run stands, forwards and back', async () => {
    const log = await play(
      TWO_READERS,
      `
      launch {"compare": ["extent_cache", "baseline"]}
      show Under other designs
      next
      next
      next
      next
      show Under other designs
      eval disk.reads
      show Under other designs / extent_cache / disk
      back
      show Under other designs
      `,
    );
    expect(log).toMatchInlineSnapshot(`
      "> launch {"compare": ["extent_cache", "baseline"]}
        thread 1 started
        thread 2 started
        thread 3 started
        thread 4 started
        entry | two readers:8
      > show Under other designs
        extent_cache = nothing differs here
        baseline = nothing differs here
      > next
        step | two readers:9
      > next
        step | two readers:10
      > next
        step | two readers:11
      > next
        step | two readers:12
      > show Under other designs
        extent_cache = frames used at the end 6 → 4 pages, page cache 4 → 2 pages, disk reads 4 → 2 pages, hits 0 → 2, descriptors 256 → 128 bytes, audit sites 0 → 1
        baseline = nothing differs here
      > eval disk.reads
        16384 (4 pages)
      > show Under other designs / extent_cache / disk
        reads = 8192 (2 pages)
        writes = 0
        used = 16384 (4 pages)
        checksums = 0
        decompressed = 0
      > back
        step | two readers:11
      > show Under other designs
        extent_cache = nothing differs here
        baseline = nothing differs here"
    `);
  });
  it('are named in the launch, and a statement to stop before', async () => {
    expect(await play(TWO_READERS, 'launch {"compare": ["extent_cach"]}')).toMatchInlineSnapshot(`
      "> launch {"compare": ["extent_cach"]}
        error: compare: there is no design extent_cach; did you mean extent_cache?"
    `);
    expect(await play(TWO_READERS, 'launch {"compare": "baseline"}')).toMatchInlineSnapshot(`
      "> launch {"compare": "baseline"}
        error: The argument \`compare\` must be a list of designs."
    `);
    expect(await play(TWO_READERS, 'launch {"statement": -1}')).toMatchInlineSnapshot(`
      "> launch {"statement": -1}
        error: The argument \`statement\` must be a whole number from 0, not -1."
    `);
    expect(await play(TWO_READERS, 'launch {"statement": 2, "design": "extent_cache", "compare": ["baseline"]}')).toMatchInlineSnapshot(`
      "> launch {"statement": 2, "design": "extent_cache", "compare": ["baseline"]}
        thread 1 started
        thread 2 started
        thread 3 started
        thread 4 started
        entry | two readers:10"
    `);
  });
});

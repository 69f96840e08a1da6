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
        extent_cache = frames used 6 → 4 pages, page cache 4 → 2 pages, disk reads 4 → 2 pages, hits 0 → 2, descriptors 256 → 128 bytes, audit sites 0 → 1
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
  it('are shown beside the run in the panel; one that does not go along is brought there when it is asked for', async () => {
    const log = await play(
      TWO_READERS,
      `
      launch {"compare": ["extent_cache"]}
      panel
      next
      next
      next
      next
      panel extent_cache
      panel shared_folio
      back
      panel extent_cache
      panel shared_folio
      panel extent_cach
      panel baseline
      run q: read(fb, 1 page)
      panel extent_cache
      `,
    );
    expect(log).toMatchInlineSnapshot(`
      "> launch {"compare": ["extent_cache"]}
        thread 1 started
        thread 2 started
        thread 3 started
        thread 4 started
        entry | two readers:8
      > panel
        can be beside: extent_cache (goes along), naive_pages, master_inode, whole_file, reflink_pages, shared_folio, inode_share
      > next
        step | two readers:9
      > next
        step | two readers:10
      > next
        step | two readers:11
      > next
        step | two readers:12
      > panel extent_cache
        extent_cache: before line 13
        where it stands: before line 12 | before line 13
        disk reads (pages): 4 | 2
        /data/a, pages 0–1: page cache a[0–1] | design’s cache a[0–1] b[0–1]
        /data/b, pages 0–1: page cache b[0–1] | design’s cache a[0–1] b[0–1]
      > panel shared_folio
        shared_folio: before line 14
        where it stands: before line 12 | before line 14
        disk reads (pages): 4 | 2
        /data/b, pages 0–1: page cache b[0–1] | page cache a[0–1]
      > back
        step | two readers:11
      > panel extent_cache
        extent_cache: before line 11
        /data/a, pages 0–1: page cache a[0–1] | design’s cache a[0–1] b[0–1]
        /data/b, pages 0–1: not cached | design’s cache a[0–1] b[0–1]
      > panel shared_folio
        shared_folio: before line 11
      > panel extent_cach
        compare: there is no design extent_cach; did you mean extent_cache?
      > panel baseline
        baseline: before line 11
      > run q: read(fb, 1 page)
        done
        step | two readers:11
      > panel extent_cache
        extent_cache: before line 11
        disk reads (pages): 3 | 2
        /data/a, pages 0–1: page cache a[0–1] | design’s cache a[0–1] b[0–1]
        /data/b, page 0: page cache b[0] | design’s cache a[0] b[0]
        /data/b, page 1: not cached | design’s cache a[1] b[1]"
    `);
  });
  it('stand still where their own lines end, and where a line is not theirs', async () => {
    const log = await play(
      `scenario "parts" {
  machine { memory = 64M }
  mount xfs at "/data"
  file "/data/a" { size = 2 pages; content = "A" }
  reflink "/data/a" to "/data/b"
  process p
  p: a = open("/data/a", O_RDONLY)
  p: read(a, 2 pages)
  p: b = open("/data/b", O_RDONLY)
  p: read(b, 2 pages)
  if disk.reads == 4 pages {
    p: x = 1
    p: y = 2
  }
  expect p.x == 1
  p: close(b)
}
`,
      `
      launch {"compare": ["extent_cache"]}
      next
      next
      next
      next
      next
      panel extent_cache
      next
      panel extent_cache
      next
      next
      panel extent_cache
      continue
      panel extent_cache
      `,
    );
    expect(log).toMatchInlineSnapshot(`
      "> launch {"compare": ["extent_cache"]}
        thread 1 started
        thread 2 started
        thread 3 started
        entry | parts:7
      > next
        step | parts:8
      > next
        step | parts:9
      > next
        step | parts:10
      > next
        step | parts:11
      > next
        step | parts:12
      > panel extent_cache
        extent_cache: before line 15
        where it stands: before line 12 | before line 15
        disk reads (pages): 4 | 2
        /data/a, pages 0–1: page cache a[0–1] | design’s cache a[0–1] b[0–1]
        /data/b, pages 0–1: page cache b[0–1] | design’s cache a[0–1] b[0–1]
      > next
        step | parts:13
      > panel extent_cache
        extent_cache: before line 15
        where it stands: before line 13 | before line 15
        disk reads (pages): 4 | 2
        /data/a, pages 0–1: page cache a[0–1] | design’s cache a[0–1] b[0–1]
        /data/b, pages 0–1: page cache b[0–1] | design’s cache a[0–1] b[0–1]
      > next
        step | parts:15
      > next
        step | parts:16
      > panel extent_cache
        extent_cache: ended by an error: p has no variable \`x\` (yet)
        where it stands: before line 16 | ended by an error: p has no variable \`x\` (yet)
        disk reads (pages): 4 | 2
        /data/a, pages 0–1: page cache a[0–1] | design’s cache a[0–1] b[0–1]
        /data/b, pages 0–1: page cache b[0–1] | design’s cache a[0–1] b[0–1]
      > continue
        says: End of run: all 1 expectation hold; 5 steps, N micro-steps under baseline.
        End of run | parts:17
      > panel extent_cache
        extent_cache: ended by an error: p has no variable \`x\` (yet)
        where it stands: end of run: the expectation holds | ended by an error: p has no variable \`x\` (yet)
        disk reads (pages): 4 | 2
        /data/a, pages 0–1: page cache a[0–1] | design’s cache a[0–1] b[0–1]
        /data/b, pages 0–1: page cache b[0–1] | design’s cache a[0–1] b[0–1]"
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

import { describe, expect, test } from 'vitest';
import { check } from '../../language/analysis/check';
import { implemented } from '../../language/simulator/implemented';
import { LineMap } from '../../language/syntax/positions';
import { loaded } from '../language/markers';
import { outcome, start } from '../runtime/running';

describe('what a design is asked for and is not', () => {
  test.each([
    ['design x = extent_cash { key = logical }', '1:12 there is no design `extent_cash`; did you mean `extent_cache`?'],
    ['design x = extent_cache { kee = logical }', '1:27 the design extent_cache has no option `kee`; did you mean `key`?'],
    ['design x = baseline { key = logical }', '1:23 the design baseline has no option `key`; it has none'],
    ['design x = extent_cache { key = physical }', '1:33 `key` is device, logical, not `physical`'],
    ['design x = extent_cache { dio_from_X = maybe }', '1:40 `dio_from_X` is true, false, not `maybe`'],
    [
      'scenario "s" {\n  under nothing_like_it\n}',
      '2:9 there is no design `nothing_like_it`; there are baseline, naive_pages, master_inode, whole_file, reflink_pages, extent_cache, shared_folio, inode_share',
    ],
  ])('%s', async (text, expected) => {
    const { program } = await loaded(text);
    const lines = new LineMap(text);
    const told = check(program, implemented).map(({ start, message }) => {
      const { line, column } = lines.place(start);
      return `${line}:${column} ${message}`;
    });
    expect(told).toEqual([expected]);
  });
});

describe('what a design cannot do', () => {
  const ended = (text: string): string => {
    const run = start(text);
    run.finish();
    return outcome(run);
  };
  const two_filesystems = (design: string): string => `${design}
scenario "s" {
  under d
  mount xfs at "/a"
  mount xfs at "/b"
  file "/a/f" = "x"
  file "/b/f" = "x"
  process p
  p: a = open("/a/f", O_RDONLY)
  p: b = open("/b/f", O_RDONLY)
  p: share(b, a)
}`;
  test('a master for files of two filesystems', () => {
    expect(ended(two_filesystems('design d = master_inode { reshare = on_dedupe }'))).toBe(
      'EXDEV: p: share(b, a) fails with EXDEV: the master is on another filesystem (master_home = same_fs_only); with master_home = pseudo_sb it could be linked to',
    );
    expect(ended(two_filesystems('design d = master_inode { master_home = pseudo_sb }'))).toBe('ok');
    expect(ended(two_filesystems('design d = whole_file { share.optin = explicit }'))).toBe(
      'EXDEV: p: share(b, a) fails with EXDEV: the two files are on different filesystems',
    );
    expect(ended(two_filesystems('design d = extent_cache { key = logical }'))).toBe(
      'EOPNOTSUPP: p: share(b, a) fails with EOPNOTSUPP: this design shares nothing by request; master_inode and whole_file do',
    );
  });
  test('direct I/O on a file of erofs that may share', () => {
    const text = (option: string): string => `scenario "s" {
  under inode_share
  mount erofs at "/image" { ${option} }
  file "/image/f" = "x"
  process p
  p: fd = open("/image/f", O_RDONLY | O_DIRECT)
}`;
    expect(ended(text('inode_share = true; domain_id = d'))).toBe(
      'EINVAL: p: open("/image/f", O_RDONLY | O_DIRECT) fails with EINVAL: O_DIRECT: the file may share its page cache; without O_DIRECT, or on a mount without inode_share, it can be opened',
    );
    expect(ended(text('inode_share = false'))).toBe('ok');
  });
});

import { expect, test } from 'vitest';
import { calls } from '../../language/catalogue/calls';
import type { CallEntry } from '../../language/catalogue/types';
import { Simulated } from './errno/surroundings';
import { FILESYSTEMS, table } from './errno/tables';

/** What Linux does that the simulator does not, and why. */
const KNOWN: Readonly<Record<string, string>> = {
  'btrfs: pwrite_from(rw, readonly, 20000, 1)':
    'a copy that ends within a page that was not read is taken back by a page, not by what was copied of it',
  'ext4: pwrite_from(direct, 0x1000, 20000, 4096)': 'the buffer of what comes before the last, partial block is looked at first',
};

/** How a live Linux ended thousands of calls, most of them wrong (test/live/errno measures it): a line each, `call → end`. */
test.each(FILESYSTEMS)(
  '%s',
  (type) => {
    const simulated = new Simulated(type);
    const differ: string[] = [];
    let beyond = 0;
    for (const [call, linux] of table(type)) {
      const ended = simulated.perform(call);
      // Bytes behind 2^53 of a file can't be counted one by one: the simulator says so and goes no further.
      if (ended.startsWith('out-of-range: ')) beyond++;
      else if ((ended !== linux) !== Object.hasOwn(KNOWN, `${type}: ${call}`)) differ.push(`${call} → ${linux}, simulated: ${ended}`);
    }
    expect(differ).toEqual([]);
    expect(beyond).toBeLessThan(20);
  },
  120_000,
);

test('the catalogue documents every errno of the tables', () => {
  const undocumented = new Set<string>();
  for (const type of FILESYSTEMS)
    for (const [call, end] of table(type)) {
      const name = /^(?:user: )?(\w+)/.exec(call)![1]!;
      const { errors } = (calls as Readonly<Record<string, CallEntry>>)[name]!;
      if (/^E[A-Z0-9]+$/.test(end) && !Object.hasOwn(errors, end)) undocumented.add(`${name} ${end}`);
    }
  expect([...undocumented]).toEqual([]);
});

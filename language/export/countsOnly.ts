import { constants } from '../catalogue/constants';
import type { Trace } from './trace';

/**
 * Whether only the number of a file's cached pages is looked at on the machine: where pages are read ahead that are to be dropped after use, as a mapping of
 * one clears the flag.
 */
export const countsOnly = ({ machine, steps }: Trace): boolean =>
  typeof machine.readahead === 'bigint' &&
  machine.readahead > 0n &&
  steps.some(
    ({ call, args: [, , , flags] }) => call === 'preadv2' && typeof flags === 'bigint' && (flags & constants.RWF_DONTCACHE.value) !== 0n,
  );

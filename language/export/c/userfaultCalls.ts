import { constants } from '../../catalogue/constants';
import type { Value } from '../../simulator/value';
import { contentOf, type Emit, fdText, number, size } from './emit';
import { addressText, flagsText } from './words';

const at = (addr: Value | undefined): string => addressText(number(addr));
const mode = (value: Value | undefined, what: string): string =>
  number(value) === 0n ? '0' : flagsText(number(value), 'uffd', `UFFDIO_${what}_MODE_`);

/** A call of the runtime with descriptor, place, length and mode. */
const ranged =
  (call: string, what: string): Emit =>
  ({ args: [f, addr, len, flags] }) => [`return ${call}(${fdText(f)}, ${at(addr)}, ${size(len)}, ${mode(flags, what)});`];

/** userfaultfd(2) and its ioctls. */
export const userfaultCalls = {
  userfaultfd: ({ args: [flags], outcome }) => {
    const word = number(flags);
    const known = constants.UFFD_USER_MODE_ONLY.value;
    const parts = [
      ...((word & known) !== 0n ? ['UFFD_USER_MODE_ONLY'] : []),
      ...((word & ~known) !== 0n ? [flagsText(word & ~known, 'open').replace(/^O_RDONLY \| /, '')] : []),
    ];
    const call = `syscall(SYS_userfaultfd, ${parts.join(' | ') || '0'})`;
    const given = outcome.kind === 'ok' && typeof outcome.value === 'bigint' ? `fd[${outcome.value}] = ` : '';
    return [`return ${given}${call};`];
  },
  uffd_api: ({ args: [f, features] }) => [
    `return uffd_api(${fdText(f)}, ${number(features) === 0n ? '0' : flagsText(number(features), 'uffd_feature')});`,
  ],
  uffd_register: ranged('uffd_register', 'REGISTER'),
  uffd_unregister: ({ args: [f, addr, len] }) => [`return uffd_unregister(${fdText(f)}, ${at(addr)}, ${size(len)});`],
  uffd_read: ({ args: [f] }) => [`return uffd_read(${fdText(f)});`],
  uffd_copy: ({ args: [f, addr, bytes, flags] }) => [
    ...contentOf(bytes),
    `return uffd_copy(${fdText(f)}, ${at(addr)}, ${mode(flags, 'COPY')});`,
  ],
  uffd_zeropage: ranged('uffd_zeropage', 'ZEROPAGE'),
  uffd_continue: ranged('uffd_continue', 'CONTINUE'),
  uffd_poison: ranged('uffd_poison', 'POISON'),
  uffd_writeprotect: ranged('uffd_writeprotect', 'WRITEPROTECT'),
  uffd_move: ({ args: [f, to, from, len, flags] }) => [
    `return uffd_move(${fdText(f)}, ${at(to)}, ${at(from)}, ${size(len)}, ${mode(flags, 'MOVE')});`,
  ],
  uffd_wake: ({ args: [f, addr, len] }) => [`return uffd_wake(${fdText(f)}, ${at(addr)}, ${size(len)});`],
} satisfies Record<string, Emit>;

/** What headers older than the call do not have. */
export const USERFAULT_DEFINES = `
${Object.entries(constants)
  .filter(([name]) => name.startsWith('UFFD'))
  .map(([name, { value }]) => `#ifndef ${name}\n#define ${name} ${value}ULL\n#endif`)
  .join('\n')}
#ifndef UFFDIO_CONTINUE
struct uffdio_continue { struct uffdio_range range; __u64 mode; __s64 mapped; };
#define UFFDIO_CONTINUE _IOWR(UFFDIO, 7, struct uffdio_continue)
#endif
#ifndef UFFDIO_POISON
struct uffdio_poison { struct uffdio_range range; __u64 mode; __s64 updated; };
#define UFFDIO_POISON _IOWR(UFFDIO, 8, struct uffdio_poison)
#endif
#ifndef UFFDIO_MOVE
struct uffdio_move { __u64 dst, src, len, mode; __s64 move; };
#define UFFDIO_MOVE _IOWR(UFFDIO, 5, struct uffdio_move)
#endif
`;

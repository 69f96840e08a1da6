import type { Value } from '../../simulator/value';
import type { TracedStep } from '../trace';
import { contentOf, type Emit, fdText, number, result, size } from './emit';
import { processText } from './processCalls';
import { addressText, enumText, flagsText, pathText } from './words';

/** Identifiers of segments that a program remembers. */
const MOST_SEGMENTS = 64n;
/** A process and a segment that there is not. */
const NOBODY = '0x3fffffff';

const segment = (id: Value | undefined): string =>
  number(id, -1n) >= 0n && number(id) < MOST_SEGMENTS ? `report->shm[${number(id)}]` : NOBODY;

const fixed = (opcode: string, { args: [ring, f, addr, length, offset, index] }: TracedStep): string[] => [
  `return io_uring_fixed(${fdText(ring)}, ${opcode}, ${fdText(f)}, ${addressText(number(addr))}, ${size(length)}, ${size(offset)}, ${number(index)});`,
];

/** Calls through which processes share memory, and look into each other's. */
export const ipcCalls = {
  shmget: (step) => {
    const [key, length, flags] = step.args;
    const given = result(step);
    const call = `shmget(${number(key)}, ${size(length)}, ${flagsText(number(flags), 'shmget')})`;
    return [given === undefined || given >= MOST_SEGMENTS ? `return ${call};` : `return report->shm[${given}] = ${call};`];
  },
  shmat: (step) => {
    const [id, addr, flags] = step.args;
    const at = number(addr) === 0n ? (result(step) ?? 0n) : number(addr);
    return [`return (long)shmat(${segment(id)}, ${addressText(at)}, ${flagsText(number(flags), 'shmat')});`];
  },
  shmdt: ({ args: [addr] }) => [`return shmdt(${addressText(number(addr))});`],
  shmctl: ({ args: [id, cmd] }) => ['struct shmid_ds s;', `return shmctl(${segment(id)}, ${enumText(number(cmd), 'shmctl')}, &s);`],

  process_vm_readv: ({ args: [pid, addr, length] }) => [
    `struct iovec there = { ${addressText(number(addr))}, ${size(length)} };`,
    `return content(process_vm_readv(${processText(pid)}, into(${size(length)}), 1, &there, 1, 0));`,
  ],
  process_vm_writev: ({ args: [pid, addr, bytes] }) => [
    ...contentOf(bytes),
    `struct iovec there = { ${addressText(number(addr))}, used };`,
    `return process_vm_writev(${processText(pid)}, into(used), 1, &there, 1, 0);`,
  ],
  proc_mem_write: ({ args: [pid, addr, bytes] }) => [
    ...contentOf(bytes),
    `return write_memory_of(${processText(pid)}, ${addressText(number(addr))});`,
  ],

  pread_to: ({ args: [f, addr, length, offset] }) => [
    `void *volatile p = ${addressText(number(addr))}; /* NULL is no mistake of the program's */`,
    `return pread(${fdText(f)}, p, ${size(length)}, ${size(offset)});`,
  ],
  pwrite_from: ({ args: [f, addr, length, offset] }) => [
    `void *volatile p = ${addressText(number(addr))}; /* NULL is no mistake of the program's */`,
    `return pwrite(${fdText(f)}, p, ${size(length)}, ${size(offset)});`,
  ],

  io_uring_setup: (step) => {
    const given = result(step);
    return [`${given === undefined ? 'return' : `return fd[${given}] =`} io_uring_setup(${number(step.args[0])});`];
  },
  io_uring_register: ({ args: [f, opcode, addr, length] }) => [
    `return io_uring_register(${number(f) === -1n ? '-1' : `or_closed(${fdText(f)})`}, ${enumText(number(opcode), 'io_uring_register')}, ${addressText(number(addr))}, ${size(length)});`,
  ],
  io_uring_read_fixed: (step) => fixed('IORING_OP_READ_FIXED', step),
  io_uring_write_fixed: (step) => fixed('IORING_OP_WRITE_FIXED', step),

  mlockall: ({ args: [flags] }) => [`return mlockall(${flagsText(number(flags), 'mlockall')});`],
  munlockall: () => ['return munlockall();'],
  cgroup_attach: ({ args: [group] }) => [`return attach_to(${pathText(group)});`],
} satisfies Record<string, Emit>;

import { constants } from '../../catalogue/constants';
import type { Value } from '../../simulator/value';
import type { TracedStep } from '../trace';
import { type Emit, number, result } from './emit';
import { flagsText, pathText } from './words';

/** What `clone()` without flags asks for: a thread, as pthread_create makes it. */
const THREAD = ['CLONE_VM', 'CLONE_FS', 'CLONE_FILES', 'CLONE_SIGHAND', 'CLONE_THREAD'] as const;

const cloneFlags = (flags: Value | undefined): bigint =>
  number(
    flags,
    THREAD.reduce((sum, name) => sum + constants[name].value, 0n),
  );

/** Whether a step makes a process that shares its parent's memory and goes on beside it: it needs an arena of its own. */
export const needsArena = (step: TracedStep): boolean =>
  step.call === 'clone' && result(step) !== undefined && (cloneFlags(step.args[0]) & constants.CLONE_VM.value) !== 0n;

/** The process that has this number in the simulator. */
export const processText = (pid: Value | undefined): string => `process_of(${number(pid)})`;

/** Processes: their beginning, their end, and signals. */
export const processCalls = {
  fork: (step) => [`return fork_as(${step.who}, ${result(step) ?? 0});`],
  vfork: (step) => [`return vfork_as(${step.who}, ${result(step) ?? 0});`],
  clone: (step, arena) => {
    const flags = cloneFlags(step.args[0]);
    const text = flags === 0n ? '0' : flagsText(flags, 'clone');
    const child = result(step);
    return [
      child === undefined
        ? `return syscall(SYS_clone, ${text}, 0, 0, 0, 0);`
        : `return clone_as(${step.who}, ${child}, ${text}, ${arena});`,
    ];
  },
  execve: ({ args: [path] }) => [`return execv(${pathText(path)}, (char *[]){ "", NULL });`],
  exit: ({ args: [status] }) => [`return finish(${number(status)});`],
  wait: ({ args: [pid] }) => [`return wait_for(${number(pid, -1n)});`],
  kill: ({ args: [pid, sig], outcome }) => [
    outcome.kind === 'signal' && !outcome.fatal
      ? `return send_itself(${number(sig)});`
      : `return kill(${processText(pid)}, ${number(sig)});`,
  ],
} satisfies Record<string, Emit>;

import type { Constant } from '../types';

/** Signals of x86-64 Linux (arch/x86/include/uapi/asm/signal.h). */
export const signals = {
  SIGHUP: { value: 1n, groups: ['signal'], doc: 'Hangup' },
  SIGINT: { value: 2n, groups: ['signal'], doc: 'Interrupt' },
  SIGQUIT: { value: 3n, groups: ['signal'], doc: 'Quit' },
  SIGILL: { value: 4n, groups: ['signal'], doc: 'Illegal instruction' },
  SIGTRAP: { value: 5n, groups: ['signal'], doc: 'Trace trap' },
  SIGABRT: { value: 6n, groups: ['signal'], doc: 'Abort' },
  SIGBUS: {
    value: 7n,
    groups: ['signal'],
    doc: 'Bus error: the mapping is there, the page behind it is not (beyond the end of the file, I/O error)',
  },
  SIGFPE: { value: 8n, groups: ['signal'], doc: 'Arithmetic error' },
  SIGKILL: { value: 9n, groups: ['signal'], doc: 'Kill; cannot be caught, and `raises` does not catch it either' },
  SIGUSR1: { value: 10n, groups: ['signal'], doc: 'User-defined signal 1' },
  SIGSEGV: {
    value: 11n,
    groups: ['signal'],
    doc: 'Segmentation fault: no mapping at that address, or one that does not permit the access',
  },
  SIGUSR2: { value: 12n, groups: ['signal'], doc: 'User-defined signal 2' },
  SIGPIPE: { value: 13n, groups: ['signal'], doc: 'Write to a pipe without readers' },
  SIGALRM: { value: 14n, groups: ['signal'], doc: 'Timer' },
  SIGTERM: { value: 15n, groups: ['signal'], doc: 'Termination' },
  SIGCHLD: { value: 17n, groups: ['signal'], doc: 'A child stopped or ended; ignored by default' },
  SIGCONT: { value: 18n, groups: ['signal'], doc: 'Continue' },
  SIGSTOP: { value: 19n, groups: ['signal'], doc: 'Stop; cannot be caught' },
} as const satisfies Record<string, Constant>;

import type { DiagnosticEntry } from './types';

/** Every code that a diagnostic or a run-time error can carry, with the page that explains it. Codes never change their meaning. */
export const diagnostics = {
  // Text
  syntax: {
    title: 'The text cannot be read',
    doc: 'The statement does not follow the grammar. It is skipped to the end of its line, or to the brace that closes what it opened; everything else is still understood.',
  },
  'nesting-limit': { title: 'Nested too deeply', doc: 'Blocks, parentheses and operators may be nested 200 deep.' },
  'number-range': {
    title: 'A number out of range',
    doc: 'Integers are exact from -2^63 to 2^64-1; larger ones are errors, never rounded.',
  },
  // Names
  'unknown-name': {
    title: 'Nothing has this name',
    doc: 'A name must be a process, a param, a let, a loop variable, a variable of the process that acts, an observable or a constant.',
  },
  'unknown-constant': {
    title: 'No such constant',
    doc: "Upper-case names are the system's constants: O_RDONLY, PROT_READ, MAP_SHARED, EFAULT, SIGBUS, …",
  },
  'unknown-call': {
    title: 'No such call or routine',
    doc: 'After `WHO:` stands a system call by its name in the man pages, a CPU access (load, store, touch), or a routine of this file or an import.',
  },
  'unknown-process': { title: 'No such process', doc: 'Declare it with `process NAME`, or name it with `fork() as NAME`.' },
  'unknown-design': { title: 'No such design', doc: 'A built-in design, or one made with `design NAME = BASE { … }`.' },
  'unknown-option': {
    title: 'No such option here',
    doc: 'Each machine, mount type, file, process, cgroup and design has options of its own.',
  },
  'unknown-observable': {
    title: 'Nothing of this name can be asked here',
    doc: 'What can be asked depends on what stands before the dot.',
  },
  'unknown-event': {
    title: 'Nothing of this name is counted',
    doc: '`events` counts the kernel functions that the simulator enters, of some also what they came to, `violations` the invariants I1 to I7 and those of a design.',
  },
  'unknown-filesystem': { title: 'No such filesystem type', doc: 'xfs, btrfs, ext4, tmpfs, erofs, hugetlbfs, msharefs, overlay.' },
  'unknown-host': { title: 'No such host', doc: 'Declare it with `host NAME`.' },
  'unknown-scenario': { title: 'No such scenario', doc: 'The file has no scenario with that title.' },
  'unknown-param': { title: 'No such param', doc: 'The file declares no param with that name.' },
  duplicate: { title: 'The name is taken', doc: 'Two things with one name in one place.' },
  'reserved-name': {
    title: 'A name that a process variable may not have',
    doc: 'A process variable may not be named like a process, a param, a let or a process observable.',
  },
  // Checks
  'argument-count': { title: 'Wrong number of arguments', doc: 'The call takes more or fewer arguments.' },
  'argument-kind': {
    title: 'An argument of the wrong kind',
    doc: 'A number where content is wanted, a string where a number is wanted, and so on.',
  },
  'wrong-constant': { title: 'A constant that does not belong here', doc: 'The flag belongs to another call or argument.' },
  'option-kind': { title: 'An option value of the wrong kind', doc: 'The option takes another kind of value.' },
  'missing-option': { title: 'An option is missing', doc: 'The statement needs this option.' },
  'declaration-late': { title: 'A declaration after the first step', doc: 'What exists before the first step is declared before it.' },
  misplaced: {
    title: 'A statement that may not stand here',
    doc: 'For example `return` outside a routine, or `under` that is not first in its scenario.',
  },
  'who-missing': { title: 'Nobody does it', doc: 'A call needs who makes it: `p: call(…)`, or a line in `p { … }` or in a routine.' },
  'who-wrong': { title: 'The wrong one does it', doc: "Some calls are the kernel's (`kernel: reclaim(…)`), the others a process's." },
  'bool-int-mix': { title: 'Booleans and integers mixed', doc: 'As in C, `a & 1 == 0` is `a & (1 == 0)`. Parentheses say what is meant.' },
  'type-mismatch': {
    title: 'The operator does not take these',
    doc: 'Numbers compute with numbers, content joins content, conditions are booleans.',
  },
  'design-not-named': {
    title: 'A design that the scenario does not name',
    doc: 'After `under` stand designs that the `under` at the head of the scenario names.',
  },
  'unreachable-design': { title: 'Nobody can get there', doc: 'The scenario is never run under that design.' },
  'range-empty': { title: 'An empty range', doc: 'Both ends of a range are included; the first must not be larger.' },
  'import-missing': { title: 'The imported file cannot be read', doc: 'Imports are relative to the file that imports.' },
  'import-cycle': { title: 'Files import each other', doc: 'Repeats are harmless, cycles are not.' },
  'bind-nothing': { title: 'There is no result to bind', doc: 'The call returns nothing.' },
  'as-without-fork': { title: '`as` names a new process', doc: 'Only fork, vfork and clone make one.' },
  'not-implemented': {
    title: 'The simulator cannot do this yet',
    doc: 'The language knows it, the simulator does not. Nothing is guessed: the run is refused.',
  },
  // Run
  errno: { title: 'A call failed', doc: 'The call returned an errno that nobody expected; `expect p: CALL fails ERRNO` expects one.' },
  signal: { title: 'A signal came', doc: 'An access raised a signal that nobody expected; `expect p: ACCESS raises SIGNAL` expects one.' },
  'expect-failed': { title: 'An expectation does not hold', doc: 'Both sides are shown as they were at that point.' },
  'invariant-failed': { title: 'An invariant does not hold', doc: 'The invariant was true until this step.' },
  violation: { title: 'The machine broke one of its rules', doc: 'An invariant does not hold and the design is not known to break it.' },
  'dead-process': { title: 'The process has ended', doc: 'A process that has ended does nothing any more.' },
  'name-in-use': { title: 'A live process has this name', doc: '`as` must give a name that no live process has.' },
  'unbound-variable': { title: 'The variable has no value yet', doc: 'Nothing was bound to it in this process.' },
  'division-by-zero': { title: 'Division by zero', doc: 'The right side of / or % is 0.' },
  overflow: { title: 'A result out of range', doc: 'Integers are exact from -2^63 to 2^64-1.' },
  'wrong-value': { title: 'A value of the wrong kind', doc: 'The operation takes another kind of value.' },
  'would-wait': { title: 'The call would wait', doc: 'Calls can wait only inside `parallel`.' },
  deadlock: { title: 'Nobody can go on', doc: 'Every branch waits and nobody is left to wake one.' },
  'setup-failed': { title: 'A declaration cannot be carried out', doc: 'For example a file on no mount, or a reflink on ext4.' },
  'out-of-memory': { title: 'No memory left', doc: 'The simulated machine is full and nothing can be reclaimed.' },
  'step-limit': { title: 'Too many steps', doc: 'A run has at most 10 million steps unless the setting says otherwise.' },
  'call-depth-limit': { title: 'Routines call each other too deeply', doc: 'Calls may be nested 200 deep.' },
  'history-limit': { title: 'Too much history', doc: 'The history of a run may take 1 GiB.' },
  internal: { title: 'A mistake of ours', doc: 'This should not happen; please report the scenario.' },
} as const satisfies Record<string, DiagnosticEntry>;

export type DiagnosticCode = keyof typeof diagnostics;

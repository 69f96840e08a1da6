import type { FlagEntry, Legend, LegendEntry } from './types';

/** What a frame can be, by the `kind` of its cells. */
export type FrameKind = 'free' | 'zero' | 'anon' | 'ksm' | 'file' | 'shmem' | 'device' | 'table' | 'page';

const KINDS: readonly (LegendEntry & { readonly kind: FrameKind })[] = [
  { kind: 'free', letter: '·', name: 'free', doc: 'Nobody has this frame.', tint: 'none' },
  { kind: 'file', letter: 'F', name: 'page cache', doc: 'A page of a file, in the file’s own address_space.', tint: 'blue' },
  { kind: 'anon', letter: 'A', name: 'anonymous', doc: 'Private memory of a process, or a private copy of a file’s page.', tint: 'green' },
  { kind: 'shmem', letter: 'S', name: 'shmem', doc: 'A page of tmpfs, of a memfd or of shared anonymous memory.', tint: 'orange' },
  {
    kind: 'device',
    letter: 'X',
    name: 'design’s cache',
    doc: 'A page that the sharing design caches by its block, beneath the files’ own.',
    tint: 'yellow',
  },
  { kind: 'ksm', letter: 'K', name: 'KSM', doc: 'A page that KSM merged.', tint: 'red' },
  { kind: 'table', letter: 'T', name: 'page table', doc: 'A PGD, PUD, PMD or PTE table.', tint: 'purple' },
  { kind: 'zero', letter: 'Z', name: 'zero page', doc: 'The page of zeros that every process may map and nobody owns.', tint: 'grey' },
  { kind: 'page', letter: 'P', name: 'allocated', doc: 'Allocated, belonging to nothing yet or any more.', tint: 'grey' },
];

const entry = (letter: string, name: string, doc: string): FlagEntry => ({ letter, name, doc });
const DIRTY = entry('D', 'dirty', 'Newer than what is on disk.');
const WRITEBACK = entry('W', 'writeback', 'Being written to disk.');

export const LEGEND: Legend = {
  kinds: KINDS,
  frameFlags: [
    DIRTY,
    WRITEBACK,
    entry('R', 'referenced', 'Referenced once since it was last looked at.'),
    entry('H', 'active', 'On the active LRU list.'),
  ],
  pageFlags: [entry('U', 'uptodate', 'Holds what the file holds.'), DIRTY, WRITEBACK],
  pteFlags: [
    entry('P', 'present', 'Maps a frame.'),
    entry('W', 'writable', 'Stores go through without a fault.'),
    entry('A', 'accessed', 'The CPU has used it.'),
    entry('D', 'dirty', 'The CPU has written through it.'),
    entry('S', 'soft-dirty', 'Written since soft-dirty bits were last cleared.'),
    entry('U', 'uffd-wp', 'Write-protected by userfaultfd, also where nothing is mapped.'),
    entry('X', 'anon-exclusive', 'The anonymous page belongs to this process alone (PageAnonExclusive): no copy on write.'),
    entry('G', 'guard', 'Nothing is mapped, and an access raises SIGSEGV (MADV_GUARD_INSTALL).'),
    entry('B', 'poisoned', 'Nothing is mapped, and an access raises SIGBUS (UFFDIO_POISON).'),
    entry('O', 'swapped out', 'Maps nothing and names a slot of swap (a swap entry): an access brings the page back.'),
  ],
};

/** The letters of those that are set, `-` for the others. */
export function letters(entries: readonly FlagEntry[], isSet: readonly boolean[]): string {
  return entries.map(({ letter }, index) => (isSet[index] === true ? letter : '-')).join('');
}

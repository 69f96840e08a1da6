/** Words that a statement or item can begin with: what to write, and what it means. Reserved only where a statement starts. */
export interface KeywordEntry {
  /** How it is written, with placeholders as VS Code snippets have them. */
  readonly snippet: string;
  readonly doc: string;
  /** Where it may stand. */
  readonly in: 'file' | 'declaration' | 'statement';
}

export const keywords = {
  scenario: {
    in: 'file',
    snippet: 'scenario "${1:title}" {\n\t$0\n}',
    doc: 'A scenario: what exists, what each process does, what must be true after it.',
  },
  routine: {
    in: 'file',
    snippet: 'routine ${1:name}(${2:path}) {\n\t$0\n}',
    doc: 'Steps with a name: `p: n = name(args)` runs them as p. Names bound in it are local.',
  },
  import: {
    in: 'file',
    snippet: 'import "${1:common.mmscn}"',
    doc: "Brings in another file's routines, params and designs. Relative; repeats are harmless, cycles an error.",
  },
  design: {
    in: 'file',
    snippet: 'design ${1:name} = ${2:extent_cache} { $0 }',
    doc: 'A variant of a built-in design: `design NAME = BASE { option = value }`.',
  },
  param: {
    in: 'declaration',
    snippet: 'param ${1:n} = ${2:10}',
    doc: 'A number that the run may override (command line, launch configuration, sweep).',
  },
  under: {
    in: 'declaration',
    snippet: 'under ${1:baseline}',
    doc: 'First in a scenario: the designs it speaks about. The first is the default of a debug run.',
  },
  machine: { in: 'declaration', snippet: 'machine { memory = ${1:64M} }', doc: 'The host. Every field has a default.' },
  host: {
    in: 'declaration',
    snippet: 'host ${1:n2}',
    doc: 'Further machines on the same storage: `process q on n2`, `n2.memory.cached`. Simulator choice: names, sizes and blocks of files on disk are the same on every host at once; caches are each its own, and nothing keeps them in step.',
  },
  mount: { in: 'declaration', snippet: 'mount ${1:xfs} at "${2:/data}"', doc: 'A filesystem of one type at a place; options in braces.' },
  file: {
    in: 'declaration',
    snippet: 'file "${1:/data/a}" { size = ${2:4 pages}; content = "${3:A}" }',
    doc: 'A file on disk, nothing of it cached.',
  },
  directory: { in: 'declaration', snippet: 'directory "${1:/data/d}" { mode = ${2:0755} }', doc: 'A directory with owner and mode.' },
  reflink: {
    in: 'declaration',
    snippet: 'reflink "${1:/data/a}" to "${2:/data/b}"',
    doc: 'The second file shares all extents of the first on disk, before the scenario starts.',
  },
  snapshot: {
    in: 'declaration',
    snippet: 'snapshot "${1:/data/a}" to "${2:/data/b}"',
    doc: 'A btrfs snapshot, before the scenario starts.',
  },
  dedupe: {
    in: 'declaration',
    snippet: 'dedupe "${1:/data/a}", "${2:/data/b}"',
    doc: 'Equal blocks of two files become shared extents, before the scenario starts.',
  },
  process: {
    in: 'declaration',
    snippet: 'process ${1:p}',
    doc: 'Processes with empty address spaces: `process p, q`, `process db[1500]`, `process p { uid = 1000 }`, `process p in "/db"`, `process q on n2`.',
  },
  cgroup: { in: 'declaration', snippet: 'cgroup "${1:/db}" { limit = ${2:1G} }', doc: 'A memory control group.' },
  expect: {
    in: 'statement',
    snippet: 'expect ${0:condition}',
    doc: 'What must be true here: `expect COND under DESIGNS : "why"`; or `expect p: CALL fails ERRNO`, `expect p: ACCESS raises SIGNAL`.',
  },
  invariant: { in: 'statement', snippet: 'invariant ${0:condition}', doc: 'Checked after every step from here on.' },
  let: { in: 'statement', snippet: 'let ${1:x} = $0', doc: 'A value with a name; it never changes.' },
  if: { in: 'statement', snippet: 'if ${1:condition} {\n\t$0\n}', doc: '`if COND { … } else { … }`.' },
  for: {
    in: 'statement',
    snippet: 'for ${1:i} in ${2:0..9} {\n\t$0\n}',
    doc: '`for i in 0..9` (both ends included), `for w in db`, `for x in [a, b]`.',
  },
  repeat: { in: 'statement', snippet: 'repeat ${1:3} {\n\t$0\n}', doc: 'The block that many times.' },
  step: {
    in: 'statement',
    snippet: 'step "${1:what follows}"',
    doc: 'Names the lines after it, for the outline, the timeline and reports.',
  },
  parallel: {
    in: 'statement',
    snippet: 'parallel {\n\t${1:p} { $2 }\n\t${3:q} { $0 }\n}',
    doc: 'Branches that interleave between steps and where the kernel sleeps; one order per seed. A branch may have branches of its own.',
  },
  return: { in: 'statement', snippet: 'return $0', doc: "A routine's result." },
} as const satisfies Record<string, KeywordEntry>;

export type Keyword = keyof typeof keywords;

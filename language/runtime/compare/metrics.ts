/** One thing that a comparison counts for each run; its name is the observable's where there is one. */
export interface Metric {
  readonly name: string;
  readonly title: string;
  /** Its title where a run stands, not ended. */
  readonly now?: string;
  /** What a value counts in: `pages` are kept in bytes and shown in pages of 4 KiB. */
  readonly unit: 'pages' | 'bytes' | 'count';
  readonly doc: string;
  /** The observable behind it, all hosts together. */
  readonly of?: readonly [owner: 'memory' | 'disk' | 'faults' | 'design' | 'run', name: string];
}

/** What a comparison counts, in the order in which tables show it. */
export const METRICS = [
  { name: 'memory.peak', title: 'frames used at most', unit: 'pages', doc: 'The most frames in use after any step.' },
  {
    name: 'memory.used',
    title: 'frames used at the end',
    now: 'frames used',
    unit: 'pages',
    doc: 'Frames in use.',
    of: ['memory', 'used'],
  },
  { name: 'memory.cached', title: 'page cache', unit: 'pages', doc: 'Frames in the page cache.', of: ['memory', 'cached'] },
  { name: 'disk.reads', title: 'disk reads', unit: 'pages', doc: 'What was read from disks.', of: ['disk', 'reads'] },
  { name: 'disk.writes', title: 'disk writes', unit: 'pages', doc: 'What was written to disks.', of: ['disk', 'writes'] },
  { name: 'disk.checksums', title: 'checksums', unit: 'count', doc: 'Blocks whose checksum was computed.', of: ['disk', 'checksums'] },
  { name: 'disk.decompressed', title: 'decompressed', unit: 'pages', doc: 'What came out of decompression.', of: ['disk', 'decompressed'] },
  { name: 'faults.minor', title: 'minor faults', unit: 'count', doc: 'Faults without a disk read.', of: ['faults', 'minor'] },
  { name: 'faults.major', title: 'major faults', unit: 'count', doc: 'Faults with a disk read.', of: ['faults', 'major'] },
  { name: 'design.hits', title: 'hits', unit: 'count', doc: 'Pages that the design served without a read.', of: ['design', 'hits'] },
  { name: 'design.copies', title: 'copies', unit: 'count', doc: 'Pages copied to end sharing.', of: ['design', 'copies'] },
  { name: 'design.breaks', title: 'breaks', unit: 'count', doc: 'Times that sharing was ended.', of: ['design', 'breaks'] },
  {
    name: 'design.invalidations',
    title: 'invalidations',
    unit: 'count',
    doc: 'Pages dropped because their block changed elsewhere.',
    of: ['design', 'invalidations'],
  },
  {
    name: 'stale_reads',
    title: 'stale reads',
    unit: 'count',
    doc: 'Reads that did not return the newest write.',
    of: ['run', 'stale_reads'],
  },
  { name: 'violations', title: 'violations', unit: 'count', doc: 'Times that an invariant did not hold after a step.' },
  {
    name: 'memory.descriptors',
    title: 'descriptors',
    unit: 'bytes',
    doc: 'Folio descriptors.',
    of: ['memory', 'descriptors'],
  },
  { name: 'memory.page_tables', title: 'page tables', unit: 'bytes', doc: 'Page tables.', of: ['memory', 'page_tables'] },
  {
    name: 'audit_sites',
    title: 'audit sites',
    unit: 'count',
    doc: "Steps in which a page's owner was not the inode at work.",
    of: ['run', 'audit_sites'],
  },
  { name: 'expectations.met', title: 'expectations met', unit: 'count', doc: 'Lines with an `expect` that held each time.' },
  { name: 'expectations.failed', title: 'expectations failed', unit: 'count', doc: 'Lines with an `expect` that did not hold.' },
] as const satisfies readonly Metric[];

export type MetricName = (typeof METRICS)[number]['name'];

/** A number for each metric; undefined where the simulator has none. */
export type Values = Readonly<Partial<Record<MetricName, number>>>;

export function metricNamed(name: string): Metric | undefined {
  return METRICS.find((metric) => metric.name === name);
}

/** One mapping as /proc/PID/smaps (or maps) tells it. Addresses and amounts in bytes. */
export interface Mapping {
  readonly start: number;
  readonly end: number;
  /** `r`, `w`, `x` as they stand, `shared` from the fourth letter. */
  readonly prot: readonly string[];
  readonly shared: boolean;
  readonly offset: number;
  /** Major and minor number and inode: which file it is, whatever it is called. */
  readonly file: string;
  readonly inode: number;
  /** `/usr/lib/libc.so.6`, `[heap]`, or empty; ` (deleted)` is taken off. */
  readonly path: string;
  readonly deleted: boolean;
  /** Of smaps; undefined where there are only maps. */
  readonly rss?: number;
  readonly anonymous?: number;
  readonly swap?: number;
  readonly huge?: number;
  readonly hugetlb?: boolean;
}

const HEAD = /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])([x-])([ps]) ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+)(?:\s+(.*))?$/;

/** The mappings of a text of smaps or maps; lines that are neither are passed over. */
export function readSmaps(text: string): Mapping[] {
  const found: { -readonly [K in keyof Mapping]: Mapping[K] }[] = [];
  for (const line of text.split('\n')) {
    const head = HEAD.exec(line);
    if (head) {
      const [, start, end, r, w, x, kind, offset, device, inode, name = ''] = head;
      const path = name.replace(/\\012/g, '\n').replace(/ \(deleted\)$/, '');
      found.push({
        start: parseInt(start!, 16),
        end: parseInt(end!, 16),
        prot: [...(r === 'r' ? ['PROT_READ'] : []), ...(w === 'w' ? ['PROT_WRITE'] : []), ...(x === 'x' ? ['PROT_EXEC'] : [])],
        shared: kind === 's',
        offset: parseInt(offset!, 16),
        file: `${device}:${inode}`,
        inode: Number(inode),
        path,
        deleted: name.endsWith(' (deleted)'),
      });
      continue;
    }
    const mapping = found.at(-1);
    const field = /^(\w+):\s+(\d+) kB/.exec(line);
    if (mapping && field) {
      const bytes = Number(field[2]) * 1024;
      if (field[1] === 'Rss') mapping.rss = bytes;
      if (field[1] === 'Anonymous') mapping.anonymous = bytes;
      if (field[1] === 'Swap') mapping.swap = bytes;
      if (field[1] === 'AnonHugePages' || field[1] === 'ShmemPmdMapped' || field[1] === 'FilePmdMapped')
        mapping.huge = (mapping.huge ?? 0) + bytes;
    }
    if (mapping && /^VmFlags:.*\bht\b/.test(line)) mapping.hugetlb = true;
  }
  return found.filter(({ start, end }) => start < end && end <= 2 ** 47);
}

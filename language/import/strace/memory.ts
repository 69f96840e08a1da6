import type { Inode } from './files';

/** A stretch of an address space that one call of the log mapped. Addresses are the log's; in the scenario they are `variable + (address - base)`. */
export interface Region {
  readonly start: number;
  readonly end: number;
  readonly variable: string;
  /** The log's address that `variable` stands for, and where the mapping that it was made for ended. */
  readonly base: number;
  readonly shared: boolean;
  readonly prot: readonly string[];
  readonly inode?: Inode;
  /** Where in the file `start` is. */
  readonly offset: number;
  /** Nobody has touched it in the scenario so far, and somebody has to. */
  readonly untouched: boolean;
}

/** Whole pages. */
export function pageUp(value: number): number {
  return Math.ceil(value / 4096) * 4096;
}

/** What a process has mapped, as far as the scenario has it, too. */
export class AddressSpace {
  /** By address, none overlaps another. */
  private regions: Region[] = [];
  private readonly uses = new Map<string, number>();
  /** The program break: where it began, and where it is. */
  heap: { start: number; end: number } | undefined;
  /** Some region is untouched. */
  untouched = false;

  copy(): AddressSpace {
    const copy = new AddressSpace();
    copy.regions = [...this.regions];
    for (const [name, count] of this.uses) copy.uses.set(name, count);
    if (this.heap) copy.heap = { ...this.heap };
    copy.untouched = this.untouched;
    return copy;
  }

  /** A variable for a new mapping: the first that no mapping needs any more. */
  variable(name: string): string {
    if (!this.uses.has(name)) return name;
    for (let n = 2; ; n++) if (!this.uses.has(`${name}_${n}`)) return `${name}_${n}`;
  }

  /** Some mapping is in this variable. */
  has(variable: string): boolean {
    return this.uses.has(variable);
  }

  /** The parts of regions that lie in a range, by address. */
  within(start: number, end: number): Region[] {
    const found: Region[] = [];
    for (let i = this.firstEndingAfter(start); i < this.regions.length && this.regions[i]!.start < end; i++)
      found.push(part(this.regions[i]!, start, end));
    return found;
  }

  at(address: number): Region | undefined {
    const region = this.regions[this.firstEndingAfter(address)];
    return region && region.start <= address ? region : undefined;
  }

  insert(region: Region): void {
    this.replace(region.start, region.end, [region]);
    if (region.untouched) this.untouched = true;
  }

  remove(start: number, end: number): void {
    this.replace(start, end, []);
  }

  /** Gives the regions of a range other properties. */
  change(start: number, end: number, properties: Partial<Pick<Region, 'prot' | 'untouched'>>): void {
    this.replace(
      start,
      end,
      this.within(start, end).map((region) => ({ ...region, ...properties })),
    );
  }

  /** All untouched regions, which are touched from now on. */
  touch(): Region[] {
    const found = this.regions.filter((region) => region.untouched);
    this.regions = this.regions.map((region) => (region.untouched ? { ...region, untouched: false } : region));
    this.untouched = false;
    return found;
  }

  private replace(start: number, end: number, by: readonly Region[]): void {
    const first = this.firstEndingAfter(start);
    let last = first;
    while (last < this.regions.length && this.regions[last]!.start < end) last++;
    const old = this.regions.slice(first, last);
    const edges = [...old.slice(0, 1), ...old.slice(-1)];
    const left = edges[0] && edges[0].start < start ? [part(edges[0], 0, start)] : [];
    const right = edges[1] && edges[1].end > end ? [part(edges[1], end, Infinity)] : [];
    const fresh = [...left, ...by, ...right];
    for (const region of fresh) this.count(region.variable, 1);
    for (const region of old) this.count(region.variable, -1);
    this.regions.splice(first, last - first, ...fresh);
  }

  private count(variable: string, by: number): void {
    const count = (this.uses.get(variable) ?? 0) + by;
    if (count === 0) this.uses.delete(variable);
    else this.uses.set(variable, count);
  }

  private firstEndingAfter(address: number): number {
    let low = 0;
    let high = this.regions.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.regions[middle]!.end > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function part(region: Region, from: number, to: number): Region {
  const start = Math.max(region.start, from);
  const end = Math.min(region.end, to);
  if (start === region.start && end === region.end) return region;
  return { ...region, start, end, offset: region.offset + (start - region.start) };
}

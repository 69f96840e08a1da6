import { Content } from './content';
import { PAGE_SIZE } from './units';

interface Entry {
  readonly content: Content;
  /** Address (page frame or block number) of the first page of `content`; undefined: `content` is one page, the same at any address. */
  readonly base: number | undefined;
}

/**
 * What pages contain, by number, for columns of frames and of disk blocks. 0 is a page of zeros. A number stands for one page,
 * or for a long content laid out over consecutive addresses, so that a run of different pages of one file is still one value.
 */
export class PageContents {
  private readonly entries: Entry[] = [{ content: Content.zeros(PAGE_SIZE), base: undefined }];
  private readonly single = new Map<number, number>();
  private readonly pagesOf = new Map<Content, Map<number, number>>();
  private readonly laid = new Map<Content, Map<number, number>>();

  /** The number of one page. */
  page(content: Content): number {
    if (content.isZero()) return 0;
    const key = content.hash();
    const known = this.single.get(key);
    if (known !== undefined && this.entries[known]!.content.equals(content)) return known;
    this.entries.push({ content, base: undefined });
    this.single.set(key, this.entries.length - 1);
    return this.entries.length - 1;
  }

  /** The number of `content` (whole pages) laid out from address `base`. */
  layout(content: Content, base: number): number {
    if (content.length === PAGE_SIZE) return this.page(content);
    const first = content.slice(0, PAGE_SIZE);
    if (content.equals(first.repeat(content.length))) return this.page(first);
    return this.lay(content, base);
  }

  /** The content of the page at `address` in a column that holds `number` there. */
  at(number: number, address: number): Content {
    return this.run(number, address, 1);
  }

  /** The bytes of `count` pages from `address` in a column that holds `number` for all of them. */
  run(number: number, address: number, count: number): Content {
    const { content, base } = this.entries[number]!;
    if (base === undefined) return count === 1 ? content : content.repeat(count * PAGE_SIZE);
    return content.slice((address - base) * PAGE_SIZE, (address - base + count) * PAGE_SIZE);
  }

  /** A number that pages of equal content have in common, whatever they are a part of; for the page at `address` in a column that holds `number`. */
  alike(number: number, address: number): number {
    const { content, base } = this.entries[number]!;
    if (base === undefined) return number;
    let pages = this.pagesOf.get(content);
    if (pages === undefined) this.pagesOf.set(content, (pages = new Map()));
    let page = pages.get(address - base);
    if (page === undefined) pages.set(address - base, (page = this.page(this.at(number, address))));
    return page;
  }

  /** Whether a run of `number` is one page again and again. */
  uniform(number: number): boolean {
    return this.entries[number]!.base === undefined;
  }

  /** The number that gives, `distance` addresses further, what `number` gives here. */
  moved(number: number, distance: number): number {
    const { content, base } = this.entries[number]!;
    return base === undefined || distance === 0 ? number : this.lay(content, base + distance);
  }

  private lay(content: Content, base: number): number {
    let bases = this.laid.get(content);
    if (bases === undefined) this.laid.set(content, (bases = new Map()));
    let number = bases.get(base);
    if (number === undefined) {
      this.entries.push({ content, base });
      bases.set(base, (number = this.entries.length - 1));
    }
    return number;
  }
}

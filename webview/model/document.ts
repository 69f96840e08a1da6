import type { Block, Line } from './lines';

/** The lines of a pane from top to bottom; knows where each stands without making it. */
export class LineDocument {
  readonly count: number;
  /** Pixels. */
  readonly height: number;
  private readonly firstLine: number[] = [];
  private readonly firstPixel: number[] = [];

  constructor(private readonly blocks: readonly Block[]) {
    let lines = 0;
    let pixels = 0;
    for (const block of blocks) {
      this.firstLine.push(lines);
      this.firstPixel.push(pixels);
      lines += block.lines;
      pixels += block.lines * block.height;
    }
    this.count = lines;
    this.height = pixels;
  }

  line(index: number): Line {
    const k = last(this.firstLine, index);
    return this.blocks[k]!.line(index - this.firstLine[k]!);
  }

  /** Pixels from the top of the pane to the top of the line. */
  top(index: number): number {
    const k = last(this.firstLine, index);
    return this.firstPixel[k]! + (index - this.firstLine[k]!) * this.blocks[k]!.height;
  }

  heightOf(index: number): number {
    return this.blocks[last(this.firstLine, index)]!.height;
  }

  /** The line at a height, clipped to the lines there are. */
  at(pixel: number): number {
    if (this.count === 0) return 0;
    const k = last(this.firstPixel, Math.max(0, pixel));
    const block = this.blocks[k]!;
    const line = this.firstLine[k]! + Math.floor((Math.max(0, pixel) - this.firstPixel[k]!) / block.height);
    return Math.min(line, this.count - 1);
  }

  /** The line on which a slot of a band stands. */
  find(band: string, at: number): number | undefined {
    for (const [k, block] of this.blocks.entries()) {
      const line = block.find?.(band, at);
      if (line !== undefined) return this.firstLine[k]! + line;
    }
    return undefined;
  }

  /** The head of a row, by its id. */
  findHead(id: string): number | undefined {
    for (const [k, block] of this.blocks.entries()) {
      if (block.lines !== 1) continue;
      const line = block.line(0);
      if (line.type === 'head' && line.id === id) return this.firstLine[k]!;
    }
    return undefined;
  }

  /** The stretches of bands that the lines from `from` to `to` (exclusive) show; a band with runs in between has several. */
  slots(from: number, to: number): { band: string; from: number; count: number }[] {
    const result: { band: string; from: number; count: number }[] = [];
    for (const [k, block] of this.blocks.entries()) {
      const first = Math.max(0, from - this.firstLine[k]!);
      const end = Math.min(block.lines, to - this.firstLine[k]!);
      const part = first < end ? block.slots?.(first, end) : undefined;
      if (part !== undefined) result.push(part);
    }
    return result;
  }
}

/** Index of the last element that is at most `value`; elements ascend. Empty blocks share a start: the last one wins. */
function last(starts: readonly number[], value: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

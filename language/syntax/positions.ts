/** A place as people count: line and column from 1, columns in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Offsets to lines and back. Lines end with \n, \r\n or \r. */
export class LineMap {
  private readonly starts: number[] = [0];

  constructor(private readonly text: string) {
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === 10 || (c === 13 && text.charCodeAt(i + 1) !== 10)) this.starts.push(i + 1);
    }
  }

  get lineCount(): number {
    return this.starts.length;
  }

  /** Offsets outside the text count as its start or end. */
  place(offset: number): Place {
    const at = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.starts[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - this.starts[low]! + 1 };
  }

  line(offset: number): number {
    return this.place(offset).line;
  }

  /** Lines outside the text count as its first or last, columns beyond the line's end as its end. */
  offset({ line, column }: Place): number {
    const index = Math.max(0, Math.min(line, this.starts.length) - 1);
    return Math.max(this.starts[index]!, Math.min(this.starts[index]! + column - 1, this.endOfLine(index + 1)));
  }

  startOfLine(line: number): number {
    return this.starts[Math.max(0, Math.min(line, this.starts.length) - 1)]!;
  }

  /** The offset of the line's end, its line break not included. */
  endOfLine(line: number): number {
    const next = this.starts[line];
    if (next === undefined) return this.text.length;
    return this.text[next - 1] === '\n' && this.text[next - 2] === '\r' ? next - 2 : next - 1;
  }
}

/** A line keeps that many characters; what is longer is no log's. */
const LONGEST = 2 * 2 ** 20;

/** Pieces of a text to its lines, with no more of it in memory than one. */
export class Lines {
  private rest = '';

  constructor(private readonly line: (text: string) => void) {}

  add(piece: string): void {
    let from = 0;
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', from)) {
      this.put(this.rest + piece.slice(from, at));
      this.rest = '';
      from = at + 1;
    }
    if (this.rest.length < LONGEST) this.rest += piece.slice(from);
  }

  end(): void {
    if (this.rest !== '') this.put(this.rest);
    this.rest = '';
  }

  private put(text: string): void {
    this.line(text.endsWith('\r') ? text.slice(0, -1) : text);
  }
}

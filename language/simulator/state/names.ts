/** Strings by number, for columns and for the arguments of micro-steps. Only grows: a number once given keeps its string. */
export class Names {
  private readonly texts: string[] = [''];
  private readonly ids = new Map<string, number>([['', 0]]);

  id(text: string): number {
    let id = this.ids.get(text);
    if (id === undefined) {
      id = this.texts.length;
      this.texts.push(text);
      this.ids.set(text, id);
    }
    return id;
  }

  /** The number of `text`, if it was ever given one. */
  known(text: string): number | undefined {
    return this.ids.get(text);
  }

  text(id: number): string {
    return this.texts[id] ?? '';
  }
}

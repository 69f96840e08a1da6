/** Changes of a count over frames or slots of swap, as steps of a difference: where the sum is not 0, two ways of counting disagree. */
export class Difference {
  private readonly steps = new Map<number, number>();

  add(first: number, count: number, by: number): void {
    this.steps.set(first, (this.steps.get(first) ?? 0) + by);
    this.steps.set(first + count, (this.steps.get(first + count) ?? 0) - by);
  }

  /** The first where the sum is not 0, with the sum. */
  first(): { at: number; by: number } | undefined {
    let sum = 0;
    for (const at of [...this.steps.keys()].sort((a, b) => a - b)) {
      sum += this.steps.get(at)!;
      if (sum !== 0) return { at, by: sum };
    }
    return undefined;
  }
}

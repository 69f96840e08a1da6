/** Milliseconds for which the editor may have to wait. */
const SLICE = 25;

/** Does long work in slices, before each of which `goOn` is told where it is; when that says no, the work is given up and what it was at comes back. */
export async function inSlices<At, Result>(
  work: Generator<At, Result>,
  goOn: (at: At) => boolean,
): Promise<{ readonly done: true; readonly result: Result } | { readonly done: false; readonly at: At }> {
  for (;;) {
    let step = work.next();
    for (const end = performance.now() + SLICE; !step.done && performance.now() < end;) step = work.next();
    if (step.done) return { done: true, result: step.value };
    if (!goOn(step.value)) return { done: false, at: step.value };
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!goOn(step.value)) return { done: false, at: step.value };
  }
}

import type { Place } from '../../language/runtime/position';
import type { Run } from '../../language/runtime/run';
import { isInText, rangeOf, sourceOf } from './places';
import { counted, formatValue } from './variables/format';

/** What is said in the debug console: failed expectations and the end of the run, each once, however often one steps over it. */
export class Narration {
  /** What failed in statements before this one has been told. */
  private told = 0;
  private ended = false;

  constructor(private readonly event: (event: string, body: object) => void) {}

  /** A new run begins. */
  begin(): void {
    this.told = 0;
    this.ended = false;
  }

  say(text: string, run?: Run, place?: Place, category = 'console'): void {
    const at = run && place && isInText(run.program, place) ? { source: sourceOf(place.uri), line: rangeOf(run.program, place).line } : {};
    this.event('output', { category, output: `${text}\n`, ...at });
  }

  tell(run: Run): void {
    for (const { entry, place, text, reason, left, right } of run.failures) {
      if (entry < this.told) continue;
      this.told = entry + 1;
      this.say(`Failed: ${text} (${bothSides({ left, right })})${reason ? `: ${reason}` : ''}`, run, place, 'stderr');
    }
    if (run.ended && !this.ended) this.tellEnd(run);
    this.ended ||= run.ended !== undefined;
  }

  private tellEnd(run: Run): void {
    const failed = run.failures.length;
    const expectations =
      failed > 0
        ? `${failed} of ${counted(run.expectations.length, 'expectation')} failed`
        : `all ${counted(run.expectations.length, 'expectation')} hold`;
    const summary = `${counted(run.steps, 'step')}, ${counted(run.microsteps, 'micro-step')} under ${run.design}`;
    if (run.ended?.kind !== 'error') return this.say(`End of run: ${run.expectations.length > 0 ? `${expectations}; ` : ''}${summary}.`);
    this.say(`The run ended with ${run.ended.error.code}: ${run.ended.error.message}`, run, run.ended.error.place, 'stderr');
  }
}

/** What the two sides of a failed expectation were. */
export function bothSides({ left, right }: Pick<Run['failures'][number], 'left' | 'right'>): string {
  return `left is ${shown(left)}, right is ${shown(right)}`;
}

function shown(value: Parameters<typeof formatValue>[0] | string): string {
  return typeof value === 'string' ? value : formatValue(value, { hex: false });
}

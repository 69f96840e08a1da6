import type { Run } from '../../language/runtime/run';
import type { Debugger } from './debugger';
import { formatValue } from './variables/format';

/** Prints a log point's message; `{expression}` in it is replaced by the value. */
export function logPoint(debug: Debugger, run: Run, message: string): void {
  const text = message.replace(/\{([^{}]*)\}/g, (_all, expression: string) => {
    const result = run.evaluate(expression);
    return result.error === undefined ? formatValue(result.value, { hex: false }) : `{${expression}: ${result.error}}`;
  });
  debug.say(text, run.location.place);
}

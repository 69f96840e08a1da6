import type { Output } from '../terminal';

/** Lines to the output, many at a time. */
export function put(lines: Iterable<string>, out: Output): void {
  let text = '';
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < 65_536) continue;
    out.write(text);
    text = '';
  }
  out.write(text);
}

/** What one line of a log says. `pid` is 0 where the log names none (strace without -f). */
export type LogLine =
  | { readonly kind: 'call'; readonly pid: number; readonly name: string; readonly args: string; readonly result: string }
  | { readonly kind: 'unfinished'; readonly pid: number; readonly name: string; readonly args: string }
  | { readonly kind: 'resumed'; readonly pid: number; readonly name: string; readonly args: string; readonly result: string }
  | { readonly kind: 'ended'; readonly pid: number; readonly status: number; readonly signal?: string }
  /** A line of strace's that says nothing about memory: a signal, a stack frame, a process attached. */
  | { readonly kind: 'other'; readonly pid: number };

const PREFIX = /^(?:\[pid\s+(\d+)(?:<[^>]*>)?\]|(\d{1,7})(?:<[^>]*>)?(?=\s))?\s*/;
/** -t, -tt, -ttt, -r and their mixtures; then -i. */
const TIMES = /^(?:(?:\d\d:\d\d:\d\d(?:[.,]\d+)?|\d+\.\d+|\d{9,}|\(\+\s*\d+\.\d+\))\s+)*(?:\[[0-9a-f?]{8,16}\]\s+)?/;
const CALL = /^([a-z_][a-z0-9_]*)\(/;
const RESUMED = /^<\.\.\.\s+([a-z_][a-z0-9_]*)\s+resumed>\s?/;
const UNFINISHED = /\s*<unfinished \.\.\.>\s*\)?\s*(?:= \?)?$/;
const ENDED = /^\+\+\+ (?:exited with (\d+)|killed by (SIG\w+)(?: \(core dumped\))?) \+\+\+/;
const OTHER = /^(?:---.*---|\+\+\+.*\+\+\+|strace: |>\s)/;

/** Reads one line as strace 4.5 to 6.x writes it; `undefined` where it is none of strace's, or was cut. */
export function readLine(line: string): LogLine | undefined {
  const prefix = PREFIX.exec(line)!;
  const pid = Number(prefix[1] ?? prefix[2] ?? 0);
  let rest = line.slice(prefix[0].length);
  rest = rest.slice(TIMES.exec(rest)![0].length);
  const ended = ENDED.exec(rest);
  if (ended) return { kind: 'ended', pid, status: Number(ended[1] ?? 0), ...(ended[2] !== undefined && { signal: ended[2] }) };
  if (OTHER.test(rest)) return { kind: 'other', pid };
  rest = rest.replace(/\s+<\d+\.\d+>\s*$/, '');
  const resumed = RESUMED.exec(rest);
  if (resumed) {
    const unfinished = rest.endsWith('<unfinished ...>') ? undefined : whole(rest.slice(resumed[0].length));
    return unfinished && { kind: 'resumed', pid, name: resumed[1]!, ...unfinished };
  }
  const call = CALL.exec(rest);
  if (!call) return undefined;
  const body = rest.slice(call[0].length);
  if (body.includes('<unfinished ...>') && UNFINISHED.test(body))
    return { kind: 'unfinished', pid, name: call[1]!, args: body.replace(UNFINISHED, '') };
  const parts = whole(body);
  return parts && { kind: 'call', pid, name: call[1]!, ...parts };
}

/** `ARGS) = RESULT` in its two parts. The result never holds `) = `; the arguments may. */
function whole(text: string): { args: string; result: string } | undefined {
  for (let at = text.lastIndexOf(' = '); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(' = ', at - 1)) {
    let end = at;
    while (end > 0 && text[end - 1] === ' ') end--;
    if (text[end - 1] === ')') return { args: text.slice(0, end - 1), result: text.slice(at + 3).trim() };
  }
  return undefined;
}

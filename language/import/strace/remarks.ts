import type { Summary } from './scenario';

/** How a log is made that has all that an import can use. */
export const HOW = 'strace -f -y -o LOG -e trace=memory,desc,file,process,ipc COMMAND';

/** What whoever imports should know: `PLACE: what; what to do`. */
export function remarks(name: string, summary: Summary): string[] {
  const { problem, strange, firstStrange, fullAt } = summary;
  const found: string[] = [];
  if (problem !== undefined) return [`${name}:${firstStrange?.line ?? 1}: ${problem}${shown(firstStrange)}; a log is made by ${HOW}`];
  if (strange > 0)
    found.push(
      `${name}:${firstStrange?.line}: ${strange} ${strange === 1 ? 'line' : 'lines'} left out that strace does not write, or only half${shown(firstStrange)}`,
    );
  if (fullAt !== undefined)
    found.push(`${name}:${fullAt}: the scenario ends here, the log at line ${summary.lines}: --limit N takes more steps`);
  return found;
}

function shown(first: Summary['firstStrange']): string {
  return first ? `: ${first.text.slice(0, 60).replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')}` : '';
}

import type { Beside, PanelState } from '../protocol';
import { change, number } from './format';

/** What a screen reader says after a stop: where the run stands, what happened, and the first few changes. */
export function announcement(state: PanelState): string {
  const { summary, timeline, changes, beside } = state;
  const parts = [`Step ${number(timeline.position)} of ${number(timeline.length)}, ${summary.status}.`];
  const done = timeline.steps.find((row) => row.step === timeline.position);
  if (done !== undefined) parts.push(`${done.who}: ${done.text}.`);
  if (summary.sentence !== '')
    parts.push(summary.stack.length > 0 ? `${summary.stack.at(-1)}: ${summary.sentence}.` : `${summary.sentence}.`);
  if (changes.total > 0) {
    const first = changes.rows.slice(0, 3).map((row) => [row.what, row.changes.map(change).join(', ')].filter(Boolean).join(': '));
    const more = changes.total - first.length;
    parts.push(
      `${number(changes.total)} ${changes.total === 1 ? 'change' : 'changes'}: ${first.join('; ')}${more > 0 ? `; ${number(more)} more` : ''}.`,
    );
  }
  if (beside !== null) parts.push(besideText(beside));
  return parts.join(' ').replace(/\.\./g, '.');
}

/** How the run beside is different, the first two things. */
function besideText({ design, problem, differences: { rows, total } }: Beside): string {
  if (problem !== '') return `Under ${design}: ${problem}.`;
  if (total === 0) return `Under ${design} nothing differs.`;
  const first = rows.slice(0, 2).map(({ what, here, there }) => `${what}: ${here}, there ${there}`);
  const more = total - first.length;
  return `Under ${design} ${number(total)} ${total === 1 ? 'thing differs' : 'things differ'}: ${first.join('; ')}${more > 0 ? `; ${number(more)} more` : ''}.`;
}

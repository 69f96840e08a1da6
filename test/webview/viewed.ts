import type { Run } from '../../language/runtime/run';
import { answerPanel } from '../../language/runtime/view/answer';
import { textView } from '../../webview/model/text';
import { FIRST_CHOICE, wantOf } from '../../webview/model/want';
import { checkReply, type PanelState, type Want } from '../../webview/protocol';

/** What the panel gets of a run where it stands. */
export function viewed(run: Run, change: Partial<Want> = {}): PanelState {
  const reply = checkReply(answerPanel(run, { kind: 'state', want: { ...wantOf(FIRST_CHOICE, [], null), ...change } }), 'reply');
  if (reply.kind !== 'state') throw new Error(`no state but ${reply.kind}`);
  return reply.state;
}

/** The paragraphs of the text view under a heading, up to the next of its level. */
export function section(state: PanelState, heading: string): string {
  const all = textView(state);
  const from = all.findIndex(({ text }) => text.startsWith(heading));
  if (from < 0) throw new Error(`no heading ${heading} among ${all.map(({ text }) => text).join('\n')}`);
  const level = all[from]!.level;
  const end = all.findIndex((paragraph, index) => index > from && paragraph.level > 0 && paragraph.level <= level);
  return all
    .slice(from + 1, end < 0 ? undefined : end)
    .map(({ text }) => text)
    .join('\n');
}

/** Text as it stands in a test: without the indentation and the line breaks around it. */
export function plain(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}

/** Moves a run to behind its `count`-th statement. */
export function after(run: Run, count: number): Run {
  run.moveTo(run.before(count));
  return run;
}

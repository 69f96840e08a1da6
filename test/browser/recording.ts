import * as fs from 'node:fs';
import type { Run, RunOptions } from '../../language/runtime/run';
import { Shadows } from '../../extension/debug/shadows';
import { answerPanel } from '../../language/runtime/view/answer';
import type { PanelState, Want } from '../../webview/protocol';
import { start } from '../runtime/running';

/** What stands behind the panel in place of VS Code and a debug adapter: states by the position of the run. */
export interface Recording {
  readonly steps: number;
  state(position: number, want: Want): PanelState;
}

/** A whole run, which answers whatever is wanted. */
export function answered(run: Run): Recording {
  while (run.forward());
  return {
    steps: run.length,
    state(position, want) {
      run.moveTo(run.before(position));
      return answerPanel(run, { kind: 'state', want }).state;
    },
  };
}

/** The messages of a run as text that could have been kept in a file: the same whatever is wanted. */
export function recorded(recording: Recording, want: Want): Recording {
  const states = Array.from({ length: recording.steps + 1 }, (_, position) => JSON.stringify(recording.state(position, want)));
  return { steps: recording.steps, state: (position) => JSON.parse(states[position]!) as PanelState };
}

/** The same, with a run of each of the other designs that can be shown beside it. */
export function accompanied(run: Run, others: Readonly<Record<string, Run>>): Recording {
  while (run.forward());
  const shadows = new Shadows(
    run,
    Object.entries(others).map(([label, other]) => ({ label, run: other })),
  );
  const company = { designs: Object.keys(others), along: 1 };
  return {
    steps: run.length,
    state(position, want) {
      run.moveTo(run.before(position));
      for (const _ of shadows.following());
      const asked = want.beside === null ? undefined : (shadows.run(want.beside.design) ?? { problem: 'there is no such design' });
      return answerPanel(run, { kind: 'state', want }, { ...company, ...(asked && { asked }) }).state;
    },
  };
}

export function sample(name: string, options: RunOptions = {}): Run {
  return start(fs.readFileSync(`samples/${name}.mmscn`, 'utf8'), options);
}

import type * as vscode from 'vscode';

/** What was chosen for a scenario, kept with the workspace. */
export interface Chosen {
  /** Designs and variants; absent: all. */
  readonly designs?: readonly string[];
  /** The last range of a param, as it was written. */
  readonly range?: string;
}

const KEY = 'mmscn.compare';
const LAST = 'mmscn.compare.last';
/** Scenarios that are remembered; the oldest go first. */
const MOST = 200;

/** Remembers choices by file and title. */
export class Memory {
  constructor(private readonly state: vscode.Memento) {}

  of(program: string, scenario: string): Chosen {
    return this.all()[keyOf(program, scenario)] ?? {};
  }

  /** What was compared last. */
  get last(): { readonly program: string; readonly scenario: string } | undefined {
    return this.state.get(LAST);
  }

  async keepLast(last: { readonly program: string; readonly scenario: string }): Promise<void> {
    await this.state.update(LAST, last);
  }

  async keep(program: string, scenario: string, chosen: Chosen): Promise<void> {
    const key = keyOf(program, scenario);
    const { [key]: before, ...others } = this.all();
    const entries = [...Object.entries(others), [key, { ...before, ...chosen }]].slice(-MOST) as [string, Chosen][];
    await this.state.update(KEY, Object.fromEntries(entries));
  }

  private all(): Readonly<Record<string, Chosen>> {
    return this.state.get<Record<string, Chosen>>(KEY, {});
  }
}

function keyOf(program: string, scenario: string): string {
  return `${program}#${scenario}`;
}

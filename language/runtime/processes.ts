import { Column } from '../simulator/state/column';
import type { Journal } from '../simulator/state/journal';
import { RefColumn } from '../simulator/state/refs';
import type { Value } from '../simulator/value';

/** What a process name stands for: one process or an array of them. `made` tells which activation of a block is still adding to it. */
export interface Group {
  readonly array: boolean;
  readonly pids: readonly number[];
  readonly made?: object;
}

/** The variables that `kernel: x = …` binds. */
export const KERNEL = 0;

/** Process names and process variables, journaled: stepping back undoes them with the machine's state. */
export class Processes {
  private readonly groupNumbers = new Map<string, number>();
  private readonly groups: RefColumn<Group>;
  private readonly names: RefColumn<string>;
  private readonly columns = new Map<string, RefColumn<Value>>();
  /** Whose variables a process sees: 0 its own, else those of that pid. */
  private readonly sharedWith: Column;

  constructor(private readonly journal: Journal) {
    this.groups = new RefColumn(journal, 'scenario.groups');
    this.names = new RefColumn(journal, 'scenario.names');
    this.sharedWith = new Column(journal, 'scenario.shared_variables');
  }

  group(name: string): Group | undefined {
    const number = this.groupNumbers.get(name);
    return number === undefined ? undefined : this.groups.get(number);
  }

  setGroup(name: string, group: Group): void {
    let number = this.groupNumbers.get(name);
    if (number === undefined) this.groupNumbers.set(name, (number = this.groupNumbers.size));
    this.groups.set(number, group);
  }

  groupNames(): string[] {
    return [...this.groupNumbers.keys()].filter((name) => this.group(name) !== undefined);
  }

  /** `p`, `db[3]`; a process that no one named is its pid. */
  nameOf(pid: number): string {
    return this.names.get(pid) ?? `process ${pid}`;
  }

  setName(pid: number, name: string): void {
    this.names.set(pid, name);
  }

  /** Every process that was ever named or born of a named one, in order of creation. */
  pids(): number[] {
    const pids: number[] = [];
    for (let pid = 1; pid < this.names.limit; pid++) if (this.names.get(pid) !== undefined) pids.push(pid);
    return pids;
  }

  variable(pid: number, name: string): Value | undefined {
    return this.columns.get(name)?.get(this.holder(pid));
  }

  setVariable(pid: number, name: string, value: Value): void {
    let column = this.columns.get(name);
    if (column === undefined) this.columns.set(name, (column = new RefColumn(this.journal, `scenario.variable.${name}`)));
    column.set(this.holder(pid), value);
  }

  variables(pid: number): Map<string, Value> {
    const found = new Map<string, Value>();
    for (const [name, column] of this.columns) {
      const value = column.get(this.holder(pid));
      if (value !== undefined) found.set(name, value);
    }
    return found;
  }

  /** The child sees its parent's variables: a copy of them (fork), or the same ones (clone). */
  inherit(parent: number, child: number, shared: boolean): void {
    if (shared) this.sharedWith.set(child, this.holder(parent));
    else for (const column of this.columns.values()) column.set(child, column.get(this.holder(parent)));
  }

  private holder(pid: number): number {
    const other = this.sharedWith.get(pid);
    return other === 0 ? pid : other;
  }
}

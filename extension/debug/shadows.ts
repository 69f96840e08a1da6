import { METRICS, type Metric } from '../../language/runtime/compare/metrics';
import { observed } from '../../language/runtime/compare/track';
import type { Run } from '../../language/runtime/run';
import { difference } from '../../language/export/comparison/amount';
import { Container, type Item } from './variables/container';
import { observablesOf } from './variables/object';

/** A run that goes along, and how its design was asked for. */
export interface Shadow {
  readonly label: string;
  readonly run: Run;
}

/** The same scenario under other designs, each kept where the run that is debugged stands. */
export class Shadows {
  private readonly main: Statements;
  private readonly others: readonly Statements[];

  constructor(
    main: Run,
    private readonly shadows: readonly Shadow[],
  ) {
    this.main = new Statements(main);
    this.others = shadows.map(({ run }) => new Statements(run));
  }

  get any(): boolean {
    return this.others.length > 0;
  }

  /** Statements from there on have been replaced: a line was typed in the console. */
  forget(from: number): void {
    this.main.forget(from);
  }

  /** One row a design: what it has that the run has not, and beneath it everything that can be counted there. */
  container(): Container {
    this.follow();
    const { run } = this.main;
    return new Container(() => this.shadows.map((shadow) => item(run, shadow)));
  }

  private follow(): void {
    const { run } = this.main;
    const { entry, held } = run.position;
    for (const other of this.others) {
      if (run.ended) other.toEnd();
      else other.goTo(this.main, held ? entry + 1 : entry);
    }
  }
}

function item(main: Run, { label, run: shadow }: Shadow): Item {
  const children = new Container((format) => observablesOf(shadow, 'run', undefined, '', format));
  const differences = METRICS.flatMap((metric: Metric) => {
    if (!metric.of) return [];
    const [reference, here] = [observed(main.machine, ...metric.of), observed(shadow.machine, ...metric.of)];
    return reference === undefined || here === undefined || reference === here ? [] : [difference({ what: metric.name, reference, here })];
  });
  const ended = shadow.ended?.kind === 'error' && !main.ended ? ['its run has ended'] : [];
  return { name: label, value: [...ended, ...differences].join(', ') || 'nothing differs here', children };
}

/** A run's statements by line and by how often that line has come. */
class Statements {
  private readonly keys: string[] = [];
  private readonly counts = new Map<string, number>();
  private readonly byKey = new Map<string, number>();

  constructor(readonly run: Run) {}

  forget(from: number): void {
    while (this.keys.length > Math.max(0, from)) {
      const key = this.keys.pop()!;
      const line = key.slice(0, key.lastIndexOf('#'));
      this.counts.set(line, this.counts.get(line)! - 1);
      this.byKey.delete(key);
    }
  }

  /** Key of statement `index`, the one to come included. */
  key(index: number): string | undefined {
    for (let at = this.keys.length; at <= index; at++) {
      const entry = this.run.entry(at);
      if (!entry) return undefined;
      const line = `${entry.place.uri}:${entry.place.span.start}`;
      const count = (this.counts.get(line) ?? 0) + 1;
      this.counts.set(line, count);
      this.keys.push(`${line}#${count}`);
      this.byKey.set(`${line}#${count}`, at);
    }
    return this.keys[index];
  }

  /** Before the statement that is the other run's `entry`; where this run has no such one, behind the last that both have. */
  goTo(other: Statements, entry: number): void {
    for (let at = entry; at >= 0; at--) {
      const key = other.key(at);
      const found = key === undefined ? undefined : this.find(key);
      if (found !== undefined) return this.run.moveTo(this.run.before(Math.min(at === entry ? found : found + 1, this.run.length)));
    }
    this.run.moveTo(this.run.before(0));
  }

  toEnd(): void {
    this.run.moveTo(this.run.before(this.run.length));
    while (this.run.forward());
  }

  private find(key: string): number | undefined {
    const { run } = this;
    for (let at = this.keys.length; at <= run.length; at++) this.key(at);
    while (!this.byKey.has(key)) {
      run.moveTo(run.before(run.length));
      if (!run.forward()) return undefined;
      this.key(run.length);
    }
    return this.byKey.get(key);
  }
}

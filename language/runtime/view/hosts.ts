import type { Kernel } from '../../simulator/state/kernel';
import type { Run } from '../run';
import { amounts, finishAmounts } from './amounts';
import type { Unfinished } from './band';
import { FILE_AMOUNTS, filesOf } from './files';
import { fileId } from './pages';
import type { FileRow, Listing, Summary } from './types';

/** Statements that are looked at for the last one that a process did. */
const MOST_BACK = 1000;

/** The hosts of a run: one is shown slot by slot, the one on which the last step was done; of the others the numbers. */
export class Hosts {
  readonly shown: Kernel;

  constructor(private readonly run: Run) {
    this.shown = this.isAlone ? run.machine.kernel : run.machine.kernelOf(lastActor(run));
  }

  private get isAlone(): boolean {
    return this.run.machine.kernel.hosts.length === 1;
  }

  kernelOf(pid: number): Kernel {
    return this.run.machine.kernelOf(pid);
  }

  /** `q`, or where it is not the shown host's `n2: q`. */
  nameOn(k: Kernel, name: string): string {
    return k === this.shown ? name : `${this.label(k)}: ${name}`;
  }

  /** Something of every host, the first one's first; names of a further host's begin with its own. */
  all<T>(ask: (k: Kernel, prefix: string) => Unfinished<T[]>): Unfinished<T[]> {
    const parts = this.run.machine.kernel.hosts.map((k) => ask(k, k.host === 0 ? '' : `${this.label(k)}.`));
    return () => parts.flatMap((finish) => finish());
  }

  /** What the other hosts have of files, behind those of the shown one. */
  files(shown: Unfinished<Listing<FileRow>>, most: number): Unfinished<Listing<FileRow>> {
    if (this.isAlone) return shown;
    const others = this.run.machine.kernel.hosts.filter((k) => k !== this.shown);
    const rows = others.flatMap((k) => filesOf(k).map((inode) => this.fileRow(k, inode)));
    return () => {
      const first = shown();
      const room = Math.max(0, most - first.rows.length);
      return { rows: [...first.rows, ...rows.slice(0, room).map((finish) => finish())], total: first.total + rows.length };
    };
  }

  summary(summary: Summary): Summary {
    return this.isAlone ? summary : { ...summary, scenario: `${summary.scenario} · ${this.label(this.shown)}` };
  }

  private fileRow(k: Kernel, inode: number): Unfinished<FileRow> {
    const numbers = amounts(k, 'file', FILE_AMOUNTS, { kind: 'file', id: inode, host: k.host });
    const path = this.nameOn(k, k.names.text(k.inode.path.get(inode)) || `inode ${inode}`);
    const row = { id: `${fileId(inode)}@${k.host}`, path, type: `on ${this.label(k)}`, extents: { rows: [], total: 0 } };
    return () => ({ ...row, amounts: finishAmounts(numbers) });
  }

  private label(k: Kernel): string {
    return this.run.machine.hostName(k.host) || 'first host';
  }
}

function lastActor(run: Run): number {
  const { entry } = run.position;
  const from = run.between ? entry - 1 : entry;
  for (let at = from; at >= Math.max(run.oldest, from - MOST_BACK); at--) {
    const actor = run.entry(at)?.actor;
    if (typeof actor === 'number') return actor;
  }
  return 0;
}

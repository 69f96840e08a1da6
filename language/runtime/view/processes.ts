import { type Kernel, TaskState } from '../../simulator/state/kernel';
import { amounts, finishAmounts } from './amounts';
import type { Asked } from './asked';
import type { Unfinished } from './band';
import type { Hosts } from './hosts';
import { regions } from './regions';
import { type Process, spaceOf } from './spaces';
import type { Touched } from './touched';
import type { Listing, ProcessRow } from './types';
import { vmaRows } from './vmas';

const AMOUNTS = ['rss', 'page_tables', 'minflt', 'majflt'];
/** A walk over all PTEs: only for processes that are unfolded. */
const OPEN_AMOUNTS = ['rss', 'pss', 'page_tables', 'minflt', 'majflt'];

export function processId(pid: number): string {
  return `process:${pid}`;
}

/** Living processes whose name contains the filter, as ghosts those that the step ended, and the hosts of regions. `who` did the last step. */
export function processes(
  k: Kernel,
  known: readonly Process[],
  current: number,
  asked: Asked,
  touched: Touched,
  hosts: Hosts,
  who: string,
): Unfinished<Listing<ProcessRow>> {
  const matching = known.filter(
    ({ pid, name }) => name.includes(asked.want.filter) && (isAlive(hosts.kernelOf(pid), pid) || touched.tasks.has(pid)),
  );
  const rows = matching.slice(0, asked.want.processes).map((process, index) => {
    const own = hosts.kernelOf(process.pid);
    const named = { pid: process.pid, name: hosts.nameOn(own, process.name) };
    return own === k ? processRow(k, named, index, current, asked, touched) : elsewhere(own, named, current);
  });
  const shared = asked.want.filter === '' ? regions(k, known, who, rows.length, asked, touched) : [];
  return () => ({ rows: [...rows, ...shared].map((finish) => finish()), total: matching.length + shared.length });
}

/** A process of a host that is not shown: its numbers. */
function elsewhere(k: Kernel, { pid, name }: Process, current: number): Unfinished<ProcessRow> {
  const numbers = amounts(k, 'process', AMOUNTS, { kind: 'process', id: pid });
  return () => ({ id: processId(pid), name, pid, current: pid === current, amounts: finishAmounts(numbers) });
}

function isAlive(k: Kernel, pid: number): boolean {
  return (k.task.state.get(pid) as TaskState) === TaskState.Running;
}

function processRow(
  k: Kernel,
  { pid, name }: Process,
  index: number,
  current: number,
  asked: Asked,
  touched: Touched,
): Unfinished<ProcessRow> {
  const id = processId(pid);
  const lives = isAlive(k, pid);
  const isOpen = asked.isOpen(id, index);
  const numbers = amounts(k, 'process', isOpen ? OPEN_AMOUNTS : AMOUNTS, { kind: 'process', id: pid });
  const finish = isOpen ? vmaRows(k, spaceOf({ pid, name }), asked, touched) : undefined;
  return () => {
    const lived = isAlive(k, pid);
    return {
      id,
      name,
      pid,
      current: pid === current,
      amounts: finishAmounts(numbers),
      ...(finish === undefined ? {} : { vmas: finish() }),
      ...(lives && !lived ? { mark: 'A' } : !lives && lived ? { mark: 'D', ghost: true } : {}),
    };
  };
}

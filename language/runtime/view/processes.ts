import { any, VM } from '../../simulator/state/flags';
import { type Kernel, TaskState } from '../../simulator/state/kernel';
import { TASK_PAGES } from '../../simulator/state/units';
import { amounts, finishAmounts } from './amounts';
import type { Asked } from './asked';
import { band, ghostBand, type Unfinished } from './band';
import { pathOf } from './frames';
import { pteSlots, vmaId } from './ptes';
import { hex } from './slots';
import type { Hosts } from './hosts';
import type { Touched } from './touched';
import type { Change, Listing, ProcessRow, VmaRow } from './types';

const AMOUNTS = ['rss', 'page_tables', 'minflt', 'majflt'];
/** A walk over all PTEs: only for processes that are unfolded. */
const OPEN_AMOUNTS = ['rss', 'pss', 'page_tables', 'minflt', 'majflt'];

export interface Process {
  readonly pid: number;
  readonly name: string;
}

export function processId(pid: number): string {
  return `process:${pid}`;
}

/** Living processes whose name contains the filter, and as ghosts those that the step ended. */
export function processes(
  k: Kernel,
  known: readonly Process[],
  current: number,
  asked: Asked,
  touched: Touched,
  hosts: Hosts,
): Unfinished<Listing<ProcessRow>> {
  const matching = known.filter(
    ({ pid, name }) => name.includes(asked.want.filter) && (isAlive(hosts.kernelOf(pid), pid) || touched.tasks.has(pid)),
  );
  const rows = matching.slice(0, asked.want.processes).map((process, index) => {
    const own = hosts.kernelOf(process.pid);
    const named = { pid: process.pid, name: hosts.nameOn(own, process.name) };
    return own === k ? processRow(k, named, index, current, asked, touched) : elsewhere(own, named, current);
  });
  return () => ({ rows: rows.map((finish) => finish()), total: matching.length });
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
  const finish = isOpen ? vmas(k, { pid, name }, asked, touched) : undefined;
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

/** A VMA as its row shows it. */
interface Vma {
  readonly id: number;
  readonly from: number;
  readonly count: number;
  readonly permissions: string;
  readonly backing: string;
}

export function vmasOf(k: Kernel, pid: number): Vma[] {
  const mm = k.task.mm.get(pid);
  const found: Vma[] = [];
  if (mm === 0) return found;
  k.space4.of(mm).vma.runs(0, TASK_PAGES, (from, count, id) => {
    if (id !== 0) found.push({ id, from, count, permissions: permissionsOf(k, id), backing: backingOf(k, id) });
  });
  return found;
}

function vmas(k: Kernel, process: Process, asked: Asked, touched: Touched): Unfinished<Listing<VmaRow>> {
  const now = vmasOf(k, process.pid);
  const rows = now.slice(0, asked.want.vmas).map((vma, index) => vmaRow(k, process, vma, index, asked, touched));
  return () => {
    const before = vmasOf(k, process.pid);
    const gone = before.filter(({ from, count }) => !now.some((vma) => vma.from < from + count && from < vma.from + vma.count));
    const ghosts = gone.slice(0, Math.max(0, asked.want.vmas - rows.length)).map((vma) => ghostRow(k, process, vma, asked, touched));
    const all = [...rows.map((finish) => finish(before)), ...ghosts].sort((a, b) => a.from - b.from);
    return { rows: all, total: now.length + gone.length };
  };
}

function vmaRow(
  k: Kernel,
  { pid, name }: Process,
  vma: Vma,
  index: number,
  asked: Asked,
  touched: Touched,
): (before: readonly Vma[]) => VmaRow {
  const { from, count, permissions, backing } = vma;
  const id = vmaId(pid, from);
  const finish = asked.isOpen(id, index) ? band(pteSlots(k, pid, name, from, count), asked, touched) : undefined;
  return (before) => {
    const old = before.find((other) => other.from < from + count && from < other.from + other.count);
    const changes = old === undefined ? [] : vmaChanges(old, vma);
    return {
      id,
      from,
      count,
      permissions,
      backing,
      ...(finish === undefined ? {} : { band: finish() }),
      ...(old === undefined ? { mark: 'A' } : changes.length > 0 ? { mark: 'M', changes } : {}),
    };
  };
}

function ghostRow(k: Kernel, { pid, name }: Process, { from, count, permissions, backing }: Vma, asked: Asked, touched: Touched): VmaRow {
  const id = vmaId(pid, from);
  const slots = pteSlots(k, pid, name, from, count);
  return {
    id,
    from,
    count,
    permissions,
    backing,
    mark: 'D',
    ghost: true,
    band: ghostBand(slots, asked, touched),
  };
}

export function vmaChanges(old: Vma, now: Vma): Change[] {
  const pairs: [string, string, string][] = [
    ['start', hex(old.from), hex(now.from)],
    ['end', hex(old.from + old.count), hex(now.from + now.count)],
    ['', old.permissions, now.permissions],
    ['backing', old.backing, now.backing],
  ];
  return pairs.filter(([, from, to]) => from !== to).map(([name, from, to]) => ({ name, from, to }));
}

/** As in /proc/PID/maps. */
function permissionsOf(k: Kernel, id: number): string {
  const flags = k.vma.flags.get(id);
  const letter = (bit: number, is: string) => (any(flags, bit) ? is : '-');
  return letter(VM.READ, 'r') + letter(VM.WRITE, 'w') + letter(VM.EXEC, 'x') + (any(flags, VM.SHARED) ? 's' : 'p');
}

function backingOf(k: Kernel, id: number): string {
  const mapping = k.vma.mapping.get(id);
  if (mapping === 0) return '[anon]';
  const offset = k.vma.pgoff.get(id);
  return `${pathOf(k, mapping)}${offset === 0 ? '' : ` +${offset} pages`}`;
}

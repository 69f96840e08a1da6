import { attachers } from '../../simulator/mm/mshare';
import type { Kernel } from '../../simulator/state/kernel';

/** An address space as it is shown: a process's, or the host of a region whose page tables are shared. */
export interface AddressSpace {
  /** What tells its bands from another's. */
  readonly tag: string;
  readonly name: string;
  /** Its mm in the state at the moment; 0: it has none. */
  mm(k: Kernel): number;
}

export interface Process {
  readonly pid: number;
  readonly name: string;
}

export const spaceOf = ({ pid, name }: Process): AddressSpace => ({ tag: String(pid), name, mm: (k) => k.task.mm.get(pid) });

/** A region, by its number: the space of its host, which has no task. */
export const regionSpace = (k: Kernel, region: number): AddressSpace => ({
  tag: `region${region}`,
  name: `host of ${k.names.text(k.inode.path.get(k.mshare.inode.get(region)))}`,
  mm: (at) => (at.mm.mshare.get(at.mshare.mm.get(region)) === region ? at.mshare.mm.get(region) : 0),
});

/** Regions that there are now. */
export function regionsOf(k: Kernel): number[] {
  const found: number[] = [];
  for (let region = 1; region <= k.mshares.count; region++) if (regionSpace(k, region).mm(k) !== 0) found.push(region);
  return found;
}

const MOST_NAMES = 4;

/** Who maps a region: `p, q`, with very many `p, q, r, s and 1,496 more`. */
export function attachersText(k: Kernel, region: number, known: readonly Process[]): string {
  const pids = attachers(k, region);
  const names = pids.slice(0, MOST_NAMES).map((pid) => known.find((process) => process.pid === pid)?.name ?? `pid ${pid}`);
  const more = pids.length - names.length;
  return pids.length === 0 ? 'nobody' : `${names.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}`;
}

import type { Run } from '../../../language/runtime/run';
import type { ObjectRef } from '../../../language/simulator/value';
import { TASK_PAGES } from '../../../language/simulator/state/units';

/** An open file of a process. */
export interface Descriptor {
  readonly fd: number;
  /** As the file was named when it was made. */
  readonly path: string;
  /** Bytes. */
  readonly position: number;
  readonly flags: number;
}

export interface Vma {
  readonly ref: ObjectRef;
  /** Page numbers, `end` exclusive. */
  readonly start: number;
  readonly end: number;
}

/** The host in a reference; the first needs none. */
const on = (host: number): { readonly host?: number } => (host === 0 ? {} : { host });

/** The mappings of a process, by address. */
export function vmasOf(run: Run, pid: number): Vma[] {
  const k = run.machine.kernelOf(pid);
  const mm = k.task.mm.get(pid);
  const found: Vma[] = [];
  if (mm === 0) return found;
  k.space4.of(mm).vma.runs(0, TASK_PAGES, (start, count, id) => {
    if (id !== 0) found.push({ ref: { kind: 'vma', id, ...on(k.host) }, start, end: start + count });
  });
  return found;
}

export function descriptorsOf(run: Run, pid: number): Descriptor[] {
  const k = run.machine.kernelOf(pid);
  const files = k.task.files.get(pid);
  const found: Descriptor[] = [];
  if (files === 0) return found;
  k.descriptors.of(files).fd.runs(0, 1 << 20, (start, count, file) => {
    for (let fd = start; file !== 0 && fd < start + count; fd++) {
      const path = k.names.text(k.inode.path.get(k.file.inode.get(file)));
      found.push({ fd, path, position: k.file.position.get(file), flags: k.file.flags.get(file) });
    }
  });
  return found;
}

/** The files of all filesystems as a host sees them, directories left out, in the order in which they were made. */
export function filesOf(run: Run, host = 0): { readonly path: string; readonly ref: ObjectRef }[] {
  const k = run.machine.kernel.hosts[host]!;
  const found: { path: string; ref: ObjectRef }[] = [];
  for (let id = 1; id <= k.inodes.count; id++) {
    if (k.inode.mount.get(id) === 0 || k.inode.directory.get(id) !== 0) continue;
    found.push({ path: k.names.text(k.inode.path.get(id)), ref: { kind: 'file', id, ...on(host) } });
  }
  return found;
}

import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Kiocb } from '../fs/filesystem';
import { Impossible } from '../state/impossible';
import { type Kernel, TaskState } from '../state/kernel';
import { type Lock, LockKind, Sleep } from './sleep';

/**
 * Does `body` with a lock held. As everybody else runs from one sleep to the next at once, a lock is in nobody's way but while its holder sleeps: only
 * then it is recorded (`k.lock`). Whoever can't have it sleeps, or where its call can't sleep has to wait before it does anything.
 */
export function with_lock<T>(k: Kernel, lock: Lock, body: () => T): T {
  const { nap } = k;
  const why = is_held(k, lock);
  if (why !== undefined && nap === undefined) throw new Impossible('would-wait', why);
  if (why !== undefined) throw new Sleep({ kind: 'lock', lock }, why);
  if (nap === undefined) return body();
  nap.locks.push(lock);
  const result = body();
  nap.locks.pop();
  return result;
}

/** `inode_lock()`, or `inode_lock_shared()`: `i_rwsem`, which xfs calls XFS_IOLOCK. */
export const with_inode_lock = <T>(k: Kernel, inode: number, shared: boolean, body: () => T): T =>
  with_lock(k, { kind: LockKind.i_rwsem, of: inode, shared }, body);

/** `xfs_ilock_iocb()`: as `with_inode_lock()`, but a read with IOCB_NOWAIT does not wait for the lock. */
export function with_iocb_lock<T>(k: Kernel, inode: number, shared: boolean, iocb: Kiocb | undefined, body: () => T): T | Outcome {
  const why = iocb?.nowait === true ? is_held(k, { kind: LockKind.i_rwsem, of: inode, shared }) : undefined;
  return why === undefined ? with_inode_lock(k, inode, shared, body) : fail('EAGAIN', why);
}

/** `lock_two_nondirectories()`: in one order, whoever asks. */
export function with_two_inodes<T>(k: Kernel, one: number, other: number, body: () => T): T {
  if (one === other) return with_inode_lock(k, one, false, body);
  return with_inode_lock(k, Math.min(one, other), false, () => with_inode_lock(k, Math.max(one, other), false, body));
}

/** Who sleeps with a lock held that excludes this one, as a sentence; undefined: nobody. */
export function is_held(k: Kernel, { kind, of, shared }: Lock): string | undefined {
  for (let id = k.lockList.first.get(0) + 1; id <= k.locks.count; id++) {
    if (k.lock.kind.get(id) !== kind || k.lock.of.get(id) !== of || (shared && k.lock.shared.get(id) === 1)) continue;
    const holder = k.lock.task.get(id);
    if (k.task.state.get(holder) === TaskState.Running) return `${named(k, kind, of)} is held by process ${holder}, which sleeps`;
  }
  return undefined;
}

const named = (k: Kernel, kind: LockKind, of: number): string =>
  kind === LockKind.i_rwsem
    ? `i_rwsem of ${k.names.text(k.inode.path.get(of))}`
    : `f_pos_lock of an open file (${k.names.text(k.inode.path.get(k.file.inode.get(of)))})`;

/** The task falls asleep with these locks. */
export function keep_locks(k: Kernel, task: number, locks: readonly Lock[]): void {
  for (const lock of locks) {
    const id = k.locks.next();
    k.lock.kind.set(id, lock.kind);
    k.lock.of.set(id, lock.of);
    k.lock.shared.set(id, lock.shared ? 1 : 0);
    k.lock.task.set(id, task);
  }
}

/** The task is awake: it holds what it takes again before anybody else runs. */
export function forget_locks(k: Kernel, task: number): void {
  const { first } = k.lockList;
  for (let id = first.get(0) + 1; id <= k.locks.count; id++) {
    if (k.lock.task.get(id) === task) k.lock.kind.set(id, 0);
    if (k.lock.kind.get(id) === 0 && first.get(0) === id - 1) first.set(0, id);
  }
}

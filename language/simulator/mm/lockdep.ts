import type { Kernel } from '../state/kernel';

/** Classes of locks whose nesting is recorded. */
export const enum LockClass {
  /** `mmap_lock` of a process. */
  Process = 1,
  /** `mmap_lock` of a region's host. */
  Host = 2,
}

const NAMES = { [LockClass.Process]: 'mmap_lock of a process', [LockClass.Host]: 'mmap_lock of a host' } as const;

const edge = (outer: LockClass, inner: LockClass): number => outer * 4 + inner;

/**
 * `lock_acquire()`: a lock of class `inner` is taken while one of class `outer` is held. The first time the order is noted, with the functions on the way;
 * where the other order is known too, two tasks could wait for each other for ever: the violation "lockdep cycle", told once.
 */
export function lock_acquire(k: Kernel, outer: LockClass, inner: LockClass): void {
  const { path, told } = k.lockdep;
  if (path.get(edge(outer, inner)) !== 0) return;
  path.set(edge(outer, inner), k.names.id(k.trace.path().join(' → ')));
  k.trace.effect(
    outer === LockClass.Process
      ? 'the mmap_lock of the host is taken within the one of the process: the order is noted'
      : 'the mmap_lock of a process is taken within the one of the host: the order is noted',
  );
  const other = path.get(edge(inner, outer));
  if (other === 0 || told.get(0) !== 0) return;
  told.set(0, 1);
  const here = k.names.text(path.get(edge(outer, inner)));
  k.violate('lockdep cycle', `${NAMES[outer]}, then ${NAMES[inner]} (${here}); and the other way round (${k.names.text(other)})`);
}

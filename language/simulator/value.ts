import type { Content } from './state/content';

/** An object of the machine that an expression can name: compared by kind and id, NULL (0n) when absent. */
export interface ObjectRef {
  readonly kind: 'process' | 'pte' | 'vma' | 'file' | 'page' | 'mapping' | 'cgroup' | 'host' | 'mm';
  /** Which one: pid, VMA id, inode id, pfn, mapping id, cgroup id. */
  readonly id: number;
  /** For a `pte`: the page number (address / 4096) in process `id`; for a `mapping` entry: the index. */
  readonly at?: number;
  /** The host that it belongs to, where that is not the first. A process's number says it. */
  readonly host?: number;
}

/** What a call returns that fills in a structure (`struct stat`): its fields under the names that the catalogue gives them, compared one by one. */
export interface RecordValue {
  readonly kind: 'record';
  /** The call whose result it is. */
  readonly of: string;
  readonly fields: Readonly<Record<string, bigint>>;
}

/** What an expression of the language can be. Integers are bigints; a string is content. */
export type Value = bigint | boolean | Content | ObjectRef | RecordValue | readonly Value[];

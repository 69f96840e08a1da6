import { Column } from './column';
import type { Journal } from './journal';

/** One column a field. */
export type Fields<F extends string> = Readonly<Record<F, Column>>;

/** The columns of one kind of object, indexed by the object's number. */
export function table<F extends string>(journal: Journal, kind: string, fields: readonly F[]): Fields<F> {
  return Object.fromEntries(fields.map((field) => [field, new Column(journal, `${kind}.${field}`)])) as Fields<F>;
}

/**
 * Columns that every object of a kind has of its own (a file's page cache, a process's PTEs): made when first asked for.
 * An object that was created, undone and created again finds them empty, because the journal emptied them.
 */
export class PerObject<F extends string> {
  private readonly objects: Fields<F>[] = [];

  constructor(
    private readonly journal: Journal,
    private readonly kind: string,
    private readonly fields: readonly F[],
  ) {}

  of(id: number): Fields<F> {
    return (this.objects[id] ??= table(this.journal, `${this.kind}[${id}]`, this.fields));
  }
}

/** Hands out numbers from 1; undone with the journal. */
export class Ids {
  private readonly last: Column;

  constructor(journal: Journal, kind: string) {
    this.last = new Column(journal, `${kind}.last`);
  }

  next(): number {
    const id = this.last.get(0) + 1;
    this.last.set(0, id);
    return id;
  }

  /** The highest number handed out; 0 if none. */
  get count(): number {
    return this.last.get(0);
  }
}

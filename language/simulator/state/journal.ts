/**
 * The undo journal: every change of the machine's state is a record (column, start, count, old, new) in typed arrays.
 * The same records undo a step, redo it, say what it changed, and drive the incremental checks.
 */

/** What the journal writes back into. A column is one field of one kind of object, indexed by the object's number. */
export interface JournaledColumn {
  readonly id: number;
  readonly name: string;
  /** Writes without recording. */
  restore(start: number, count: number, value: number): void;
}

/** Keeps something beside the journal that has to be dropped when records are. */
export interface JournalFollower {
  /** Records from `position` on are gone. */
  discarded(position: number): void;
  /** No record is left. */
  forgotten(): void;
}

export interface JournalRecord {
  readonly column: JournaledColumn;
  readonly start: number;
  readonly count: number;
  readonly old: number;
  readonly new: number;
}

const CHUNK = 16384;

/** Bytes that one record occupies. */
export const RECORD_BYTES = 4 + 4 * 8;

class Chunk {
  readonly column = new Int32Array(CHUNK);
  readonly numbers = new Float64Array(CHUNK * 4);
}

export class Journal {
  private readonly chunks: Chunk[] = [new Chunk()];
  private readonly columns: JournaledColumn[] = [];
  private readonly followers: JournalFollower[] = [];
  /** Records before `applied` are in the state; those from `applied` to `written` have been undone and can be redone. */
  private applied = 0;
  private written = 0;

  /** Gives the column its id. */
  register(make: (id: number) => JournaledColumn): void {
    this.columns.push(make(this.columns.length));
  }

  follow(follower: JournalFollower): void {
    this.followers.push(follower);
  }

  /** Every column, by id. */
  get registered(): readonly JournaledColumn[] {
    return this.columns;
  }

  /** Number of records that are in the state now. */
  get position(): number {
    return this.applied;
  }

  get bytes(): number {
    return this.chunks.length * CHUNK * RECORD_BYTES;
  }

  append(column: number, start: number, count: number, old: number, value: number): void {
    const at = this.applied % CHUNK;
    const index = (this.applied - at) / CHUNK;
    const chunk = (this.chunks[index] ??= new Chunk());
    chunk.column[at] = column;
    const numbers = chunk.numbers;
    numbers[at * 4] = start;
    numbers[at * 4 + 1] = count;
    numbers[at * 4 + 2] = old;
    numbers[at * 4 + 3] = value;
    this.written = ++this.applied;
  }

  /** Moves the state to where `position` records are applied: undoes or redoes. */
  moveTo(position: number): void {
    if (position > this.written) throw new RangeError(`the journal has ${this.written} records, not ${position}`);
    while (this.applied > position) {
      this.applied--;
      const chunk = this.chunks[Math.floor(this.applied / CHUNK)]!;
      const at = this.applied % CHUNK;
      const n = chunk.numbers;
      this.columns[chunk.column[at]!]!.restore(n[at * 4]!, n[at * 4 + 1]!, n[at * 4 + 2]!);
    }
    while (this.applied < position) {
      const chunk = this.chunks[Math.floor(this.applied / CHUNK)]!;
      const at = this.applied % CHUNK;
      const n = chunk.numbers;
      this.columns[chunk.column[at]!]!.restore(n[at * 4]!, n[at * 4 + 1]!, n[at * 4 + 3]!);
      this.applied++;
    }
  }

  /** Forgets what was undone. */
  discardFuture(): void {
    this.written = this.applied;
    this.chunks.length = Math.floor(this.written / CHUNK) + 1;
    this.chunks[this.chunks.length - 1] ??= new Chunk();
    for (const follower of this.followers) follower.discarded(this.written);
  }

  /** Forgets everything: what has been done can't be undone any more. */
  forget(): void {
    this.applied = this.written = 0;
    this.chunks.length = 1;
    for (const follower of this.followers) follower.forgotten();
  }

  /** Visits the records from `from` to `to`, oldest first. */
  visit(
    from: number,
    to: number,
    visitor: (column: JournaledColumn, start: number, count: number, old: number, value: number) => void,
  ): void {
    for (let i = from; i < to; i++) {
      const chunk = this.chunks[Math.floor(i / CHUNK)]!;
      const at = i % CHUNK;
      const n = chunk.numbers;
      visitor(this.columns[chunk.column[at]!]!, n[at * 4]!, n[at * 4 + 1]!, n[at * 4 + 2]!, n[at * 4 + 3]!);
    }
  }

  records(from: number, to: number): JournalRecord[] {
    const out: JournalRecord[] = [];
    this.visit(from, to, (column, start, count, old, value) => out.push({ column, start, count, old, new: value }));
    return out;
  }
}

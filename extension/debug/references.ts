import { RequestError } from './protocol';

/**
 * Numbers for what a client may ask about while the run stands still: frames and containers of variables. No number is given twice in a
 * session, so that one from before the last move is recognised as stale.
 */
export class References {
  private readonly objects = new Map<number, object>();
  private next = 1;

  add(object: object): number {
    this.objects.set(this.next, object);
    return this.next++;
  }

  get<T extends object>(id: number, kind: new (...args: never[]) => T): T {
    const object = this.objects.get(id);
    if (object instanceof kind) return object;
    throw new RequestError(
      id > 0 && id < this.next ? `The reference ${id} is stale: the run has moved since.` : `There is no reference ${id}.`,
    );
  }

  clear(): void {
    this.objects.clear();
  }
}

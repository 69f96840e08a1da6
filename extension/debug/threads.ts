import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Actor } from '../../language/runtime/position';
import type { Run } from '../../language/runtime/run';
import { Mark } from '../../language/simulator/state/trace';
import { RequestError } from './protocol';

export const SCENARIO = 1;
const KERNEL = 2;
const FIRST_PROCESS = 3;
const LISTED = 200;
/** How many marks of the trace back a process counts as having stepped recently, and the line it last ran at is looked for. */
const FAR = 100_000;

/**
 * Threads as clients see them: the scenario, the kernel, and the processes. Ids come from the order of creation and never change.
 * At most 200 are listed, those that stepped last; the rest are among the variables.
 */
export class Threads {
  private announced = new Map<number, string>();
  private last: Recent | undefined;

  constructor(private readonly event: (event: string, body: object) => void) {}

  /** The threads as they were last told. */
  get announcedList(): DebugProtocol.Thread[] {
    const threads = [...this.announced].map(([id, name]) => ({ id, name }));
    return threads.length > 0 ? threads : [{ id: SCENARIO, name: 'scenario' }];
  }

  /** Tells which threads are there now and which are gone. Gives the thread that stops: the one whose step is current. */
  update(run: Run): number {
    this.last = undefined;
    const now = new Map(this.list(run).map((thread) => [thread.id, thread.name]));
    for (const id of this.announced.keys()) if (!now.has(id)) this.event('thread', { reason: 'exited', threadId: id });
    for (const id of now.keys()) if (!this.announced.has(id)) this.event('thread', { reason: 'started', threadId: id });
    this.announced = now;
    return this.idOf(run, run.location.actor);
  }

  list(run: Run): DebugProtocol.Thread[] {
    const processes = run.processes().map((process, order) => ({ ...process, id: FIRST_PROCESS + order }));
    const current = run.location.actor;
    const listed = processes.filter(({ alive, pid }) => alive || pid === current);
    const shown = listed.length <= LISTED ? listed : this.mostRecent(run, listed);
    return [
      { id: SCENARIO, name: `scenario: ${run.scenario}` },
      { id: KERNEL, name: 'kernel' },
      ...shown.map(({ id, name, pid }) => ({ id, name: `${name} (pid ${pid})` })),
    ];
  }

  idOf(run: Run, actor: Actor): number {
    if (actor === 'scenario') return SCENARIO;
    if (actor === 'kernel') return KERNEL;
    const order = run.processes().findIndex(({ pid }) => pid === actor);
    return order < 0 ? SCENARIO : FIRST_PROCESS + order;
  }

  actorOf(run: Run, id: number): Actor {
    if (id === SCENARIO) return 'scenario';
    if (id === KERNEL) return 'kernel';
    const process = run.processes()[id - FIRST_PROCESS];
    if (!process) throw new RequestError(`There is no thread ${id} here.`);
    return process.pid;
  }

  /** The executed statement in which `actor` acted last, if that is not too long ago. */
  lastEntry(run: Run, actor: Actor): number | undefined {
    return this.recent(run).of(actor);
  }

  /** The 200 that stepped last, and the one that steps now. */
  private mostRecent<T extends { readonly pid: number }>(run: Run, processes: readonly T[]): T[] {
    const recent = this.recent(run);
    while (recent.entries.size < LISTED && recent.further());
    const when = ({ pid }: T) => (pid === run.location.actor ? Infinity : (recent.entries.get(pid) ?? -1));
    const shown = new Set([...processes].sort((a, b) => when(b) - when(a)).slice(0, LISTED));
    return processes.filter((process) => shown.has(process));
  }

  private recent(run: Run): Recent {
    return (this.last ??= new Recent(run));
  }
}

/** Who acted last in which statement: walks back over the marks of the trace from the position, only as far as it is asked to. */
class Recent {
  readonly entries = new Map<Actor, number>();
  private mark: number;
  private entry: number;
  private readonly end: number;

  constructor(private readonly run: Run) {
    this.mark = run.machine.trace.position;
    this.entry = run.position.entry;
    this.end = Math.max(run.before(run.oldest).mark, this.mark - FAR);
  }

  /** To the step before; false where there is none. */
  further(): boolean {
    const { run } = this;
    const { trace } = run.machine;
    while (--this.mark >= this.end) {
      if (trace.kind(this.mark) !== Mark.Step) continue;
      while (run.before(this.entry).mark > this.mark) this.entry--;
      const actor = trace.info(this.mark).args[0] || 'kernel';
      if (!this.entries.has(actor)) this.entries.set(actor, this.entry);
      return true;
    }
    return false;
  }

  of(actor: Actor): number | undefined {
    while (!this.entries.has(actor) && this.further());
    return this.entries.get(actor);
  }
}

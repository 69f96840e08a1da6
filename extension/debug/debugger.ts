import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Run } from '../../language/runtime/run';
import type { Place } from '../../language/runtime/position';
import { Breakpoints } from './breakpoints';
import { DataBreakpoints } from './dataBreakpoints';
import { Documents } from './documents';
import { Driver, type Motion, type Stop } from './driver';
import { EXCEPTION_FILTERS } from './exceptions';
import { FunctionBreakpoints } from './functionBreakpoints';
import type { LaunchOptions } from './launch';
import { Narration } from './narration';
import { type Call, type Message, RequestError } from './protocol';
import { References } from './references';
import type { Shadows } from './shadows';
import { Threads } from './threads';

export interface DebugHost {
  /** The text of a program or an import, by the path or URI that names it. */
  readText(uri: string): Promise<string>;
  send(message: Message): void;
  /** What a client calls a program, as everybody would call it. */
  absolute?(program: string): string;
}

/** `loaded`: launched, but the client is still telling its breakpoints. `over`: `terminated` has been sent. */
type Phase = 'new' | 'loaded' | 'stopped' | 'running' | 'over';

/** The state of a session that the request handlers share. */
export class Debugger {
  readonly breakpoints = new Breakpoints();
  readonly functions = new FunctionBreakpoints();
  readonly data = new DataBreakpoints();
  /** The kinds of failures that stop the run. */
  exceptions: ReadonlySet<string> = new Set(EXCEPTION_FILTERS.filter((filter) => filter.default).map(({ filter }) => filter));
  readonly references = new References();
  readonly documents = new Documents();
  readonly threads: Threads;
  readonly narration: Narration;
  /** What the client said about itself. */
  client: DebugProtocol.InitializeRequestArguments = { adapterID: 'mmscn' };
  launch: LaunchOptions | undefined;
  /** Runs under other designs that go along. */
  shadows: Shadows | undefined;
  /** Journal positions of this stop and of the one before: what lies between is what changed. */
  private stops: { readonly now: number; readonly before: number } | undefined;

  private readonly driver = new Driver();
  private phase: Phase = 'new';
  private configured = false;
  private current: Run | undefined;

  constructor(
    readonly host: DebugHost,
    readonly event: (event: string, body?: object) => void,
  ) {
    this.threads = new Threads(event);
    this.narration = new Narration(event);
  }

  /** The run, which stands still. Throws where there is none or it moves. */
  get run(): Run {
    if (this.phase === 'new') throw new RequestError('No scenario has been launched yet.');
    if (this.phase === 'loaded') throw new RequestError('The scenario has not started yet: configurationDone is missing.');
    if (this.phase === 'running') throw new RequestError('The scenario is running: pause it first.');
    if (this.phase === 'over') throw new RequestError('The session has ended.');
    return this.current!;
  }

  /** The run, moving or not; undefined before a launch. */
  get loaded(): Run | undefined {
    return this.current;
  }

  /** Journal position of the stop before this one. */
  get stopBefore(): number {
    return this.stops?.before ?? 0;
  }

  /** Something that is another one at each stop. */
  get stop(): unknown {
    return this.stops;
  }

  get fresh(): boolean {
    return this.phase === 'new';
  }

  get isOver(): boolean {
    return this.phase === 'over';
  }

  get isRunning(): boolean {
    return this.phase === 'running';
  }

  get isStopped(): boolean {
    return this.phase === 'stopped';
  }

  /** A program has been loaded: it starts once the client is configured, too. */
  load(run: Run, options: LaunchOptions, shadows: Shadows): void {
    this.driver.abandon();
    this.current = run;
    this.shadows = shadows;
    this.launch = options;
    this.phase = 'loaded';
    this.references.clear();
    this.documents.clear();
    this.narration.begin();
    this.stops = undefined;
  }

  /** True as soon as a program is loaded and the client is configured. */
  configure(): void {
    this.configured = true;
  }

  get canBegin(): boolean {
    return this.configured && this.phase === 'loaded';
  }

  /** Lets the run begin with a stop at the entry. */
  enter(stop: Stop): void {
    this.phase = 'stopped';
    this.announce(stop);
  }

  /** Lets the run begin by moving. */
  begin(motion: (run: Run) => Motion): void {
    this.phase = 'stopped';
    this.move(motion);
  }

  /** Starts moving; a `stopped` event follows, now or later. */
  move(motion: (run: Run) => Motion): void {
    const run = this.run;
    this.phase = 'running';
    this.references.clear();
    void this.driver.drive(this.accompanied(motion(run))).then(
      (result) => {
        if (result === 'abandoned') return;
        this.phase = 'stopped';
        this.announce(result);
      },
      (bug: unknown) => {
        this.phase = 'stopped';
        this.say(`A bug in mmscn: ${bug instanceof Error ? (bug.stack ?? bug.message) : String(bug)}`);
        this.announce({ reason: 'pause', description: 'Paused on a bug in mmscn' });
      },
    );
  }

  /** The runs under other designs go along before anybody is told that the run has stopped. */
  private *accompanied(motion: Motion): Motion {
    const stop = yield* motion;
    if (this.shadows) yield* this.shadows.following();
    return stop;
  }

  /** Moves after the reply to `call` has been sent; throws at once where nothing can be moved. */
  moveAfter(call: Call, motion: (run: Run) => Motion): void {
    void this.run;
    call.after(() => this.move(motion));
  }

  pause(): void {
    this.driver.pause();
  }

  /** The run stands somewhere else, or its state differs: everything the client knows is stale. */
  announce(stop: Stop): void {
    const run = this.current!;
    const now = run.machine.journal.position;
    this.stops = { now, before: this.stops?.now ?? now };
    this.narration.tell(run);
    if (this.launch?.noDebug && run.ended) return this.terminate();
    const threadId = this.threads.update(run);
    this.event('stopped', {
      reason: stop.reason,
      ...(stop.description && { description: stop.description }),
      ...(stop.text && { text: stop.text }),
      ...(stop.hits?.length && { hitBreakpointIds: stop.hits }),
      threadId,
      ...(stop.keepFocus && { preserveFocusHint: true }),
      allThreadsStopped: true,
    });
    this.event('mmscn/changed', {});
  }

  /** A console line or a new value of a variable has become the last step. */
  changed(call: Call): void {
    const run = this.run;
    this.breakpoints.forget(run.length - 2);
    this.shadows?.forget(run.length - 2);
    const { mark } = run.before(run.length - 1);
    this.functions.forget(mark - 1);
    this.data.forget(mark - 1);
    this.documents.clear();
    this.references.clear();
    call.after(() => this.announce({ reason: 'step', keepFocus: true }));
  }

  /** Says something in the debug console. */
  say(text: string, place?: Place): void {
    this.narration.say(text, this.current, place);
  }

  /** Ends the session on our side. */
  terminate(): void {
    if (this.phase === 'over') return;
    this.close();
    const failed = this.current !== undefined && (this.current.failures.length > 0 || this.current.ended?.kind === 'error');
    this.event('exited', { exitCode: failed ? 1 : 0 });
    this.event('terminated');
  }

  /** Nothing moves and nothing is told any more. */
  close(): void {
    this.driver.abandon();
    this.phase = 'over';
  }
}

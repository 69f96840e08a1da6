import type { DebugProtocol } from '@vscode/debugprotocol';
import { Debugger, type DebugHost } from './debugger';
import { HANDLERS } from './handlers';
import { type Arguments, type Call, type Message, RequestError } from './protocol';

/** Shown by clients as the id of the error: ours, and bugs of ours. */
const REFUSED = 1;
const BUG = 2;

/** What a client asks by itself after each stop: a refusal (it asked too late) is no news to the person in front of it. */
const UNASKED = new Set([
  'threads',
  'stackTrace',
  'scopes',
  'variables',
  'source',
  'exceptionInfo',
  'completions',
  'breakpointLocations',
  'evaluate',
]);

/**
 * The debug adapter, type `mmscn`: messages in, messages out, whatever carries them (VS Code inline, in Node or a browser; stdio).
 * Every request gets exactly one reply. What a handler throws becomes an error reply, and the session lives on.
 */
export class MmscnDebugSession {
  private readonly debug: Debugger;
  private readonly pending = new Map<number, { cancelled: boolean }>();
  private sequence = 1;

  constructor(private readonly host: DebugHost) {
    this.debug = new Debugger(host, (event, body) => this.send({ type: 'event', event, ...(body && { body }) }));
  }

  /** A message of the client. Nothing is thrown; what is no request is ignored. */
  handleMessage(message: object): void {
    const request = message as Partial<DebugProtocol.Request>;
    if (request.type !== 'request') return;
    const seq = typeof request.seq === 'number' ? request.seq : 0;
    const command = String(request.command);
    const after: (() => void)[] = [];
    const state = { cancelled: false };
    const call: Call = {
      command,
      after: (action) => after.push(action),
      get cancelled() {
        return state.cancelled;
      },
    };
    const answer = (reply: object) => {
      this.pending.delete(seq);
      this.send({ type: 'response', request_seq: seq, command, ...reply });
      for (const action of after) this.guarded(action);
    };
    const fail = (error: unknown) => answer({ success: false, ...problem(error, command) });
    const succeed = (body: unknown) => answer({ success: true, ...(typeof body === 'object' && { body }) });
    this.pending.set(seq, state);
    try {
      const result = this.answerTo(command, request.arguments, call);
      if (result instanceof Promise) void result.then(succeed, fail);
      else succeed(result);
    } catch (error) {
      fail(error);
    }
  }

  /** Ends a run that is under way; nothing is sent any more. */
  dispose(): void {
    this.debug.close();
  }

  private answerTo(command: string, args: unknown, call: Call): unknown {
    const given = (typeof args === 'object' && args !== null ? args : {}) as Arguments;
    if (command === 'cancel') return this.cancel(given);
    if (!Object.hasOwn(HANDLERS, command)) throw new RequestError(`The debugger has no request ${command}.`);
    return HANDLERS[command]!(this.debug, given, call);
  }

  private cancel(args: Arguments): void {
    const request = this.pending.get(Number(args['requestId']));
    if (request) request.cancelled = true;
  }

  private guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.send({ type: 'event', event: 'output', body: { category: 'important', output: `${problem(error).message}\n` } });
    }
  }

  private send(message: object): void {
    this.host.send({ seq: this.sequence++, ...message } as Message);
  }
}

function problem(error: unknown, command = ''): { message: string; body: { error: DebugProtocol.Message } } {
  const text = error instanceof Error ? error.message : String(error);
  const message = error instanceof RequestError ? text : `A bug in mmscn: ${text}`;
  const id = error instanceof RequestError ? REFUSED : BUG;
  // In a format text, braces stand for variables.
  return {
    message,
    body: { error: { id, format: '{text}', variables: { text: message }, showUser: id === BUG || !UNASKED.has(command) } },
  };
}

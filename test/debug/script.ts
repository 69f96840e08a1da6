import type { DebugProtocol } from '@vscode/debugprotocol';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FIRST_CHOICE, wantOf } from '../../webview/model/want';
import type { PanelReply } from '../../webview/protocol';
import { Client } from './client';

/** Commands that move the run: each is answered, then followed by `stopped` or by `terminated`. */
const MOVES: Readonly<Record<string, string>> = {
  next: 'next',
  in: 'stepIn',
  out: 'stepOut',
  back: 'stepBack',
  continue: 'continue',
  reverse: 'reverseContinue',
  'back in': 'mmscn/reverseStepIn',
  'back out': 'mmscn/reverseStepOut',
};

/**
 * A whole session as text: each line of the script is a command, the log says what came of it. Files are written into a folder of their own,
 * whose name does not appear in the log.
 */
export class Script {
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-debug-'));
  private readonly client: Client;
  private readonly log: string[] = [];
  private thread = 1;
  private frame: number | undefined;

  constructor(command: string, files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(this.folder, name), text);
    this.client = new Client(command);
  }

  /** Launches main.mmscn and plays the script. Lines of breakpoints before the first `launch` are set before the run begins. */
  async play(script: string): Promise<string> {
    await this.client.start();
    try {
      for (const line of script.trim().split('\n')) await this.line(line.trim());
      await this.client.stop();
    } finally {
      this.client.hangUp();
      fs.rmSync(this.folder, { recursive: true });
    }
    return this.log
      .join('\n')
      .replaceAll(this.folder + path.sep, '')
      .replace(/\d+ micro-steps?/g, 'N micro-steps');
  }

  private async line(line: string): Promise<void> {
    if (line === '') return;
    this.log.push(`> ${line}`);
    try {
      await this.command(line);
    } catch (error) {
      this.log.push(`  error: ${(error as Error).message}`);
    }
  }

  private async command(line: string): Promise<void> {
    const [word, ...rest] = line.split(' ');
    const argument = rest.join(' ');
    if (Object.hasOwn(MOVES, line)) return this.moved(() => this.ask(MOVES[line]!, { threadId: this.thread }));
    switch (word) {
      case 'launch':
        return this.launch(argument === '' ? {} : (JSON.parse(argument) as object));
      case 'restart':
        return this.moved(() => this.ask('restart', {}));
      case 'goto':
        return this.moved(() => this.ask('mmscn/goto', { step: Number(argument) }));
      case 'break':
        return this.setBreakpoints(argument);
      case 'functions':
        return this.setFunctions(argument);
      case 'data':
        return this.setData(argument);
      case 'exceptions':
        return void (await this.ask('setExceptionBreakpoints', { filters: argument.split(' ').filter(Boolean) }));
      case 'exception':
        return this.exception();
      case 'eval':
        return this.evaluate(argument, 'watch');
      case 'run':
        return this.moved(() => this.evaluate(argument, 'repl'), false);
      case 'set':
        return this.setVariable(argument);
      case 'threads':
        return this.threads();
      case 'stack':
        return this.showStack(Number(argument));
      case 'show':
        return this.show(argument);
      case 'panel':
        return this.panel(argument);
      case 'text':
        return this.showText();
      case 'complete':
        return this.complete(argument);
      case 'ask':
        return this.raw(argument);
      case 'save':
        return fs.writeFileSync(path.join(this.folder, 'main.mmscn'), argument.replaceAll('\\n', '\n'));
      default:
        throw new Error(`the script has no command ${line}`);
    }
  }

  private async launch(options: object): Promise<void> {
    await this.client.initializeRequest({ adapterID: 'mmscn', linesStartAt1: true, columnsStartAt1: true, supportsVariablePaging: true });
    await this.moved(async () => {
      const initialized = this.client.waitForEvent('initialized').then(() => this.client.configurationDoneRequest());
      await Promise.all([this.ask('launch', { program: this.file(), ...options }), initialized]);
    });
  }

  private file(name = 'main.mmscn'): string {
    return path.join(this.folder, name);
  }

  /** Does something after which the run stops somewhere, and tells where. */
  private async moved(act: () => Promise<unknown>, surely = true): Promise<void> {
    const stopped = this.client.arrival();
    const failed = await act().then(
      () => false,
      (error: Error) => this.log.push(`  error: ${error.message}`) > 0,
    );
    // What fails or only asks may have moved the run or not: if it has, the client has heard of it by the next reply.
    if ((failed || !surely) && !(await Promise.race([stopped, this.ask('threads', {}).then(() => undefined)]))) return;
    const { event, body } = (await stopped) as DebugProtocol.StoppedEvent;
    this.tellNews();
    if (event === 'terminated') return void this.log.push('  terminated');
    this.thread = body.threadId!;
    const text = [body.description ?? body.reason, ...(body.text ? [body.text] : [])].join(': ');
    this.log.push(`  ${text} | ${(await this.stack(this.thread)).join(' < ')}`);
  }

  private tellNews(): void {
    for (const { event, body } of this.client.news() as unknown as { event: string; body: Record<string, unknown> }[]) {
      if (event === 'output')
        this.log.push(`  says: ${String(body['output']).trimEnd()}${body['line'] === undefined ? '' : ` (line ${String(body['line'])})`}`);
      if (event === 'thread') this.log.push(`  thread ${String(body['threadId'])} ${String(body['reason'])}`);
      if (event === 'exited') this.log.push(`  exit code ${String(body['exitCode'])}`);
      if (event === 'breakpoint') this.log.push(`  breakpoint ${(body['breakpoint'] as DebugProtocol.Breakpoint).line ?? '?'} changed`);
    }
  }

  private async stack(threadId: number): Promise<string[]> {
    const { stackFrames } = await this.ask<DebugProtocol.StackTraceResponse['body']>('stackTrace', { threadId });
    this.frame = stackFrames[0]?.id;
    return stackFrames.map(({ name, line }) => `${name}:${line}`);
  }

  private async setBreakpoints(argument: string): Promise<void> {
    const breakpoints = argument
      .split(',')
      .filter(Boolean)
      .map((each) => {
        const [, line, kind, text] = /^\s*(\d+)(?:\s+(if|hits|log)\s+(.*))?$/.exec(each)!;
        const field = { if: 'condition', hits: 'hitCondition', log: 'logMessage' }[kind ?? ''];
        return { line: Number(line), ...(field && { [field]: text }) };
      });
    const { body } = await this.client.setBreakpointsRequest({ source: { path: this.file() }, breakpoints });
    this.tellBreakpoints(body.breakpoints);
  }

  private async setFunctions(argument: string): Promise<void> {
    const breakpoints = argument
      .split(' ')
      .filter(Boolean)
      .map((name) => ({ name }));
    const { body } = await this.client.setFunctionBreakpointsRequest({ breakpoints });
    this.tellBreakpoints(body.breakpoints);
  }

  private async setData(argument: string): Promise<void> {
    const breakpoints = argument
      .split(', ')
      .filter(Boolean)
      .map((dataId) => ({ dataId }));
    const { body } = await this.client.setDataBreakpointsRequest({ breakpoints });
    this.tellBreakpoints(body.breakpoints);
  }

  private tellBreakpoints(breakpoints: readonly DebugProtocol.Breakpoint[]): void {
    const texts = breakpoints.map(({ verified, line, message }) => (verified ? `line ${line ?? '-'}` : `unverified: ${message}`));
    this.log.push(`  ${texts.join('; ')}`);
  }

  private async exception(): Promise<void> {
    const { exceptionId, description } = await this.ask<DebugProtocol.ExceptionInfoResponse['body']>('exceptionInfo', {
      threadId: this.thread,
    });
    this.log.push(`  ${exceptionId}: ${description}`);
  }

  private async evaluate(expression: string, context: string): Promise<void> {
    const { result } = await this.ask<DebugProtocol.EvaluateResponse['body']>('evaluate', { expression, context, frameId: this.frame });
    this.log.push(`  ${result}`);
  }

  private async setVariable(argument: string): Promise<void> {
    const [, name, value] = /^(\w+)\s*=\s*(.*)$/.exec(argument)!;
    await this.moved(async () => {
      const [scope] = await this.scopes();
      await this.ask('setVariable', { variablesReference: scope!.variablesReference, name, value });
    });
  }

  private async threads(): Promise<void> {
    const { threads } = await this.ask<DebugProtocol.ThreadsResponse['body']>('threads', {});
    this.log.push(...threads.map(({ id, name }) => `  ${id} ${name}`));
  }

  private async showStack(threadId: number): Promise<void> {
    this.log.push(`  ${(await this.stack(threadId)).join(' < ') || 'nothing'}`);
  }

  private async scopes(): Promise<DebugProtocol.Scope[]> {
    return (await this.ask<DebugProtocol.ScopesResponse['body']>('scopes', { frameId: this.frame })).scopes;
  }

  /** `show Scope / row / row`: the rows beneath; `show` alone: the scopes. */
  private async show(argument: string): Promise<void> {
    const names = argument.split(' / ').filter(Boolean);
    const scopes = await this.scopes();
    if (names.length === 0) return void this.log.push(`  ${scopes.map(({ name }) => name).join(', ')}`);
    let rows: { name: string; value?: string; variablesReference: number; indexedVariables?: number }[] = scopes;
    for (const name of names) {
      const row = rows.find((each) => each.name === name);
      if (!row) throw new Error(`no ${name} among ${rows.map((each) => each.name).join(', ')}`);
      const start = row.indexedVariables ? { filter: 'indexed', start: 0, count: 3 } : {};
      rows = (
        await this.ask<DebugProtocol.VariablesResponse['body']>('variables', { variablesReference: row.variablesReference, ...start })
      ).variables;
    }
    this.log.push(...rows.map(({ name, value }) => `  ${name} = ${value}`));
  }

  /** The text of the innermost frame, its line marked. */
  private async showText(): Promise<void> {
    const { stackFrames } = await this.ask<DebugProtocol.StackTraceResponse['body']>('stackTrace', { threadId: this.thread });
    const [{ source, line }] = stackFrames as [DebugProtocol.StackFrame];
    const { content } = await this.ask<DebugProtocol.SourceResponse['body']>('source', {
      source,
      sourceReference: source?.sourceReference ?? 0,
    });
    this.log.push(
      ...content
        .trimEnd()
        .split('\n')
        .map((text, i) => `${i + 1 === line ? '→' : ' '} ${text}`),
    );
  }

  private async complete(text: string): Promise<void> {
    const args = { text, column: text.length + 1, frameId: this.frame };
    const { targets } = await this.ask<DebugProtocol.CompletionsResponse['body']>('completions', args);
    this.log.push(`  ${targets.map(({ label }) => label).join(' ')}`);
  }

  private async raw(argument: string): Promise<void> {
    const [command, ...json] = argument.split(' ');
    this.log.push(
      `  ${JSON.stringify(await this.ask(command!, json.length > 0 ? (JSON.parse(json.join(' ').replaceAll('FILE', this.file())) as object) : {}))}`,
    );
  }

  /** What the panel is told that differs under a design, with no frames and no counts but of disk reads. */
  private async panel(design: string): Promise<void> {
    const want = wantOf(FIRST_CHOICE, [], null, design === '' ? null : { design, windows: [], frame: null });
    const { answer } = await this.ask<{ answer: PanelReply }>('mmscn/panel', { request: { kind: 'state', want } });
    if (answer.kind !== 'state') return void this.log.push(`  ${answer.kind}`);
    const { designs, along, beside } = answer.state;
    if (beside === null)
      return void this.log.push(`  can be beside: ${designs.map((name, i) => (i < along ? `${name} (goes along)` : name)).join(', ')}`);
    if (beside.problem !== '') return void this.log.push(`  ${beside.problem}`);
    this.log.push(`  ${beside.design}: ${beside.picture!.summary.status}`);
    for (const { what, here, there } of beside.differences.rows)
      if (/disk reads|^\/|PTE|process|stands/.test(what)) this.log.push(`  ${what}: ${here} | ${there}`);
  }

  private async ask<T>(command: string, args: object): Promise<T> {
    return ((await this.client.send(command, args)) as DebugProtocol.Response).body as T;
  }
}

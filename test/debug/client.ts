import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type ChildProcess, spawn } from 'node:child_process';

interface Streams {
  connect(readable: NodeJS.ReadableStream, writable: NodeJS.WritableStream): void;
}

/** A debugger's client over standard input and output, as any editor but VS Code would be one. */
export class Client extends DebugClient {
  private adapter: ChildProcess | undefined;
  private readonly seen: DebugProtocol.Event[] = [];
  private told = 0;
  private arrived: (event: DebugProtocol.Event) => void = () => undefined;

  constructor(private readonly command: string) {
    super('node', command, 'mmscn');
    this.defaultTimeout = 10_000;
  }

  override start(): Promise<void> {
    const adapter = (this.adapter = spawn(process.execPath, [this.command, 'dap'], { stdio: ['pipe', 'pipe', 'inherit'] }));
    (this as unknown as Streams).connect(adapter.stdout!, adapter.stdin!);
    for (const event of ['stopped', 'terminated', 'exited', 'output', 'thread', 'breakpoint', 'initialized'])
      this.on(event, (message: DebugProtocol.Event) => this.noted(message));
    return Promise.resolve();
  }

  override async stop(): Promise<void> {
    await this.disconnectRequest().catch(() => undefined);
    await this.exit();
  }

  /** The adapter's exit code; it ends by itself after a disconnect. */
  exit(): Promise<number | null> {
    const adapter = this.adapter!;
    if (adapter.exitCode !== null) return Promise.resolve(adapter.exitCode);
    return new Promise((resolve) => adapter.once('exit', resolve));
  }

  /** Closes the adapter's input without a word. */
  hangUp(): void {
    this.adapter!.stdin!.destroy();
  }

  /** The next `stopped` or `terminated`; to be asked for before what causes it. */
  arrival(): Promise<DebugProtocol.Event> {
    return new Promise((resolve) => (this.arrived = resolve));
  }

  /** Events that have come since the last time this was asked. */
  news(): readonly DebugProtocol.Event[] {
    const news = this.seen.slice(this.told);
    this.told = this.seen.length;
    return news;
  }

  private noted(event: DebugProtocol.Event): void {
    this.seen.push(event);
    if (event.event === 'stopped' || event.event === 'terminated') this.arrived(event);
  }
}

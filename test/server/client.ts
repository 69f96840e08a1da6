import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as esbuild from 'esbuild';

/** Bundles the command line as it is shipped; gives the script's path. */
export async function bundleCommand(): Promise<string> {
  const outfile = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-lsp-')), 'cli.cjs');
  await esbuild.build({
    entryPoints: ['extension/cli/main.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    define: { MMSCN_VERSION: '"test"' },
    logLevel: 'error',
  });
  return outfile;
}

interface Message {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A client that says what it likes on the server's standard input. */
export class Client {
  readonly received: Message[] = [];
  private readonly server: ChildProcessWithoutNullStreams;
  private buffer = Buffer.alloc(0);
  private waiting: (() => void)[] = [];
  private nextId = 1;
  private gone = false;
  readonly exit: Promise<number | null>;

  constructor(script: string) {
    this.server = spawn(process.execPath, [script, 'lsp']);
    this.server.stdout.on('data', (chunk: Buffer) => this.take(chunk));
    this.exit = new Promise((resolve) => this.server.on('exit', resolve));
    void this.exit.then(() => {
      this.gone = true;
      this.wake();
    });
  }

  raw(text: string): void {
    this.server.stdin.write(text);
  }

  send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.raw(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  notify(method: string, params: object = {}): void {
    this.send({ method, params });
  }

  async request(method: string, params: object = {}): Promise<Message> {
    const id = this.nextId++;
    this.send({ id, method, params });
    return this.until((message) => message.id === id && message.method === undefined);
  }

  async initialize(capabilities: object = {}): Promise<Message> {
    const reply = await this.request('initialize', { processId: null, rootUri: null, capabilities });
    this.notify('initialized');
    return reply;
  }

  open(uri: string, text: string): void {
    this.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'mmscn', version: 1, text } });
  }

  async until(wanted: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.received.find(wanted);
      if (found) return found;
      if (this.gone) throw new Error('the server has ended');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  end(): void {
    this.server.stdin.end();
  }

  private wake(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }

  private take(chunk: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    for (;;) {
      const header = /^Content-Length: (\d+)\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(this.buffer.toString('latin1'));
      if (!header || this.buffer.length < header[0].length + Number(header[1])) break;
      const end = header[0].length + Number(header[1]);
      this.received.push(JSON.parse(this.buffer.subarray(header[0].length, end).toString('utf8')) as Message);
      this.buffer = this.buffer.subarray(end);
    }
    this.wake();
  }
}

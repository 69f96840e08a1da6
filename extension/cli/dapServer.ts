import path from 'node:path';
import type { Readable } from 'node:stream';
import { ProtocolServer } from '@vscode/debugadapter/lib/protocol';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { MmscnDebugSession } from '../debug/session';
import { readTextFile } from './files';

/** The debug adapter on two streams: the very session that runs inside VS Code, behind the protocol's framing. */
class StreamServer extends ProtocolServer {
  private readonly session = new MmscnDebugSession({
    readText: (uri) => Promise.resolve().then(() => readTextFile(uri)),
    absolute: (program) => (/^[a-z][a-z0-9+.-]+:/i.test(program) ? program : path.resolve(program)),
    send: (message) => this.deliver(message as DebugProtocol.Response | DebugProtocol.Event),
  });

  constructor(private readonly over: (code: number) => void) {
    super();
  }

  override handleMessage(message: DebugProtocol.ProtocolMessage): void {
    this.session.handleMessage(message);
  }

  close(): void {
    this.session.dispose();
    this.over(0);
  }

  private deliver(message: DebugProtocol.Response | DebugProtocol.Event): void {
    if ('event' in message) this.sendEvent(message);
    else {
      // The server numbers what it sends itself and takes a response that has a number for one sent twice.
      this.sendResponse({ ...message, seq: 0 });
      if (message.command === 'disconnect') this.close();
    }
  }
}

/** Serves until the client disconnects or its stream ends; gives the exit code. */
export function serve(input: Readable, output: NodeJS.WritableStream): Promise<number> {
  return new Promise((resolve) => {
    const server = new StreamServer((code) => {
      input.destroy();
      resolve(code);
    });
    server.on('close', () => server.close());
    server.on('error', (event: { body?: string }) => process.stderr.write(`mmscn dap: ${String(event.body)}\n`));
    input.on('end', () => server.close());
    server.start(input, output);
  });
}

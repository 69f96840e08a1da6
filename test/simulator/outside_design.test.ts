import type { DebugProtocol } from '@vscode/debugprotocol';
import fc from 'fast-check';
import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MmscnDebugSession } from '../../extension/debug/session';
import { check } from '../../language/analysis/check';
import { completion } from '../../language/analysis/editor/completion';
import { hover } from '../../language/analysis/editor/hover';
import { compareDesigns } from '../../language/runtime/compare/compare';
import { comparable, withVariants } from '../../language/runtime/compare/variants';
import { registerDesign } from '../../language/simulator/designs/registry';
import { implemented } from '../../language/simulator/implemented';
import { loaded, marked } from '../language/markers';
import { operations } from './operations';
import { borrowed_pages, entry } from './outside/borrowed_pages';
import { Pair } from './pair';
import { runs } from './runs';
import { casesIn, problemsOf } from './scenarios';

registerDesign(entry, borrowed_pages);

const FOLDER = 'test/simulator/outside';
const text = fs.readFileSync(`${FOLDER}/borrowed_pages.mmscn`, 'utf8');

/** What the checks say of a text. */
async function told(scenario: string): Promise<string[]> {
  const { program, problems } = await loaded(scenario);
  return check(program, implemented, problems).map(({ code, message }) => `${code}: ${message}`);
}

/** A debugger's client without an editor: requests in, what came of them out. */
class Debugging {
  private readonly messages: DebugProtocol.ProtocolMessage[] = [];
  private readonly waiting: (() => void)[] = [];
  private seq = 0;
  private readonly session = new MmscnDebugSession({
    readText: () => Promise.resolve(text),
    send: (message) => {
      this.messages.push(message as DebugProtocol.ProtocolMessage);
      for (const look of this.waiting.splice(0)) look();
    },
  });

  async ask<R extends DebugProtocol.Response>(command: string, args: object = {}): Promise<R['body']> {
    const seq = ++this.seq;
    this.session.handleMessage({ seq, type: 'request', command, arguments: args });
    return (await this.message<R>((message) => (message as R).request_seq === seq)).body;
  }

  async message<M extends DebugProtocol.ProtocolMessage>(wanted: (message: DebugProtocol.ProtocolMessage) => boolean): Promise<M> {
    for (;;) {
      const at = this.messages.findIndex(wanted);
      if (at >= 0) return this.messages.splice(at, 1)[0] as M;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  stopped(): Promise<unknown> {
    return this.message((message) => (message as DebugProtocol.Event).event === 'stopped');
  }

  end(): void {
    this.session.dispose();
  }
}

describe('a design from outside', () => {
  test.each(casesIn(FOLDER))('runs a scenario: $design', (scenario) => {
    expect(problemsOf(scenario)).toEqual([]);
  });

  test.each([{}, { from: 'anywhere' }])('keeps to the invariants, and to what was written: %o', (options) => {
    fc.assert(
      fc.property(operations({ minLength: 1, maxLength: 50 }), (steps) => {
        const pair = new Pair(entry.name, 4n << 20n, options);
        for (const op of steps) pair.do(op);
        pair.compare();
      }),
      { numRuns: runs(30) },
    );
  });

  test('is known to the checks, with its options', async () => {
    expect(await told(text)).toEqual([]);
    expect(await told('design d = borrowed_pages { form = anywhere }')).toEqual([expect.stringContaining('`from`')]);
    expect(await told('design d = borrowed_pages { from = nowhere }')).toEqual([expect.stringContaining('same_place, anywhere')]);
  });

  test('is offered and explained by the editor', async () => {
    const labels = async (line: string): Promise<string[]> => {
      const { program, source, offset } = await marked(line);
      return completion(program, source, offset).map(({ label }) => label);
    };
    expect(await labels('design d = <|>')).toContain('borrowed_pages');
    expect(await labels('scenario "s" {\n  under bo<|>\n}')).toContain('borrowed_pages');
    expect(await labels('design d = borrowed_pages { <|> }')).toContain('from');
    expect(await labels('design d = borrowed_pages { from = <|> }')).toEqual(['same_place', 'anywhere']);
    const { program, source, offset } = await marked('design d = borrowed<|>_pages');
    for (const part of [entry.title, entry.saves, entry.against]) expect(JSON.stringify(hover(program, source, offset))).toContain(part);
  });

  test('is compared with the others', async () => {
    const { program } = await loaded(text);
    expect(comparable(program)).toEqual(expect.arrayContaining(['borrowed_pages', 'from_anywhere']));
    const asked = withVariants(program, ['baseline', 'borrowed_pages', 'borrowed_pages { from = anywhere }']);
    if ('error' in asked) throw new Error(asked.error);
    const { designs } = compareDesigns(asked.program, asked.designs, {
      scenario: 'clones and a deduplicated file borrow the pages of the first',
    });
    expect(
      designs.map(({ design, ok, values }) => `${design}: ${ok ? 'ok' : 'wrong'}, ${values['disk.reads']! / 4096} pages read`),
    ).toEqual([
      'baseline: ok, 25 pages read',
      'borrowed_pages: ok, 23 pages read',
      'borrowed_pages { from = anywhere }: ok, 19 pages read',
    ]);
  });

  test('is debugged, others beside it', async () => {
    const debug = new Debugging();
    await debug.ask('initialize', { adapterID: 'mmscn' });
    await debug.ask('launch', { program: 'main.mmscn', design: 'borrowed_pages', compare: ['baseline'] });
    await debug.ask('setBreakpoints', { source: { path: 'main.mmscn' }, breakpoints: [{ line: 28 }] });
    await debug.ask('configurationDone');
    await debug.stopped();
    await debug.ask('continue', { threadId: 1 });
    await debug.stopped();
    const cached = await debug.ask<DebugProtocol.EvaluateResponse>('evaluate', { expression: 'memory.cached' });
    expect(cached.result).toBe('16384 (4 pages)');
    const { stackFrames } = await debug.ask<DebugProtocol.StackTraceResponse>('stackTrace', { threadId: 1 });
    const { scopes } = await debug.ask<DebugProtocol.ScopesResponse>('scopes', { frameId: stackFrames[0]!.id });
    expect(scopes.map(({ name }) => name)).toContain('Under other designs');
    await debug.ask('stepBack', { threadId: 1 });
    await debug.stopped();
    debug.end();
  });
});

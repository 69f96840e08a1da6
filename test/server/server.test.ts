import { beforeAll, describe, expect, it } from 'vitest';
import { bundleCommand, Client } from './client';

const URI = 'file:///tmp/one.mmscn';
const TEXT = 'scenario "one" {\n  process p\n  p: x = opn("/a", O_RDONLY)\n  expect p.x == 3\n}\n';
const at = (line: number, character: number) => ({ textDocument: { uri: URI }, position: { line, character } });

let script = '';
beforeAll(async () => {
  script = await bundleCommand();
}, 60_000);

describe('the language server on standard input and output', () => {
  it('answers what an editor asks', async () => {
    const client = new Client(script);
    await client.initialize({ textDocument: { diagnostic: {} } });
    client.open(URI, TEXT);
    const report = await client.request('textDocument/diagnostic', { textDocument: { uri: URI } });
    expect(report.result).toMatchObject({
      kind: 'full',
      items: [{ code: 'unknown-call', range: { start: { line: 2, character: 9 }, end: { line: 2, character: 12 } } }],
    });
    const hover = await client.request('textDocument/hover', at(2, 20));
    expect(JSON.stringify(hover.result)).toContain('Open for reading');
    const range = { start: { line: 2, character: 10 }, end: { line: 2, character: 10 } };
    const fixes = await client.request('textDocument/codeAction', { textDocument: { uri: URI }, range, context: { diagnostics: [] } });
    expect(fixes.result).toMatchObject([{ title: 'Change to open' }]);
    const renamed = await client.request('textDocument/rename', { ...at(1, 10), newName: 'reader' });
    expect(renamed.result).toMatchObject({ changes: { [URI]: [{ newText: 'reader' }, { newText: 'reader' }, { newText: 'reader' }] } });
    const all = ['documentSymbol', 'foldingRange', 'formatting', 'semanticTokens/full', 'documentLink'];
    for (const method of all) {
      const reply = await client.request(`textDocument/${method}`, {
        textDocument: { uri: URI },
        options: { tabSize: 2, insertSpaces: true },
      });
      expect([method, reply.error]).toEqual([method, undefined]);
    }
    for (const method of ['completion', 'signatureHelp', 'definition', 'documentHighlight', 'prepareRename']) {
      const reply = await client.request(`textDocument/${method}`, at(3, 11));
      expect([method, reply.error]).toEqual([method, undefined]);
    }
    await client.request('shutdown');
    client.notify('exit');
    expect(await client.exit).toBe(0);
  });

  it('pushes diagnostics to clients that do not pull, for the newest version', async () => {
    const client = new Client(script);
    await client.initialize();
    client.open(URI, TEXT);
    const change = { range: { start: { line: 2, character: 9 }, end: { line: 2, character: 12 } }, text: 'open' };
    client.notify('textDocument/didChange', { textDocument: { uri: URI, version: 2 }, contentChanges: [change] });
    const pushed = await client.until((message) => message.method === 'textDocument/publishDiagnostics');
    expect(pushed.params).toEqual({ uri: URI, version: 2, diagnostics: [] });
    client.notify('exit');
    expect(await client.exit).toBe(1);
  });

  it('lives on through requests out of order and nonsense', async () => {
    const client = new Client(script);
    const early = await client.request('textDocument/hover', at(0, 0));
    expect(early).toMatchObject({ id: 1, result: null });
    await client.initialize({ textDocument: { diagnostic: {} } });
    expect((await client.request('textDocument/hover', at(0, 0))).result).toBeNull();
    expect((await client.request('no/such/method')).error?.code).toBe(-32601);
    expect((await client.request('textDocument/hover', { nonsense: true })).error).toBeDefined();
    client.notify('textDocument/didChange', { textDocument: { uri: 'file:///never-opened', version: 7 }, contentChanges: [{ text: 'x' }] });
    client.notify('$/cancelRequest', { id: 4711 });
    client.raw('Content-Length: 7\r\n\r\nnot{}js');
    client.open(URI, '\u0001\u0002{{{{((((""\n'.repeat(300));
    for (const place of [at(0, 0), at(299, 9), at(1e6, 1e6)]) {
      for (const method of ['hover', 'completion', 'signatureHelp', 'definition', 'references', 'documentSymbol', 'foldingRange']) {
        const reply = await client.request(`textDocument/${method}`, { ...place, context: { includeDeclaration: true } });
        expect([method, reply.error]).toEqual([method, undefined]);
      }
    }
    client.end();
    expect(await client.exit).not.toBeNull();
  });
});

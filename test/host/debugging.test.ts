import * as assert from 'node:assert';
import * as vscode from 'vscode';
import { LIMITS } from '../../language/runtime/limits';
import { Debugging, extensionPath, fileUri, open } from './debugging';

const FILE = 'test/host/first.mmscn';
const FIRST = 11;

describe('debugging in VS Code', () => {
  let session: Debugging;
  const lines = async () => (await session.stack()).map((frame) => frame.line);
  const scenarioLine = async () => (await lines()).at(-1);

  beforeEach(async () => {
    await open(FILE);
    session = await Debugging.start(() => vscode.commands.executeCommand('workbench.action.debug.start'));
  });
  afterEach(() => session.end());

  it('starts by F5 without a launch.json and stops at the first statement', async () => {
    assert.deepStrictEqual(await lines(), [FIRST]);
  });

  it('runs one statement for each next', async () => {
    await session.command('stepOver');
    assert.deepStrictEqual(await lines(), [FIRST + 1]);
    await session.command('stepOver');
    assert.deepStrictEqual(await lines(), [FIRST + 2]);
  });

  it('steps into the kernel path of a call and out again', async () => {
    await session.command('stepOver');
    await session.command('stepInto');
    const kernel = await session.stack();
    assert.ok(kernel.length > 1, 'a frame on top of the scenario');
    assert.match(kernel.map((frame) => frame.name).join(' '), /read/);
    assert.ok(kernel[0]!.sourceReference > 0, 'its text comes from the adapter');
    const shown = await session.ask<{ content: string }>('source', { sourceReference: kernel[0]!.sourceReference });
    assert.ok(shown.content.length > 0);
    while ((await lines()).length > 1) await session.command('stepOut');
    assert.strictEqual(await scenarioLine(), FIRST + 2);
  });

  it('steps back to exactly what was there', async () => {
    await session.command('stepOver');
    const before = await session.variables(4);
    await session.command('stepOver');
    assert.notStrictEqual(await session.variables(4), before);
    await session.command('stepBack');
    assert.deepStrictEqual(await lines(), [FIRST + 1]);
    assert.strictEqual(await session.variables(4), before);
  });

  it('continues to the end of the run and reverse-continues to its start', async () => {
    await session.command('continue');
    assert.strictEqual(await session.evaluate('disk.reads == 8 pages'), 'true');
    await session.command('reverseContinue');
    assert.deepStrictEqual(await lines(), [FIRST]);
  });
});

describe('breakpoints in VS Code', () => {
  let session: Debugging;
  const at = (line: number, condition?: string) =>
    new vscode.SourceBreakpoint(new vscode.Location(fileUri(FILE), new vscode.Position(line - 1, 0)), true, condition);

  beforeEach(async () => {
    await open(FILE);
  });
  afterEach(async () => {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    await session.end();
  });

  it('stop a run forwards and backwards', async () => {
    vscode.debug.addBreakpoints([at(12), at(14)]);
    session = await Debugging.start(() => vscode.commands.executeCommand('workbench.action.debug.start'));
    assert.strictEqual(await session.command('continue'), 'breakpoint');
    await session.command('continue');
    assert.strictEqual((await session.stack())[0]!.line, 14);
    await session.command('reverseContinue');
    assert.strictEqual((await session.stack())[0]!.line, 12);
  });

  it('stop where their condition holds', async () => {
    vscode.debug.addBreakpoints([at(12, 'disk.reads > 0'), at(13, 'disk.reads == 4 pages')]);
    session = await Debugging.start(() => vscode.commands.executeCommand('workbench.action.debug.start'));
    await session.command('continue');
    assert.strictEqual((await session.stack())[0]!.line, 13);
  });

  it('restart begins again', async () => {
    vscode.debug.addBreakpoints([at(14)]);
    session = await Debugging.start(() => vscode.commands.executeCommand('workbench.action.debug.start'));
    await session.command('continue');
    await session.command('restart');
    assert.deepStrictEqual(
      (await session.stack()).map((frame) => frame.line),
      [FIRST],
    );
    assert.strictEqual(await session.evaluate('disk.reads'), '0');
  });
});

describe('startDebugging', () => {
  const start = (config: object) => () =>
    vscode.debug.startDebugging(undefined, {
      type: 'mmscn',
      request: 'launch',
      name: 'test',
      program: `${extensionPath()}/${FILE}`,
      ...config,
    });

  it('runs under the design that it names', async () => {
    const session = await Debugging.start(start({ design: 'extent_cache', stopOnEntry: true }));
    await session.command('continue');
    assert.strictEqual(await session.evaluate('memory.cached == 4 pages'), 'true');
    await session.end();
  });

  it('runs to the end without stopOnEntry', async () => {
    const session = await Debugging.start(start({ stopOnEntry: false }));
    assert.strictEqual(await session.evaluate('memory.cached == 8 pages'), 'true');
    await session.end();
  });
});

describe('the settings mmscn.limits', () => {
  const settings = () => vscode.workspace.getConfiguration('mmscn.limits');
  const setSteps = (steps: number | undefined) => settings().update('steps', steps, vscode.ConfigurationTarget.Global);

  it('are by default the limits of a run', () => {
    assert.deepStrictEqual(Object.fromEntries(Object.keys(LIMITS).map((name) => [name, settings().get(name)])), LIMITS);
  });

  it('end a run that needs more', async () => {
    await setSteps(3);
    try {
      await open(FILE);
      const session = await Debugging.start(() => vscode.commands.executeCommand('workbench.action.debug.start'));
      assert.strictEqual(await session.command('continue'), 'exception');
      const { description } = await session.ask<{ description: string }>('exceptionInfo', { threadId: 1 });
      assert.strictEqual(description, 'the run has more than 3 statements (the setting is mmscn.limits.steps)');
      await session.end();
    } finally {
      await setSteps(undefined);
    }
  });
});

import * as assert from 'node:assert';
import * as vscode from 'vscode';
import { Debugging, open, until } from './debugging';

const panelTab = () =>
  vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .find(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('mmscn.panel'));

describe('the memory panel', () => {
  let session: Debugging;

  beforeEach(async () => {
    await open('test/host/first.mmscn');
    session = await Debugging.start(() => vscode.commands.executeCommand('workbench.action.debug.start'));
  });
  afterEach(() => session.end());

  it('opens beside the editor when a session starts, and leaves the focus there', async () => {
    const tab = await until('the panel', panelTab);
    assert.notStrictEqual(tab.group.viewColumn, vscode.window.activeTextEditor?.viewColumn);
    assert.ok(vscode.window.activeTextEditor?.document.fileName.endsWith('first.mmscn'));
  });

  it('stays closed when it was closed, until it is asked for', async () => {
    await vscode.window.tabGroups.close(await until('the panel', panelTab));
    await session.command('stepOver');
    assert.strictEqual(panelTab(), undefined);
    await vscode.commands.executeCommand('mmscn.openPanel');
    await until('the panel', panelTab);
  });

  it('is answered by the debug adapter', async () => {
    const want = {
      files: 1,
      processes: 1,
      vmas: 1,
      changes: 1,
      holders: 1,
      filter: '',
      bands: [],
      minRun: 9,
      minEmptyRun: 9,
      steps: { from: null, count: 9 },
      frame: null,
      beside: null,
    };
    const { answer } = await session.ask<{ answer: { kind: string; state: { summary: { scenario: string } } } }>('mmscn/panel', {
      request: { kind: 'state', want },
    });
    assert.strictEqual(answer.state.summary.scenario, 'reflinked files are cached twice');
    await assert.rejects(
      session.ask('mmscn/panel', { request: { kind: 'state', want: {} } }),
      /request\.want\.files: expected an integer, got nothing/,
    );
  });
});

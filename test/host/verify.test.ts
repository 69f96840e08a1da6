import * as assert from 'node:assert';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as vscode from 'vscode';
import { fileUri, until } from './debugging';

/** What the command answers. */
interface Answer {
  readonly steps: number;
  readonly differences: number;
  readonly refused?: string;
  readonly problem?: string;
}

const FILE = 'test/host/verified.mmscn';

/** Why nothing can be verified here. */
function lacking(): string | undefined {
  if (process.platform !== 'linux') return `${process.platform} is not Linux`;
  return spawnSync('cc', ['--version']).status === 0 ? undefined : 'there is no C compiler (cc)';
}

describe('verifying on this kernel', () => {
  const why = lacking();
  const places = () =>
    vscode.languages
      .getDiagnostics(fileUri(FILE))
      .filter(({ source }) => source === 'mmscn verify')
      .map(({ range, message }) => ({ line: range.start.line + 1, message }));
  const verify = async (title: string) => {
    const document = await vscode.workspace.openTextDocument(fileUri(FILE));
    const at = document.positionAt(document.getText().indexOf(`"${title}"`));
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
    return vscode.commands.executeCommand<Answer>('mmscn.verify');
  };

  it('says what it lacks, or that the kernel does the same', async () => {
    const { steps, differences, refused, problem } = await verify('what every kernel does');
    if (why !== undefined) {
      console.error(`NOT VERIFIED: ${why}`);
      assert.ok(refused);
    } else {
      assert.deepStrictEqual(
        { steps, differences, refused, problem },
        { steps: 4, differences: 0, refused: undefined, problem: undefined },
      );
      assert.deepStrictEqual(places(), []);
    }
  });

  it('nothing is executed in a workspace that is not trusted', async () => {
    const trusted = Object.getOwnPropertyDescriptor(vscode.workspace, 'isTrusted')!;
    Object.defineProperty(vscode.workspace, 'isTrusted', { ...trusted, get: () => false });
    try {
      const { steps, refused } = await verify('what every kernel does');
      assert.deepStrictEqual({ steps, refused }, { steps: 0, refused: 'nothing is executed in a workspace that is not trusted' });
    } finally {
      Object.defineProperty(vscode.workspace, 'isTrusted', trusted);
    }
  });

  it('what the kernel does otherwise is a diagnostic at its line, until the text is changed', async () => {
    const promises = why === undefined && fs.readFileSync('/proc/sys/vm/overcommit_memory', 'utf8').trim() === '1';
    if (why !== undefined || promises)
      return console.error(`NOT VERIFIED: ${why ?? 'this kernel promises all memory that is asked for (vm.overcommit_memory = 1)'}`);
    assert.ok((await verify('more than there will ever be')).differences > 0);
    const [first] = await until('diagnostics', () => places().length === 2 && places());
    assert.strictEqual(first?.line, 12);
    assert.match(first.message, /^This kernel does otherwise \(step 0\):\nresult: machine ENOMEM, simulator /);
    const editor = vscode.window.activeTextEditor!;
    await editor.edit((change) => change.insert(new vscode.Position(0, 0), '\n'));
    await until('no diagnostics', () => places().length === 0);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });
});

import * as vscode from 'vscode';
import { checkFromComparison, type ToComparison } from '../../webview/protocol/comparison';
import { uriOf } from '../documents';
import { panelHtml } from '../panel/html';
import { type Asked, runComparison } from './run';

/** The one page that shows a comparison, beside the editor. */
export class ComparisonHost implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private asked: Asked | undefined;
  /** What the page shows, for when it comes back after it was hidden. */
  private last: ToComparison | undefined;
  private round = 0;

  constructor(private readonly folder: vscode.Uri) {}

  /** Compares, and shows what comes out. */
  async show(asked: Asked): Promise<void> {
    this.asked = asked;
    if (this.panel) this.panel.reveal(undefined, true);
    else this.open();
    await this.compare(asked);
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private open(): void {
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const options = { enableScripts: true, localResourceRoots: [this.folder] };
    const panel = (this.panel = vscode.window.createWebviewPanel('mmscn.compare', 'Designs Compared', where, options));
    const { webview } = panel;
    webview.onDidReceiveMessage((message: unknown) => this.receive(message));
    panel.onDidDispose(() => {
      this.panel = undefined;
      this.round++;
    });
    const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(this.folder, name)).toString();
    webview.html = panelHtml({
      title: 'Designs Compared',
      cspSource: webview.cspSource,
      script: file('compare.js'),
      style: file('compare.css'),
      nonce: crypto.randomUUID().replaceAll('-', ''),
    });
  }

  /** Design after design, so that the editor stays alive; another question gives this one up. */
  private async compare(asked: Asked): Promise<void> {
    const round = ++this.round;
    const tell = (message: ToComparison) => {
      if (round !== this.round) return false;
      this.post(message);
      return true;
    };
    try {
      const state = await runComparison(asked, (design) => tell({ kind: 'running', message: `Runs under ${design} …` }));
      if (state) tell({ kind: 'comparison', state });
    } catch (error) {
      tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Everything that the page says comes in here, whatever it is. */
  private receive(data: unknown): void {
    try {
      const message = checkFromComparison(data, 'message');
      switch (message.kind) {
        case 'ready':
          if (this.last) this.post(this.last);
          return;
        case 'again':
          return void (this.asked && this.compare(this.asked));
        case 'line':
          return void showLine(message.file, message.line);
        case 'debug':
          return void this.debug(message.design, message.beside, message.statement);
        case 'problem':
          return console.warn(`mmscn comparison: ${message.message}`);
      }
    } catch (error) {
      console.error(`mmscn comparison: ${String(error)}`);
    }
  }

  private async debug(design: string, beside: string, statement: number): Promise<void> {
    if (!this.asked) return;
    const { program, scenario } = this.asked;
    const name = `${scenario} under ${design}`;
    const launch = { type: 'mmscn', request: 'launch', name, program, scenario, design, compare: [beside], statement };
    await vscode.debug.startDebugging(undefined, launch);
  }

  private post(message: ToComparison): void {
    this.last = message;
    void this.panel?.webview.postMessage(message);
  }
}

/** The line in the editor that shows the file, else in the first column; the page keeps the focus. */
async function showLine(file: string, line: number): Promise<void> {
  const uri = uriOf(file);
  const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  const at = new vscode.Range(line - 1, 0, line - 1, 0);
  const viewColumn = shown?.viewColumn ?? vscode.ViewColumn.One;
  const editor = await vscode.window.showTextDocument(uri, { viewColumn, preserveFocus: true });
  const whole = editor.document.lineAt(Math.min(line, editor.document.lineCount) - 1).range;
  editor.selection = new vscode.Selection(whole.start, whole.end);
  editor.revealRange(at, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

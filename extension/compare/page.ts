import * as vscode from 'vscode';
import type { ToComparison } from '../../webview/protocol/comparison';
import { panelHtml } from '../panel/html';

export const VIEW_TYPE = 'mmscn.compare';

/** The one page that shows a comparison, beside the editor. */
export class ComparisonPage implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  /** What it shows, for when it comes back after it was hidden; and what was said since. */
  private kept: ToComparison | undefined;
  private said: ToComparison | undefined;

  constructor(
    private readonly folder: vscode.Uri,
    private readonly receive: (message: unknown) => void,
    private readonly closed: () => void,
  ) {}

  /** Opens it, or brings it to the front; the editor keeps the focus. */
  show(): void {
    if (this.panel) return this.panel.reveal(undefined, true);
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    this.adopt(vscode.window.createWebviewPanel(VIEW_TYPE, 'Designs Compared', where));
  }

  adopt(panel: vscode.WebviewPanel): void {
    this.panel?.dispose();
    this.panel = panel;
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [this.folder] };
    webview.onDidReceiveMessage((message: unknown) => this.receive(message));
    panel.onDidDispose(() => {
      if (this.panel !== panel) return;
      this.panel = this.kept = this.said = undefined;
      this.closed();
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

  /** Its page is there and shows nothing yet. */
  greet(): void {
    for (const message of [this.kept, this.said]) if (message) this.post(message);
  }

  /** What it shows from now on. */
  keep(message: ToComparison): void {
    this.kept = message;
    this.tell(undefined);
    this.post(message);
  }

  /** Something about it. */
  tell(message: ToComparison | undefined): void {
    this.said = message;
    if (message) this.post(message);
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private post(message: ToComparison): void {
    void this.panel?.webview.postMessage(message);
  }
}

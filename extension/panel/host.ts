import * as vscode from 'vscode';
import { checkFromPanel, type PanelReply, type PanelState, type ToPanel, type Want } from '../../webview/protocol';
import { panelHtml } from './html';
import { act, ask, goTo } from './link';

export const VIEW_TYPE = 'mmscn.panel';

/** Not every change makes the editor mark another line: then it is shown after so many milliseconds. */
const MARKED_WITHIN = 60;

/** The one memory panel: its webview, the session that it shows, and the messages between them. */
export class PanelHost implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private session: vscode.DebugSession | undefined;
  /** What the panel wants to see; unknown until its page has come up. */
  private want: Want | undefined;
  /** Shown again when the page comes back after the session's end. */
  private last: PanelState | undefined;
  private asking = false;
  /** Set while a stop is not shown yet. */
  private waiting: ReturnType<typeof setTimeout> | undefined;
  /** Asked for while another question was under way: the `view` to answer, null for a stop. */
  private next: number | null | undefined;

  constructor(private readonly folder: vscode.Uri) {}

  /** Opens the panel beside the editor, or brings it to the front; the editor keeps the focus. */
  open(): void {
    if (this.panel !== undefined) return this.panel.reveal(undefined, true);
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    this.adopt(vscode.window.createWebviewPanel(VIEW_TYPE, 'Memory', where));
  }

  /** Fills a panel that is new, or that VS Code has kept over a reload of the window. */
  adopt(panel: vscode.WebviewPanel): void {
    this.panel?.dispose();
    this.panel = panel;
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [this.folder] };
    webview.onDidReceiveMessage((message: unknown) => this.receive(message));
    panel.onDidDispose(() => {
      if (this.panel !== panel) return;
      this.panel = this.want = undefined;
    });
    const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(this.folder, name)).toString();
    webview.html = panelHtml({
      title: 'Memory',
      cspSource: webview.cspSource,
      script: file('main.js'),
      controls: file('toolkit.js'),
      style: file('panel.css'),
      nonce: crypto.randomUUID().replaceAll('-', ''),
    });
  }

  /** A session begins: the panel shows it from now on. */
  begin(session: vscode.DebugSession): void {
    this.session = session;
    this.last = undefined;
    this.open();
    this.post({ kind: 'running' });
  }

  /** The session's run stands somewhere else, or its state differs: shown once the editor has marked its line, which comes first. */
  changed(session: vscode.DebugSession): void {
    this.session = session;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.marked(), MARKED_WITHIN);
  }

  /** The editor marks the line of a new stop. */
  marked(): void {
    if (this.waiting === undefined) return;
    clearTimeout(this.waiting);
    this.waiting = undefined;
    void this.refresh(null);
  }

  end(session: vscode.DebugSession): void {
    if (this.session?.id !== session.id) return;
    this.session = undefined;
    this.post({ kind: 'ended' });
  }

  dispose(): void {
    clearTimeout(this.waiting);
    this.panel?.dispose();
  }

  /** Everything that the page says comes in here, whatever it is. */
  private receive(data: unknown): void {
    try {
      const message = checkFromPanel(data, 'message');
      switch (message.kind) {
        case 'ready':
          this.want = undefined;
          return this.greet();
        case 'view':
          this.want = message.want;
          return void this.refresh(message.id);
        case 'goto':
          return void this.goTo(message.step);
        case 'do':
          return void act(message.action);
        case 'problem':
          return console.warn(`mmscn panel: ${message.message}`);
      }
    } catch (error) {
      console.error(`mmscn panel: ${String(error)}`);
    }
  }

  /** The page is there and shows nothing yet. */
  private greet(): void {
    if (this.session !== undefined) return this.post({ kind: 'running' });
    if (this.last !== undefined) this.post({ kind: 'state', id: null, state: this.last });
    this.post({ kind: 'ended' });
  }

  private async goTo(step: number): Promise<void> {
    if (this.session === undefined) return;
    const message = await goTo(this.session, step);
    if (message !== undefined) this.post({ kind: 'failed', id: null, message });
  }

  /** Asks the adapter, one question at a time; of those that come meanwhile only the last is asked. */
  private async refresh(id: number | null): Promise<void> {
    if (this.session === undefined || this.want === undefined) return;
    if (this.asking) {
      this.next = this.next === null ? null : id;
      return;
    }
    this.asking = true;
    const { session } = this;
    const reply = await ask(session, this.want);
    this.asking = false;
    if (this.session === session) this.pass(reply, id);
    const { next } = this;
    this.next = undefined;
    if (next !== undefined) await this.refresh(next);
  }

  private pass(reply: PanelReply, id: number | null): void {
    switch (reply.kind) {
      case 'state':
        this.last = reply.state;
        return this.post({ kind: 'state', id, state: reply.state });
      case 'failed':
        return this.post({ kind: 'failed', id, message: reply.message });
      case 'busy':
        return;
    }
  }

  private post(message: ToPanel): void {
    void this.panel?.webview.postMessage(message);
  }
}

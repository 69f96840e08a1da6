import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Page } from 'playwright-core';
import { panelHtml } from '../../extension/panel/html';
import { checkFromPanel, type FromPanel, type ToPanel, type Want } from '../../webview/protocol';
import { openBrowser, type Browser } from '../vscode/chromium';
import type { Recording } from './recording';
import { THEMES, type Theme } from './themes';

const ORIGIN = 'http://panel.test';
const SHOTS = 'test-results/screenshots';
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' };

/** The panel in a browser, without VS Code: the built bundle, the real page with its security policy, recorded messages. */
export class PanelPage {
  readonly received: FromPanel[] = [];
  /** What the browser refused or what was thrown in the page. */
  readonly complaints: string[] = [];
  private position = 0;
  private want: Want | undefined;

  private constructor(
    private readonly browser: Browser,
    private readonly recording: Recording,
  ) {}

  get page(): Page {
    return this.browser.page;
  }

  static async open(recording: Recording, { width = 1400, height = 900, theme = 'dark' as Theme } = {}): Promise<PanelPage> {
    const browser = await openBrowser(width, height);
    const panel = new PanelPage(browser, recording);
    const { page } = browser;
    page.setDefaultTimeout(10_000);
    page.on('console', (message) => {
      if (message.type() === 'error') panel.complaints.push(message.text());
    });
    page.on('pageerror', (error) => panel.complaints.push(error.message));
    await page.exposeFunction('toHost', (message: unknown) => panel.answer(message));
    await page.addInitScript(shim);
    await page.route('**/*', (route) => route.fulfill(resource(new URL(route.request().url()).pathname)));
    await page.goto(`${ORIGIN}/`);
    await panel.useTheme(theme);
    await panel.settled();
    if (panel.want === undefined) throw new Error(`The panel asks for nothing: ${panel.complaints.join(' ')}`);
    return panel;
  }

  /** Lets VS Code throw the page away and build it again, as it does with a panel that was hidden. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.useTheme('dark');
    await this.settled();
  }

  async text(selector: string): Promise<string> {
    return (await this.page.locator(selector).first().textContent()) ?? '';
  }

  async texts(selector: string): Promise<string[]> {
    return this.page.locator(selector).allTextContents();
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  async useTheme(theme: Theme): Promise<void> {
    await this.page.evaluate(({ body, variables }) => {
      const style = document.documentElement.style;
      for (const name of [...style]) style.removeProperty(name);
      for (const [name, value] of Object.entries(variables)) style.setProperty(`--vscode-${name}`, value);
      document.body.className = body;
    }, THEMES[theme]);
  }

  /** Moves the run, as the debugger would, and waits until the panel shows it. */
  async goto(position: number): Promise<void> {
    this.position = position;
    await this.send({ kind: 'state', id: null, state: this.recording.state(position, this.want!) });
    await this.settled();
  }

  async send(message: ToPanel | object): Promise<void> {
    await this.page.evaluate((data) => window.postMessage(data, '*'), message);
  }

  /** Waits until everything that was asked has been answered and painted. */
  async settled(): Promise<void> {
    for (let quiet = 0, seen = -1; quiet < 3; quiet++) {
      await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 40))));
      if (this.received.length !== seen) quiet = 0;
      seen = this.received.length;
    }
  }

  /** What axe-core finds wrong, one line each. */
  async accessibilityProblems(): Promise<string[]> {
    if (!(await this.page.evaluate(() => 'axe' in window)))
      await this.page.evaluate(fs.readFileSync('node_modules/axe-core/axe.min.js', 'utf8'));
    const { violations } = (await this.page.evaluate('axe.run()')) as {
      violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
    };
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n')}`,
    );
  }

  async screenshot(name: string): Promise<void> {
    fs.mkdirSync(SHOTS, { recursive: true });
    await this.page.screenshot({ path: path.join(SHOTS, `panel-${name.replaceAll(/\W+/g, '-')}.png`) });
  }

  private async answer(data: unknown): Promise<void> {
    const message = checkFromPanel(data, 'message');
    this.received.push(message);
    switch (message.kind) {
      case 'ready':
        return this.send({ kind: 'running' });
      case 'view':
        this.want = message.want;
        return this.send({ kind: 'state', id: message.id, state: this.recording.state(this.position, message.want) });
      case 'goto':
        this.position = Math.min(message.step, this.recording.steps);
        return this.send({ kind: 'state', id: null, state: this.recording.state(this.position, this.want!) });
      case 'do':
        this.position = Math.min(Math.max(0, this.position + (message.action === 'stepBack' ? -1 : 1)), this.recording.steps);
        return this.send({ kind: 'state', id: null, state: this.recording.state(this.position, this.want!) });
      case 'problem':
        return;
    }
  }
}

/** Runs in the page before its own script: what VS Code puts there. */
function shim(): void {
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (message: unknown) =>
        void (window as unknown as { toHost(message: unknown): unknown }).toHost(JSON.parse(JSON.stringify(message))),
      getState: () => JSON.parse(sessionStorage.getItem('kept') ?? 'null') as unknown,
      setState: (state: unknown) => sessionStorage.setItem('kept', JSON.stringify(state)),
    }),
  });
}

function resource(name: string): { body: string; contentType: string } {
  if (name === '/') {
    const of = (file: string) => `${ORIGIN}/${file}`;
    const html = panelHtml({
      title: 'Memory',
      cspSource: ORIGIN,
      script: of('main.js'),
      controls: of('toolkit.js'),
      style: of('panel.css'),
      nonce: 'n0nce',
    });
    return { body: html, contentType: 'text/html' };
  }
  const file = path.join('dist/webview', path.basename(name));
  const known = fs.existsSync(file);
  return { body: known ? fs.readFileSync(file, 'utf8') : '', contentType: TYPES[path.extname(name)] ?? 'text/plain' };
}

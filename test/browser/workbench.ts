import * as fs from 'node:fs';
import * as path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { openBrowser, type Browser } from '../vscode/chromium';
import { installVsix, newDataDir, startServer, workbenchUrl, type Server } from '../vscode/server';
import { selectors } from './selectors';

const SHOTS = 'test-results/screenshots';

/** The colour themes in which everything must be legible, by VS Code's names. */
export const THEMES = ['Dark Modern', 'Light Modern', 'Default High Contrast'] as const;

/** Where the extension runs: in the server's Node, or in a worker of the page, as on a VS Code without a server. */
export type ExtensionHost = 'node' | 'worker';

/** VS Code with the packaged extension installed, a folder open, and a person's hands. */
export class Workbench {
  private webBuildLoaded = false;

  private constructor(
    readonly page: Page,
    /** The opened folder: a copy of samples/ and of the files of the test. */
    readonly folder: string,
    private readonly dataDir: string,
    private readonly browser: Browser,
    private readonly server: Server,
  ) {
    page.setDefaultTimeout(20_000);
    page.on('request', (request) => (this.webBuildLoaded ||= decodeURIComponent(request.url()).includes('/dist/extension.js')));
  }

  /** Starts one on a copy of samples/ and `files`: names and texts; with the packaged extensions of `vsixes` installed. */
  static async start(files: Record<string, string> = {}, host: ExtensionHost = 'node', vsixes = ['mmscn.vsix']): Promise<Workbench> {
    const dataDir = newDataDir();
    const folder = path.join(dataDir, 'workspace');
    fs.cpSync('samples', folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
    for (const vsix of vsixes) await installVsix(dataDir, vsix);
    const inWorker = host === 'worker' ? { 'remote.extensionKind': { 'mmscn.mmscn': ['web'] } } : {};
    const server = await startServer({ dataDir, settings: { 'debug.openDebug': 'openOnSessionStart', ...inWorker } });
    const browser = await openBrowser();
    const workbench = new Workbench(browser.page, folder, dataDir, browser, server);
    try {
      await browser.page.goto(workbenchUrl(server, folder));
      await browser.page.locator(selectors.explorerRow).first().waitFor();
    } catch (error) {
      await workbench.stop();
      throw error;
    }
    return workbench;
  }

  /** Which build of the extension this workbench has loaded. */
  get extensionHost(): ExtensionHost {
    return this.webBuildLoaded ? 'worker' : 'node';
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    fs.rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Opens a file of the folder and waits for its text. */
  async open(name: string): Promise<void> {
    await this.until(this.page.locator(selectors.quickInput).first(), () => this.press('Control+P'));
    await this.page.locator(selectors.quickInput).first().fill(name);
    await this.page.locator(`${selectors.quickRow}[aria-label^="${name},"]`).first().click();
    await this.page.locator(`${selectors.activeTab}[aria-label^="${name}"]`).waitFor();
    await this.page.locator(selectors.focusedEditor).first().waitFor();
    await this.page.locator(selectors.editorLine).first().waitFor();
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
  }

  /** Does it again until it shows: a key is lost where the focus is on its way from one part of the window to another. */
  private async until(shown: Locator, act: () => Promise<void>): Promise<void> {
    for (let left = 10; left > 1; left--) {
      await act();
      const done = await shown.waitFor({ timeout: 2000 }).then(
        () => true,
        () => false,
      );
      if (done) return;
    }
    await act();
    await shown.waitFor();
  }

  /** Runs a command from the palette by its title; tries again while the extension's commands are not known yet. */
  async command(title: string): Promise<void> {
    const row = this.page.locator(selectors.quickRow, { hasText: title }).first();
    for (let left = 10; left > 0; left--) {
      await this.press('F1');
      const chosen = await this.page
        .locator(selectors.quickInput)
        .first()
        .fill(`>${title}`, { timeout: 2000 })
        .then(() => row.click({ timeout: 2000 }))
        .then(
          () => true,
          () => false,
        );
      if (chosen) return;
      await this.press('Escape');
    }
    throw new Error(`no command ${title}`);
  }

  /** Waits until the call stack shows a frame at this line. A key pressed before is lost: wait for every stop. */
  async stoppedAt(line: number): Promise<void> {
    await this.page
      .locator(selectors.frame, { hasText: new RegExp(`(^|\\D)${line}:\\d+$`) })
      .first()
      .waitFor();
  }

  /** The texts of the call stack, top first. */
  async callStack(): Promise<string[]> {
    return this.page.locator(selectors.frame).allTextContents();
  }

  /** The rows of the Variables view that can be seen, once it shows the scopes of the current stop. */
  async variables(): Promise<string[]> {
    await this.page.locator(selectors.variable, { hasText: /^Machine$/ }).waitFor();
    return this.page.locator(selectors.variable).allTextContents();
  }

  /** Puts the focus into the first editor. */
  async focusEditor(): Promise<void> {
    await this.until(this.page.locator(selectors.focusedEditor).first(), () => this.press('Control+1'));
    await this.page.locator(selectors.editorLine).first().waitFor();
  }

  /** The DOM of whichever of the extension's pages holds what `selector` names, once one does. */
  async webview(selector: string): Promise<FrameLocator> {
    const outer = this.page.locator(selectors.webview);
    for (let left = 100; left > 0; left--) {
      for (let index = 0; index < (await outer.count()); index++) {
        const page = outer.nth(index).contentFrame().locator(selectors.webviewPage).contentFrame();
        if (
          await page
            .locator(selector)
            .first()
            .isVisible()
            .catch(() => false)
        )
          return page;
      }
      await this.page.waitForTimeout(200);
    }
    throw new Error(`no page has ${selector}`);
  }

  /** The DOM of the panel, once it holds what `selector` names. */
  async panel(selector = 'body'): Promise<FrameLocator> {
    const webview = this.page.frameLocator(selectors.webview).last().frameLocator(selectors.webviewPage);
    await webview.locator(selector).first().waitFor();
    return webview;
  }

  /** What axe-core finds wrong with the panel for people who cannot see it or use no mouse, one line each. */
  async accessibilityProblems(): Promise<string[]> {
    const frame = await (
      await this.panel()
    )
      .locator('body')
      .elementHandle()
      .then((body) => body?.ownerFrame());
    if (!frame) throw new Error('no panel');
    await frame.evaluate(fs.readFileSync('node_modules/axe-core/axe.min.js', 'utf8'));
    const { violations } = (await frame.evaluate('axe.run()')) as { violations: { id: string; help: string; nodes: { html: string }[] }[] };
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`);
  }

  /** The toolbar shows late and can't tell that a session has ended: the view that offers to start one can. */
  async stopDebugging(): Promise<void> {
    await this.until(this.page.locator(selectors.startDebugging).first(), () => this.press('Shift+F5'));
  }

  async useTheme(theme: (typeof THEMES)[number]): Promise<void> {
    await this.command('Preferences: Color Theme');
    await this.page.locator(selectors.quickInput).first().fill(theme);
    await this.page.locator(selectors.quickRow, { hasText: theme }).first().click();
    const kind = { 'Dark Modern': 'vs-dark', 'Light Modern': 'vs', 'Default High Contrast': 'hc-black' }[theme];
    await this.page.locator(`${selectors.workbench}.${kind}`).waitFor();
  }

  /** Into test-results/screenshots/NAME.png. */
  async screenshot(name: string): Promise<void> {
    fs.mkdirSync(SHOTS, { recursive: true });
    await this.page.screenshot({ path: path.join(SHOTS, `${name.replaceAll(/\W+/g, '-')}.png`) });
  }
}

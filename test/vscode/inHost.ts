import * as fs from 'node:fs';
import * as path from 'node:path';
import { format } from 'node:util';
import { openBrowser, type Browser } from './chromium';
import { newDataDir, startServer, workbenchUrl } from './server';

const LIMIT_SECONDS = 240;

/** The workbench's own chatter on the console that the extension host shares with it. */
const CHATTER =
  /^(Ignoring fetching|Creating a socket|Resolv(ing|ed) connection|\[AgentHost|\[AccountPolicy|\[reconnection|\[Service Worker|Updating additional|Error: Could not locate the bindings file|Cannot find module '\.\/build\/Release\/watchdog')/;

/**
 * Runs the tests of a bundle inside the extension host of the embedded VS Code.
 * @returns the exit code that VS Code reports for them
 */
export async function runInHost(
  folder: string,
  extensionPath: string,
  testsPath: string,
  env: Record<string, string> = {},
): Promise<number> {
  const dataDir = newDataDir();
  const server = await startServer({ dataDir, forTests: true, env });
  const browser = await openBrowser();
  try {
    const exit = automationExit(browser);
    await browser.page.goto(workbenchUrl(server, folder, extensionPath, testsPath));
    return await exit;
  } catch (error) {
    fs.mkdirSync('test-results', { recursive: true });
    await browser.page.screenshot({ path: path.join('test-results', 'in-host-failure.png') });
    console.error(error, fs.readFileSync(server.logFile, 'utf8').slice(-3000));
    return 1;
  } finally {
    await browser.close();
    await server.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The workbench calls these two functions of its window, if they exist, for the console and the end of a test run. */
async function automationExit({ context, page }: Browser): Promise<number> {
  let done: (code: number) => void;
  let failed: (error: Error) => void;
  const exit = new Promise<number>((ok, bad) => {
    done = ok;
    failed = bad;
  });
  await context.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
    const line = format(...args);
    if (!CHATTER.test(line)) (type === 'error' ? console.error : console.log)(`  ${line}`);
  });
  await context.exposeFunction('codeAutomationExit', (code: number) => done(code));
  page.on('crash', () => failed(new Error('the page crashed')));
  setTimeout(() => failed(new Error(`no result after ${LIMIT_SECONDS} seconds`)), LIMIT_SECONDS * 1000).unref();
  return exit;
}

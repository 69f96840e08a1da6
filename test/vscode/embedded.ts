// Run as a program by `npm start`: the extension on the samples in the embedded VS Code, until Ctrl+C.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { sandbox } from './chromium';
import { startServer, workbenchUrl } from './server';

const dataDir = path.resolve('.vscode-host-data');
const extensions = path.join(dataDir, 'extensions');
const manifest = JSON.parse(fs.readFileSync('package.json', 'utf8')) as { publisher: string; name: string; version: string };

// A link to this folder instead of an installed package: build, reload the page, and the new code runs.
fs.rmSync(extensions, { recursive: true, force: true });
fs.mkdirSync(extensions, { recursive: true });
fs.symlinkSync(path.resolve('.'), path.join(extensions, `${manifest.publisher}.${manifest.name}-${manifest.version}`), 'dir');

const server = await startServer({ dataDir, port: Number(process.env.PORT ?? 0), settings: { 'debug.openDebug': 'openOnSessionStart' } });
const url = workbenchUrl(server, 'samples');
console.log(`\n  Memory Scenario is open in VS Code at\n\n    ${url}\n\n  Open a sample and press F5. Ctrl+C ends it.\n`);

const browser = process.env.CHROMIUM_PATH;
const hasDisplay = Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
const profile = path.join(dataDir, 'chromium');
const window =
  browser && hasDisplay
    ? spawn(browser, [`--app=${url}`, `--user-data-dir=${profile}`, '--no-first-run', ...sandbox()], { stdio: 'ignore' })
    : undefined;
window?.on('error', () => console.log('No browser window could be opened; open the address by hand.'));

const end = () => {
  window?.kill();
  void server.stop().then(() => process.exit(0));
};
process.on('SIGINT', end);
process.on('SIGTERM', end);

// npm start: installs what is needed, builds, and opens the extension on the samples.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { install, root, run } from './run.mjs';
import { findChromium } from './setupChromium.mjs';
import { hostDir, hostUnavailable, setupHost } from './setupHost.mjs';

const windows = process.platform === 'win32';
const works = (command) => spawnSync(command, ['--version'], { stdio: 'ignore', shell: windows }).status === 0;

await install();
if ((await run('node', ['esbuild.mjs'])) !== 0) process.exit(1);

const desktop = process.argv.includes('--embedded') ? undefined : ['code', 'code-insiders', 'codium'].find(works);
const samples = path.join(root, 'samples');
if (desktop) {
  console.log(`Opening the samples in ${desktop}.`);
  process.exit(await run(desktop, ['--new-window', `--extensionDevelopmentPath=${root}`, samples]));
}
const missing = hostUnavailable();
if (missing) {
  console.error(`No desktop VS Code found (code, code-insiders, codium), and ${missing}. Install VS Code, then run npm start again.`);
  process.exit(1);
}
await setupHost();
const env = { ...process.env, VSCODE_HOST_DIR: hostDir, ...(findChromium() && { CHROMIUM_PATH: findChromium() }) };
const child = spawn(process.execPath, ['dist-test/vscode/embedded.mjs'], { cwd: root, stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));

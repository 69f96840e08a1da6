// Plain Node, no package: what must work before anything is installed.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
export const results = path.join(root, 'test-results');

const windows = process.platform === 'win32';

/**
 * Runs a command to its end. With `log`, its output goes into that file instead of the terminal.
 * @returns {Promise<number>} its exit code, 1 when it could not be started
 */
export function run(command, args, { cwd = root, env = {}, log } = {}) {
  const out = log ? fs.openSync(log, 'w') : 'inherit';
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', out, out], shell: windows });
    child.on('error', () => done(1));
    child.on('exit', (code) => done(code ?? 1));
  });
}

/** Installs what package-lock.json names, unless just that is installed. */
export async function install() {
  if (isInstalled()) return;
  if ((await run('npm', ['ci'])) !== 0) throw new Error('npm ci failed');
}

function isInstalled() {
  const hidden = path.join(root, 'node_modules/.package-lock.json');
  if (!fs.existsSync(hidden)) return false;
  const installed = JSON.parse(fs.readFileSync(hidden, 'utf8')).packages;
  const wanted = Object.entries(JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages);
  return wanted.every(([where, p]) => where === '' || p.optional || installed[where]?.version === p.version);
}

/** Runs a script of this folder's build output or a command of node_modules/.bin by its name. */
export const bin = (name) => path.join(root, 'node_modules/.bin', windows ? `${name}.cmd` : name);

import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** Packages the built extension in `folder` by its own script, once; returns the package, beside the benchmark, so that no older one is measured. */
export function packaged(folder: string): string {
  const { name } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { name: string };
  const vsix = `dist-test/bench/${name}.vsix`;
  const run = ['run', '--silent', 'package', '--', '-o', path.resolve(vsix)];
  if (!fs.existsSync(vsix)) execFileSync('npm', run, { cwd: folder, stdio: 'pipe', shell: process.platform === 'win32' });
  return vsix;
}

import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

const VSCE = ['package', '--no-dependencies', '--allow-missing-repository', '--skip-license'];

/** Packages the built extension in `folder`, once; returns the package, beside the benchmark, so that no older one is measured. */
export function packaged(folder: string): string {
  const { name } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { name: string };
  const vsix = `dist-test/bench/${name}.vsix`;
  if (!fs.existsSync(vsix))
    execFileSync(path.resolve('node_modules/.bin/vsce'), [...VSCE, '-o', path.resolve(vsix)], { cwd: folder, stdio: 'pipe' });
  return vsix;
}

import { build } from 'esbuild';
import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** Builds the command as `npm run build` does, from the sources as they are now, and gives its path. */
export async function buildCommand(): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-command-'));
  const outfile = path.join(folder, 'cli.js');
  await build({
    entryPoints: [path.join(ROOT, 'extension/cli/main.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    outfile,
    define: { MMSCN_VERSION: '"0.0.0"' },
  });
  return outfile;
}

export interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in a folder and waits for its end. */
export function runCommand(command: string, args: readonly string[], options: SpawnSyncOptions = {}): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8', timeout: 60_000, ...options });
  return { code: status, out: String(stdout), err: String(stderr) };
}

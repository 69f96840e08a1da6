import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Temporary files of the tests lie in one folder, which goes with them. */
export default function setup(): () => void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-test-'));
  process.env.TMPDIR = folder;
  return () => fs.rmSync(folder, { recursive: true, force: true });
}

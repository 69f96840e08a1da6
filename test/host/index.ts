import * as fs from 'node:fs';
import * as path from 'node:path';
import Mocha from 'mocha';

/** VS Code calls this in its extension host; it runs the suites bundled beside this file and leaves the numbers in a file. */
export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, reporter: 'spec', color: false, forbidOnly: true, forbidPending: true });
  for (const file of fs.readdirSync(__dirname).sort()) {
    if (file.endsWith('.test.js')) mocha.addFile(path.join(__dirname, file));
  }
  let passed = 0;
  const failed = await new Promise<number>((done) => mocha.run(done).on('pass', () => passed++));
  const results = process.env.MMSCN_TEST_RESULTS;
  if (results) fs.writeFileSync(results, JSON.stringify({ numPassedTests: passed, numFailedTests: failed }));
  if (failed > 0) throw new Error(`${failed} tests failed`);
}

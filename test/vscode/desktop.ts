// Run as a program: the in-host tests in a desktop VS Code, downloaded or named in VSCODE_EXECUTABLE.
import * as path from 'node:path';
import { runTests } from '@vscode/test-electron';

const executable = process.env.VSCODE_EXECUTABLE;
const root = path.resolve('.');

try {
  const code = await runTests({
    ...(executable ? { vscodeExecutablePath: path.resolve(executable) } : {}),
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, 'dist-test/host/index.js'),
    extensionTestsEnv: { MMSCN_TEST_RESULTS: path.resolve('test-results/desktop.json') },
    launchArgs: [path.join(root, 'samples'), '--disable-extensions', '--disable-workspace-trust'],
  });
  process.exit(code);
} catch (error) {
  console.error(error);
  if (!executable) console.error('VS Code could not be downloaded: name an installed one in VSCODE_EXECUTABLE.');
  process.exit(1);
}

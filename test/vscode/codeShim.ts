#!/usr/bin/env node
// Stands in for the desktop executable (VSCODE_EXECUTABLE=dist-test/vscode/codeShim.mjs): takes the arguments that
// @vscode/test-electron gives, and runs them in the embedded VS Code.
import { runInHost } from './inHost';

const args = process.argv.slice(2);
const value = (name: string) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const extension = value('extensionDevelopmentPath');
const tests = value('extensionTestsPath');
const folder = args.find((arg) => !arg.startsWith('-'));
if (!extension || !tests || !folder) {
  console.error('codeShim runs tests only: it needs --extensionDevelopmentPath=, --extensionTestsPath= and a folder');
  process.exit(2);
}
process.exit(await runInHost(folder, extension, tests, { MMSCN_TEST_RESULTS: process.env.MMSCN_TEST_RESULTS ?? '' }));

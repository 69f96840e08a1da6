// npm test: everything, or one of the suites `host`, `browser`, `desktop`. The last line is the total over all suites.
import fs from 'node:fs';
import path from 'node:path';
import { bin, install, results, run } from './run.mjs';
import { chromiumUnavailable, findChromium, setupChromium } from './setupChromium.mjs';
import { hostDir, hostUnavailable, setupHost } from './setupHost.mjs';

/** Characters of a failure that are shown again at the end. */
const FAILURE_SHOWN = 3000;

const outcomes = [];
const notRun = [];
const only = process.argv[2];

await install();
fs.mkdirSync(results, { recursive: true });
const hostReady = only === 'desktop' ? undefined : prepareHost();

if (await check('build', 'node', ['esbuild.mjs'])) await theRest();
report();

async function theRest() {
  if (!only) {
    await check('types', bin('tsc'), ['-p', '.']);
    await check('lint', bin('eslint'), ['.', '--max-warnings', '0']);
    await check('format', bin('prettier'), ['--check', '--log-level', 'warn', '.']);
    await vitest('unit', { MMSCN_RUNS: process.env.MMSCN_RUNS ?? '0.5' });
  }
  if (only !== 'host' && only !== 'desktop') await check('package', 'npm', ['run', '--silent', 'package']);
  if (only === 'desktop') await suite('desktop', 'node', ['dist-test/vscode/desktop.mjs']);
  else await inVsCode();
}

/** Installs the browser and the embedded VS Code while the other suites run. */
async function prepareHost() {
  const missing = hostUnavailable() ?? chromiumUnavailable();
  if (missing) return { missing };
  const done = await Promise.allSettled([setupHost(), setupChromium()]);
  return { error: done.find((one) => one.status === 'rejected')?.reason };
}

async function inVsCode() {
  const { missing, error } = await hostReady;
  const wanted = ['host', 'browser'].filter((name) => !only || only === name);
  if (missing) notRun.push(...wanted.map((name) => `${name}: ${missing}; npm run test:desktop needs a network or VSCODE_EXECUTABLE`));
  else if (error) wanted.forEach((name) => fail(name, error.message));
  else {
    const env = { VSCODE_HOST_DIR: hostDir, CHROMIUM_PATH: findChromium() };
    if (wanted.includes('host')) await suite('host', 'node', ['dist-test/vscode/host.mjs'], env);
    if (wanted.includes('browser')) await vitest('browser', env);
  }
}

/** A command that passes or fails as a whole. */
async function check(name, command, args) {
  heading(name);
  const failed = (await run(command, args)) === 0 ? 0 : 1;
  outcomes.push({ name, passed: 1 - failed, failed });
  return failed === 0;
}

function vitest(name, env = {}) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultsOf(name)}`];
  return suite(name, bin('vitest'), ['run', '--project', name, ...reporters], env);
}

/** A command that runs tests and leaves their numbers in test-results/NAME.json. */
async function suite(name, command, args, env = {}) {
  heading(name);
  const file = resultsOf(name);
  fs.rmSync(file, { force: true });
  const code = await run(command, args, { env });
  if (!fs.existsSync(file)) return fail(name, `it left no results and ended with ${code}`);
  const { numPassedTests: passed, numFailedTests, testResults = [] } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const failed = numFailedTests || (code === 0 && passed > 0 ? 0 : 1);
  outcomes.push({ name, passed, failed, failures: failuresIn(testResults) });
}

/** The full name and the message of each failed test, and of each file that could not be run. */
function failuresIn(files) {
  const tests = files.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === 'failed');
  const broken = files.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
  return [
    ...tests.map(({ fullName, failureMessages }) => `${fullName}\n${failureMessages.join('\n')}`),
    ...broken.map(({ name, message }) => `${name}\n${message}`),
  ];
}

function fail(name, reason) {
  console.error(`${name}: ${reason}`);
  outcomes.push({ name, passed: 0, failed: 1 });
}

function report() {
  for (const { name, failures = [] } of outcomes)
    for (const failure of failures) console.log(`\nFAIL ${name}: ${failure.slice(0, FAILURE_SHOWN)}`);
  heading('all');
  for (const { name, passed, failed } of outcomes) console.log(`${failed ? 'FAIL' : 'ok  '} ${name}: ${passed} of ${passed + failed}`);
  for (const line of notRun) console.log(`\n!!!! NOT RUN HERE: ${line}`);
  const total = (key) => outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
  process.exitCode = total('failed') > 0 ? 1 : 0;
  console.log(`${total('passed')} passed, ${total('failed')} failed`);
}

function resultsOf(name) {
  return path.join(results, `${name}.json`);
}

function heading(name) {
  console.log(`\n=== ${name} (${process.uptime().toFixed(0)} s)`);
}

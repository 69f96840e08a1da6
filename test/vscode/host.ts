// Run as a program: the in-host tests in the embedded VS Code.
import * as path from 'node:path';
import { runInHost } from './inHost';

process.exit(await runInHost('samples', '.', 'dist-test/host/index.js', { MMSCN_TEST_RESULTS: path.resolve('test-results/host.json') }));

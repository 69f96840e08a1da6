// Builds everything: `node esbuild.mjs` all of it, `node esbuild.mjs generate` the generated sources only.
import * as esbuild from 'esbuild';
import peggy from 'peggy';
import fs from 'node:fs';
import path from 'node:path';
import { COUNTED, namesGiven, outcomesGiven } from './simulatorNames.mjs';

process.chdir(import.meta.dirname);

const PARSER = 'language/syntax/generated/parser.js';
const NAMES = 'language/simulator/generated/names.ts';
const PARSER_TYPES = `/** Options of the generated parser; \`grammarSource\` comes back in the locations. */
export interface ParseOptions { readonly grammarSource?: unknown; readonly startRule?: string; readonly [option: string]: unknown }
/** Thrown where the grammar itself gives up; statement-level recovery keeps that from happening. */
export class SyntaxError extends globalThis.SyntaxError {
  readonly location: { start: Position; end: Position };
  readonly expected: readonly { type: string; description?: string; text?: string }[] | null;
  readonly found: string | null;
}
export interface Position { readonly offset: number; readonly line: number; readonly column: number }
export function parse(input: string, options?: ParseOptions): unknown;
`;

const shared = { bundle: true, minify: true, sourcemap: 'linked', logLevel: 'warning', charset: 'utf8', target: 'es2022' };
const node = { ...shared, platform: 'node', format: 'cjs', target: 'node20' };
const browser = { ...shared, platform: 'browser' };
/** Not minified, and packages stay in node_modules: for tests and tools. */
const inside = { ...node, minify: false, packages: 'external' };
const tool = { ...inside, format: 'esm', outExtension: { '.js': '.mjs' } };

// An extension in a browser cannot list its own folder: the build does it.
const extension = {
  entryPoints: ['extension/extension.ts'],
  external: ['vscode'],
  define: { SAMPLE_FILES: JSON.stringify(listed('samples', '.mmscn')) },
};

const commandLine = {
  entryPoints: ['extension/cli/main.ts'],
  banner: { js: '#!/usr/bin/env node' },
  define: { MMSCN_VERSION: JSON.stringify(JSON.parse(fs.readFileSync('package.json', 'utf8')).version) },
};

const bundles = [
  { ...browser, ...extension, format: 'cjs', outfile: 'dist/extension.js' },
  { ...node, entryPoints: ['extension/cli/live/live.ts'], outfile: 'dist/live.js' },
  { ...node, entryPoints: ['extension/cli/import/host.ts'], outfile: 'dist/import.js' },
  {
    ...browser,
    format: 'iife',
    entryPoints: ['webview/main.ts', 'webview/ui/toolkit.ts', 'webview/panel.css', 'webview/compare.ts', 'webview/compare.css'],
    outdir: 'dist/webview',
    entryNames: '[name]',
  },
  { ...node, ...commandLine, outfile: 'dist/cli.js' },
  { ...inside, entryPoints: scripts('test/host'), outdir: 'dist-test/host' },
  { ...tool, entryPoints: scripts('test/vscode'), outdir: 'dist-test/vscode' },
  { ...tool, entryPoints: ['test/bench/main.ts'], outfile: 'dist-test/bench/main.mjs' },
  { ...tool, entryPoints: ['test/verify/main.ts'], outfile: 'dist-test/verify/main.mjs', alias: { vitest: './test/verify/expect.ts' } },
  {
    ...inside,
    entryPoints: ['test/bench/nothing/extension.ts', 'test/bench/nothing/package.json'],
    loader: { '.json': 'copy' },
    outdir: 'dist-test/bench/nothing',
  },
];

const everything = process.argv[2] !== 'generate';
if (everything) for (const folder of ['dist', 'dist-test']) fs.rmSync(folder, { recursive: true, force: true });
generate();
if (everything) {
  const built = await Promise.allSettled(bundles.map((bundle) => esbuild.build(bundle)));
  if (built.some(({ status }) => status === 'rejected')) process.exitCode = 1;
  linkCommand();
  makeExecutable('dist-test/vscode/codeShim.mjs');
}

/** The Peggy grammar becomes an ES module with types, and the names that the simulator counts a list; checked in nowhere: they have one source. */
function generate() {
  const grammar = 'language/syntax/mmscn.peggy';
  fs.mkdirSync(path.dirname(PARSER), { recursive: true });
  const text = fs.readFileSync(grammar, 'utf8');
  const allowedStartRules = ['File', 'ItemLine', 'StatementLine', 'Expression'];
  let source;
  try {
    source = peggy.generate(text, { output: 'source', format: 'es', grammarSource: grammar, allowedStartRules });
  } catch (error) {
    console.error(error.format?.([{ source: grammar, text }]) ?? error);
    process.exit(1);
  }
  write(PARSER, source);
  write(PARSER.replace(/\.js$/, '.d.ts'), PARSER_TYPES);
  fs.mkdirSync(path.dirname(NAMES), { recursive: true });
  const lists = Object.entries(COUNTED).map(([list, methods]) => {
    return `export const ${list}: readonly string[] = ${JSON.stringify(namesGiven('language/simulator', methods))};\n`;
  });
  const outcomes = JSON.stringify(outcomesGiven('language/simulator'));
  lists.push(`export const outcomes: Readonly<Record<string, readonly string[]>> = ${outcomes};\n`);
  write(NAMES, lists.join(''));
}

/** `npx mmscn` in this checkout starts the command line that was just built: no network, no question. */
function linkCommand() {
  const command = path.resolve('dist/cli.js');
  makeExecutable(command);
  const bin = path.resolve('node_modules/.bin');
  fs.rmSync(path.join(bin, 'mmscn'), { force: true });
  if (process.platform === 'win32') fs.writeFileSync(path.join(bin, 'mmscn.cmd'), `@node "${command}" %*\r\n`);
  else fs.symlinkSync(path.relative(bin, command), path.join(bin, 'mmscn'));
}

function makeExecutable(file) {
  if (fs.existsSync(file)) fs.chmodSync(file, 0o755);
}

/** Only when it differs: an unchanged file keeps its time, and watchers stay quiet. */
function write(file, text) {
  if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) fs.writeFileSync(file, text);
}

function listed(folder, ending) {
  return fs.readdirSync(folder).filter((name) => name.endsWith(ending));
}

function scripts(folder) {
  return listed(folder, '.ts').map((name) => `${folder}/${name}`);
}

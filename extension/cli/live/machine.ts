import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cProgram, bufferSize, diskSize, MOST_BUFFER } from '../../../language/export/c/program';
import { toolsOf } from '../../../language/export/c/setups';
import { parseLive, type LiveStep } from '../../../language/export/parse';
import type { Trace } from '../../../language/export/trace';

/** What became of a program on the machine. */
export interface Live {
  readonly steps: readonly LiveStep[];
  /** Why there are none, or not all. */
  readonly problem?: string;
}

/** Processes and files that one program may have open. */
const MOST_PROCESSES = 400;

/** Why a scenario cannot be done here, in one sentence with the figure; undefined where it can. */
export function refusal(trace: Trace): string | undefined {
  if (process.platform !== 'linux') return `this is ${process.platform}, not Linux`;
  if (process.getuid?.() !== 0) return 'it needs root: frames, map counts and mounts are not shown to others';
  if (spawnSync('cc', ['--version'], { stdio: 'ignore' }).status !== 0) return 'there is no C compiler (cc)';
  const missing = toolsOf(trace).filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' }).status !== 0);
  if (missing.length > 0) return `${missing.join(' and ')} is not installed`;
  const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  const buffer = bufferSize(trace);
  if (buffer > MOST_BUFFER) return `one call handles ${mib(buffer)} at once; a program takes at most ${mib(MOST_BUFFER)}`;
  if (trace.names.size > MOST_PROCESSES) return `it has ${trace.names.size} processes; a program takes at most ${MOST_PROCESSES}`;
  const needed = trace.memory + buffer * Math.max(1, trace.names.size);
  const free = available();
  if (needed > free / 2)
    return `it would take ${mib(needed)} of memory, and this host has ${mib(free)} to spare (at most half of it is taken)`;
  const { bavail, bsize } = fs.statfsSync(os.tmpdir());
  const disk = 3 * diskSize(trace) + 2 ** 27;
  if (disk > bavail * bsize) return `it would take ${mib(disk)} in ${os.tmpdir()}, which has ${mib(bavail * bsize)} left`;
  return undefined;
}

function available(): number {
  const match = /^MemAvailable: +(\d+) kB/m.exec(fs.readFileSync('/proc/meminfo', 'utf8'));
  return match ? Number(match[1]) * 1024 : os.freemem();
}

/** Compiles the program of a trace, runs it in a directory of its own, and removes everything that it made. */
export async function runLive(trace: Trace): Promise<Live> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-live-'));
  fs.chmodSync(folder, 0o755);
  try {
    const source = path.join(folder, 'program.c');
    const program = path.join(folder, 'program');
    fs.writeFileSync(source, cProgram(trace));
    const compiled = spawnSync('cc', ['-O1', '-w', '-fPIE', '-pie', '-o', program, source], { encoding: 'utf8' });
    if (compiled.status !== 0)
      return { steps: [], problem: `the program does not compile: ${compiled.stderr.split('\n').slice(0, 5).join('\n')}` };
    if (interrupted.signal) return { steps: [], problem: 'interrupted' };
    const { output, problem } = await execute(program, path.join(folder, 'at'));
    const { steps, complete } = parseLive(output, trace.names);
    return complete ? { steps } : { steps, problem: problem ?? 'the program ended early' };
  } finally {
    putBack(folder);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** A signal of ours ends the program, which cleans up, before we go. */
function execute(program: string, directory: string): Promise<{ output: string; problem?: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, [directory], { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    let errors = '';
    let ended: NodeJS.Signals | undefined;
    const pass = (signal: NodeJS.Signals): void => {
      ended = signal;
      child.kill('SIGTERM');
    };
    for (const signal of SIGNALS) process.on(signal, pass);
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('close', (code, signal) => {
      for (const each of SIGNALS) process.off(each, pass);
      if (ended !== undefined) interrupted.signal = ended;
      const output = Buffer.concat(chunks).toString();
      if (code === 0) resolve({ output });
      else resolve({ output, problem: errors.trim() || `the program was ended by ${signal ?? `exit code ${code}`}` });
    });
  });
}

/** What asks us to stop. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Set when a signal asked us to stop: no further scenario is begun. */
export const interrupted: { signal?: NodeJS.Signals } = {};

/** As long as `body` goes on a signal does not end us: it sets `interrupted`, and what was changed is put back first. */
export async function interruptible<T>(body: () => Promise<T>): Promise<T> {
  const stop = (signal: NodeJS.Signals): void => void (interrupted.signal = signal);
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await body();
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

/** Settings that a killed program has left: it noted what they were. */
function putBack(folder: string): void {
  const notes = path.join(folder, 'at', 'restore');
  if (!fs.existsSync(notes)) return;
  for (const line of fs.readFileSync(notes, 'utf8').split('\n').reverse()) {
    const [name, ...value] = line.split(' ');
    if (!name?.startsWith('/') || !fs.existsSync(name)) continue;
    try {
      fs.writeFileSync(name, value.join(' '));
    } catch {
      // A loop device that is gone takes its setting along.
    }
  }
}

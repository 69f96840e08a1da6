import { execFile, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Needs } from '../../../language/export/needs';
import type { Kernel, Ran } from '../../../language/export/verify';
import { temporaryFilesystem } from './host';

/** Processes and files that one program may have open. */
const MOST_PROCESSES = 400;

/** Bytes of memory that a program may use for what one call reads or writes. */
const MOST_BUFFER = 64 * 2 ** 20;

/** The kernel that this process runs on. */
export const thisKernel: Kernel = {
  root: process.getuid?.() === 0,
  get filesystem() {
    return temporaryFilesystem();
  },
  refusal,
  run,
};

function refusal({ root, tools: wanted, processes, buffer, memory, disk, gigantic, swap }: Needs): string | undefined {
  if (process.platform !== 'linux') return `this is ${process.platform}, not Linux`;
  if (root !== undefined && !thisKernel.root) return `it needs root, ${root}`;
  if (spawnSync('cc', ['--version'], { stdio: 'ignore' }).status !== 0) return 'there is no C compiler (cc)';
  const tools = thisKernel.root ? wanted : [];
  const missing = tools.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' }).status !== 0);
  if (missing.length > 0) return `${missing.join(' and ')} is not installed`;
  if (gigantic && !fs.existsSync('/sys/kernel/mm/hugepages/hugepages-1048576kB')) return 'this machine has no huge pages of 1 GiB';
  if (swap !== undefined && !fs.existsSync('/sys/class/zram-control'))
    return 'its machine has swap, and this kernel has no zram to swap to';
  if (swap === 'disk') return 'its swap does not answer at once (swap_synchronous = false), and zram does';
  const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  if (buffer > MOST_BUFFER) return `one call handles ${mib(buffer)} at once; a program takes at most ${mib(MOST_BUFFER)}`;
  if (processes > MOST_PROCESSES) return `it has ${processes} processes; a program takes at most ${MOST_PROCESSES}`;
  const free = available();
  if (memory > free / 2)
    return `it would take ${mib(memory)} of memory, and this host has ${mib(free)} to spare (at most half of it is taken)`;
  const { bavail, bsize } = fs.statfsSync(os.tmpdir());
  if (disk > bavail * bsize) return `it would take ${mib(disk)} in ${os.tmpdir()}, which has ${mib(bavail * bsize)} left`;
  return undefined;
}

function available(): number {
  const match = /^MemAvailable: +(\d+) kB/m.exec(fs.readFileSync('/proc/meminfo', 'utf8'));
  return match ? Number(match[1]) * 1024 : os.freemem();
}

async function run(text: string, stop?: AbortSignal): Promise<Ran> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-live-'));
  fs.chmodSync(folder, 0o755);
  try {
    const source = path.join(folder, 'program.c');
    const program = path.join(folder, 'program');
    fs.writeFileSync(source, text);
    const errors = await compile(source, program);
    if (errors !== undefined) return { output: '', problem: `the program does not compile: ${errors.split('\n').slice(0, 5).join('\n')}` };
    if (interrupted.signal || stop?.aborted) return { output: '', problem: 'interrupted' };
    const before = reserved();
    const ran = await execute(program, path.join(folder, 'at'), stop);
    const after = await settled(before);
    if (after <= before) return ran;
    return { ...ran, left: `the kernel has not given back what it reserved of huge pages: HugePages_Rsvd was ${before}, and is ${after}` };
  } finally {
    putBack(folder);
    remove(folder);
  }
}

/** HugePages_Rsvd. */
function reserved(): number {
  const match = process.platform === 'linux' ? /^HugePages_Rsvd: +(\d+)/m.exec(fs.readFileSync('/proc/meminfo', 'utf8')) : null;
  return match ? Number(match[1]) : 0;
}

/** The same when the filesystems of the program are gone, which may take a moment. */
async function settled(before: number): Promise<number> {
  for (let tries = 0; tries < 10 && reserved() > before; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  return reserved();
}

/** Overlayfs leaves a directory that nobody may read, not even an ordinary user whose it is. */
function remove(folder: string): void {
  if (!thisKernel.root) spawnSync('chmod', ['-R', 'u+rwx', folder], { stdio: 'ignore' });
  fs.rmSync(folder, { recursive: true, force: true });
}

/** What the compiler says against it; undefined when it is done. */
function compile(source: string, program: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('cc', ['-O1', '-w', '-pthread', '-fPIE', '-pie', '-o', program, source], (error, _out, errors) =>
      resolve(error === null ? undefined : errors || error.message),
    );
  });
}

/** A signal of ours ends the program, which cleans up, before we go. */
function execute(program: string, directory: string, stop?: AbortSignal): Promise<{ output: string; problem?: string }> {
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
    const end = (): void => void child.kill('SIGTERM');
    stop?.addEventListener('abort', end);
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('close', (code, signal) => {
      for (const each of SIGNALS) process.off(each, pass);
      stop?.removeEventListener('abort', end);
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
    if (name === 'swapoff') spawnSync('swapoff', value);
    if (!name?.startsWith('/') || !fs.existsSync(name)) continue;
    try {
      fs.writeFileSync(name, value.join(' '));
    } catch {
      // A loop device that is gone takes its setting along.
    }
  }
}

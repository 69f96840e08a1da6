import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { grouped, print, type Row, seconds } from './table';

const SIZE = 100 * 2 ** 20;
const WORKERS = 8;

/** An import of a log of 100 MiB: a server of eight processes that read, write and map files, in two kinds: regular work that folds, and random work. */
export async function imports(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-bench-'));
  const rows: Row[] = [];
  try {
    for (const kind of ['regular', 'random'] as const) {
      const log = path.join(folder, `${kind}.log`);
      const lines = writeLog(log, kind === 'random');
      for (const limit of [100_000, 9_999_999]) {
        const { wall, memory, out } = await run(log, limit);
        const what = `${kind} work, --limit ${limit}`;
        rows.push({ what, figure: seconds(wall), beside: `${grouped(lines)} lines → ${grouped(out)}; ${memory} MiB at most` });
      }
      fs.rmSync(log);
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  print('import strace of 100 MiB', rows);
}

/** Writes the log, and gives how many lines it has. */
function writeLog(file: string, random: boolean): number {
  let seed = 1;
  const next = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  const out = fs.openSync(file, 'w');
  let lines = 0;
  let size = 0;
  let piece = '';
  const put = (pid: number, text: string) => {
    piece += `${pid} ${text}\n`;
    lines++;
    if (piece.length < 2 ** 20) return;
    size += fs.writeSync(out, piece);
    piece = '';
  };
  put(100, 'execve("/usr/bin/server", ["server"], 0x7ffd /* 9 vars */) = 0');
  for (let worker = 1; worker <= WORKERS; worker++) {
    put(100, `clone(child_stack=NULL, flags=SIGCHLD) = ${100 + worker}`);
    put(100 + worker, `openat(AT_FDCWD</srv>, "table.${worker}", O_RDWR) = 3</srv/table.${worker}>`);
    put(100 + worker, `openat(AT_FDCWD</srv>, "log.${worker}", O_WRONLY|O_CREAT|O_APPEND, 0600) = 4</srv/log.${worker}>`);
  }
  const data = `"${'\\1\\0x'.repeat(10)}"...`;
  for (let turn = 0; size < SIZE; turn++) {
    const worker = 1 + (random ? next(WORKERS) : Math.floor(turn / 1000) % WORKERS);
    const pid = 100 + worker;
    const page = random ? next(4096) : turn % 1000;
    put(pid, `pread64(3</srv/table.${worker}>, ${data}, 8192, ${page * 8192}) = 8192`);
    put(pid, `pwrite64(3</srv/table.${worker}>, ${data}, 8192, ${page * 8192}) = 8192`);
    put(pid, `write(4</srv/log.${worker}>, ${data}, ${100 + (random ? next(400) : 0)}) = ${100 + (random ? next(400) : 0)}`);
    put(pid, 'recvfrom(5<socket:[77]>, "", 8192, 0, NULL, NULL) = 100');
    put(pid, `fdatasync(4</srv/log.${worker}>) = 0`);
  }
  fs.writeSync(out, piece);
  fs.closeSync(out);
  return lines;
}

/** Wall time in milliseconds, the largest resident memory in MiB as far as /proc tells, and lines that came out. */
async function run(log: string, limit: number): Promise<{ wall: number; memory: number; out: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, ['dist/cli.js', 'import', 'strace', log, '--limit', String(limit)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let memory = 0;
  const look = setInterval(() => {
    try {
      const kB = /^VmHWM:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      memory = Math.max(memory, Math.round(Number(kB ?? 0) / 1024));
    } catch {
      // It has ended, or there is no /proc.
    }
  }, 50);
  let out = 0;
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0)));
  await once(child, 'close');
  clearInterval(look);
  return { wall: performance.now() - start, memory, out };
}

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Options } from '../../../language/simulator/api';

/** The kernel's default of fault_around_bytes: a live kernel is measured as it is. */
const FAULT_AROUND = 65536n;

/**
 * Whether a page that has only been read faults once more when it is written: then it was the zero page (1). Whether one that has been written is
 * soft-dirty (2).
 */
const PROBE = `
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
int main(void)
{
    struct rusage before, after;
    volatile char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)*p;
    getrusage(RUSAGE_SELF, &before);
    *p = 1;
    getrusage(RUSAGE_SELF, &after);
    unsigned long long entry = 0;
    pread(open("/proc/self/pagemap", O_RDONLY), &entry, 8, (unsigned long)p / 4096 * 8);
    return 64 | (before.ru_minflt != after.ru_minflt) | (entry >> 55 & 1) << 1;
}
`;

let known: Options | undefined;

/** What the simulator's machine must have in common with this host. */
export function hostOptions(): Options {
  const memory = BigInt(Math.floor(os.totalmem() / 4096)) * 4096n;
  return (known ??= { memory, fault_around: FAULT_AROUND, ...probed(), ...ownReadahead(), host_cache: fileLists(), large_folios: true });
}

/** Filesystems that scenarios have, by the type that statfs(2) tells. */
const TYPES: Readonly<Record<number, string>> = { 0x58465342: 'xfs', 0xef53: 'ext4', 0x9123683e: 'btrfs' };

/** The filesystem that temporary files are on: an ordinary user has no other. */
export function temporaryFilesystem(): string | undefined {
  return process.platform === 'linux' ? TYPES[fs.statfsSync(os.tmpdir()).type] : undefined;
}

/** Readahead there, which an ordinary user cannot set; bytes. */
function ownReadahead(): { readonly readahead?: bigint } {
  if (process.platform !== 'linux' || process.getuid?.() === 0 || temporaryFilesystem() === undefined) return {};
  const { dev } = fs.statSync(os.tmpdir());
  const device = `/sys/dev/block/${Math.floor(dev / 256) % 4096}:${(dev % 256) + Math.floor(dev / 2 ** 20) * 256}`;
  const [setting] = [`${device}/queue/read_ahead_kb`, `${device}/../queue/read_ahead_kb`].filter((file) => fs.existsSync(file));
  return setting === undefined ? {} : { readahead: BigInt(fs.readFileSync(setting, 'utf8').trim()) * 1024n };
}

/** Bytes on the lists of file pages. */
function fileLists(): bigint {
  if (process.platform !== 'linux') return 0n;
  const meminfo = fs.readFileSync('/proc/meminfo', 'utf8');
  return [...meminfo.matchAll(/^(?:Active|Inactive)\(file\): +(\d+) kB/gm)].reduce((sum, [, kb]) => sum + BigInt(kb!) * 1024n, 0n);
}

/** Some kernels have no zero page (`mm_forbids_zeropage()`), some no soft-dirty bits. Where that cannot be tried out (no compiler), the usual is taken. */
function probed(): { readonly zero_page: boolean; readonly soft_dirty: boolean } {
  const usual = { zero_page: true, soft_dirty: true };
  if (process.platform !== 'linux') return usual;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-probe-'));
  try {
    const program = path.join(folder, 'probe');
    const compiled = spawnSync('cc', ['-O1', '-w', '-x', 'c', '-o', program, '-'], { input: PROBE });
    const told = compiled.status === 0 ? (spawnSync(program).status ?? 0) : 0;
    return told < 64 ? usual : { zero_page: told % 2 === 1, soft_dirty: told % 4 >= 2 };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

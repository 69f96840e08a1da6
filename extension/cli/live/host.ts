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
  return (known ??= { memory, fault_around: FAULT_AROUND, ...probed(), host_cache: fileLists(), large_folios: true });
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

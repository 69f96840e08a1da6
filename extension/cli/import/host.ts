// What an extension needs of Node to import: a bundle of its own, which only a host with Node loads.
import fs from 'node:fs';

export { readLog } from './readLog';
export { readProcesses, totalMemory } from './readProc';

export interface Listed {
  readonly pid: number;
  readonly name: string;
  /** Bytes that are resident. */
  readonly rss: number;
}

/** The processes that have memory of their own, the newest first; none where there is no /proc. */
export function listProcesses(): Listed[] {
  let names: string[];
  try {
    names = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  const found = names.flatMap((pid) => {
    try {
      const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
      const rss = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
      const name = /^Name:\s+(.*)$/m.exec(status)?.[1];
      return rss === undefined || name === undefined ? [] : [{ pid: Number(pid), name, rss: Number(rss) * 1024 }];
    } catch {
      return []; // It has ended.
    }
  });
  return found.sort((a, b) => b.pid - a.pid);
}

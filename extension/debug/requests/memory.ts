import type { DebugProtocol } from '@vscode/debugprotocol';
import { Content } from '../../../language/simulator/state/content';
import type { Run } from '../../../language/runtime/run';
import type { Debugger } from '../debugger';
import { type Arguments, numberIn, optionalNumber, RequestError, stringIn } from '../protocol';

const PAGE = 4096;
/** Bytes given in one answer. */
const MOST = 2 ** 20;

/** The bytes that a process would see at an address, as far as pages are mapped there: looking faults nothing in. */
export function readMemory(debug: Debugger, args: Arguments): DebugProtocol.ReadMemoryResponse['body'] {
  const run = debug.run;
  const [, pid, base] = /^(\d+):(0x[\da-f]+)$/.exec(stringIn(args, 'memoryReference')) ?? [];
  if (pid === undefined) throw new RequestError('A memory reference is a process id and an address, as in 1:0x7ffff7fff000.');
  const count = Math.min(Math.max(0, numberIn(args, 'count')), MOST);
  const start = BigInt(base!) + BigInt(Math.trunc(optionalNumber(args, 'offset') ?? 0));
  const address = `0x${(start < 0n ? 0n : start).toString(16)}`;
  const pages: Uint8Array[] = [];
  let read = 0;
  while (start >= 0n && read < count) {
    const at = start + BigInt(read);
    const page = pageAt(run, Number(pid), at);
    if (!page) break;
    const from = Number(at % BigInt(PAGE));
    const bytes = page.bytes(from, Math.min(PAGE, from + count - read));
    pages.push(bytes);
    read += bytes.length;
  }
  return { address, ...(read > 0 && { data: base64(pages) }), ...(read < count && { unreadableBytes: count - read }) };
}

function pageAt(run: Run, pid: number, address: bigint): Content | undefined {
  const entry = run.machine.alive(pid) ? run.machine.pte(pid, address) : undefined;
  if (!entry || run.machine.observe('pte', 'present', entry) !== true) return undefined;
  const pfn = Number(run.machine.observe('pte', 'pfn', entry) ?? 0n);
  if (pfn === 0) return Content.zeros(PAGE);
  const content = run.machine.observe('page', 'content', { kind: 'page', id: pfn });
  return content instanceof Content ? content : undefined;
}

function base64(parts: readonly Uint8Array[]): string {
  let text = '';
  for (const part of parts) for (let i = 0; i < part.length; i += PAGE) text += String.fromCharCode(...part.subarray(i, i + PAGE));
  return btoa(text);
}

import type { Run } from '../../../language/runtime/run';
import { RequestError } from '../protocol';
import { Container, type Item } from './container';
import { counted, type Format, formatValue, hexAddress } from './format';
import { descriptorsOf, type Vma, vmasOf } from './inspect';
import { itemOf, observablesOf, summary } from './object';

export interface ProcessName {
  readonly pid: number;
  readonly name: string;
  readonly alive: boolean;
}

export function processItem(run: Run, process: ProcessName): Item {
  return { name: process.name, value: processSummary(run, process), expression: process.name, children: processContainer(run, process) };
}

/** A process: its variables, what it maps, what it has open, its numbers. */
export function processContainer(run: Run, process: ProcessName): Container {
  return new Container((format) => {
    const variables = [...run.variables(process.pid)].map(([name, value]) => variableItem(run, process, name, value, format));
    if (!process.alive) return variables;
    return [...variables, addressSpace(run, process, format), openFiles(run, process), numbers(run, process, format)];
  });
}

function processSummary(run: Run, { pid, alive }: ProcessName): string {
  return alive ? `pid ${pid}` : `pid ${pid}, dead: ${run.machine.deathOf(pid) ?? 'it has exited'}`;
}

function variableItem(run: Run, process: ProcessName, name: string, value: Parameters<typeof itemOf>[2], format: Format): Item {
  const assign = (expression: string) => {
    const { error } = run.execute(`${process.name}: ${name} = ${expression}`);
    if (error !== undefined) throw new RequestError(error);
  };
  return { ...itemOf(run, name, value, format, undefined, `${process.name}.${name}`), assign };
}

function addressSpace(run: Run, process: ProcessName, format: Format): Item {
  const vmas = vmasOf(run, process.pid);
  const resident = run.machine.observe('process', 'rss', { kind: 'process', id: process.pid });
  const value = `${counted(vmas.length, 'VMA')}, resident ${resident === undefined ? '?' : formatValue(resident, format, 'bytes')}`;
  const slice = (start: number, count: number) => vmas.slice(start, start + count).map((vma) => vmaItem(run, process, vma));
  return { name: 'address space', value, children: new Container(() => [], { count: vmas.length, slice }) };
}

function vmaItem(run: Run, process: ProcessName, vma: Vma): Item {
  const expression = `${process.name}.vma[${hexAddress(vma.start)}]`;
  return {
    name: `${hexAddress(vma.start)}-${hexAddress(vma.end)}`,
    value: vmaSummary(run, vma),
    expression,
    memory: `${process.pid}:${hexAddress(vma.start)}`,
    children: new Container((format) => observablesOf(run, 'vma', vma.ref, expression, format), entries(run, process, vma)),
  };
}

function vmaSummary(run: Run, { ref, start, end }: Vma): string {
  const ask = (name: string) => run.machine.observe('vma', name, ref);
  const prot = Number(ask('prot') ?? 0n);
  const letters =
    (prot % 2 >= 1 ? 'r' : '-') + (prot % 4 >= 2 ? 'w' : '-') + (prot % 8 >= 4 ? 'x' : '-') + (ask('shared') === true ? 's' : 'p');
  const path = ask('path');
  const backing = path === undefined ? '' : formatValue(path, { hex: false }, 'path');
  return `${letters} ${counted(end - start, 'page')} ${backing || 'anonymous'}`;
}

/** The page-table entries of a VMA, page by page. */
function entries(run: Run, process: ProcessName, vma: Vma) {
  const slice = (start: number, count: number): Item[] =>
    Array.from({ length: Math.max(0, Math.min(count, vma.end - vma.start - start)) }, (_, i) => {
      const page = vma.start + start + i;
      const ref = run.machine.pte(process.pid, BigInt(page) * 4096n);
      const expression = `${process.name}.pte[${hexAddress(page)}]`;
      const name = hexAddress(page);
      if (!ref) return { name, value: 'none', expression };
      return { name, value: summary(run, ref), expression, children: new Container((f) => observablesOf(run, 'pte', ref, expression, f)) };
    });
  return { count: vma.end - vma.start, slice };
}

function openFiles(run: Run, process: ProcessName): Item {
  const open = descriptorsOf(run, process.pid);
  const items = open.map(({ fd, path, position }) => ({ name: `fd ${fd}`, value: `${path}, position ${position}` }));
  return { name: 'open files', value: String(open.length), children: Container.of(items) };
}

function numbers(run: Run, process: ProcessName, format: Format): Item {
  const ref = { kind: 'process', id: process.pid } as const;
  const rss = run.machine.observe('process', 'rss', ref);
  const value = rss === undefined ? '' : `rss ${formatValue(rss, format, 'bytes')}`;
  return { name: 'numbers', value, children: new Container((f) => observablesOf(run, 'process', ref, process.name, f)) };
}

import type { Run } from '../../../language/runtime/run';
import { changes as changeRows } from '../../../language/runtime/view/changes';
import { Touched } from '../../../language/runtime/view/touched';
import type { Value } from '../../../language/simulator/value';
import { Container, type Item } from './container';
import { formatValue } from './format';

const VARIABLE = 'scenario.variable.';
const MOST = 10_000;
const MARKS = { A: 'new', M: '', D: 'gone' } as const;

/**
 * What is different from how it was at journal position `before`, old and new value: process variables, then the machine's state. It works in both
 * directions: after a step back the state before is the one that was undone.
 */
export function changesSince(run: Run, before: number): Container {
  let items: readonly Item[] | undefined;
  const all = () => (items ??= compared(run, before));
  return new Container(all);
}

/** The machine is moved to where it was and back. */
function compared(run: Run, before: number): Item[] {
  const { journal } = run.machine;
  const here = journal.position;
  if (before === here) return [];
  const [from, to] = before < here ? [before, here] : [here, before];
  const hosts = run.machine.kernel.hosts.map((k) => {
    const touched = new Touched(k, from, to);
    const known = run.processes().filter(({ pid }) => run.machine.kernelOf(pid) === k);
    const name = run.machine.hostName(k.host);
    return { prefix: name && `${name}: `, unseen: touched.unseen, finish: changeRows(k, known, touched, MOST) };
  });
  const variables = touchedVariables(run, from, to);
  const now = variables.map(({ pid, name }) => run.variables(pid).get(name));
  journal.moveTo(before);
  try {
    const old = variables.map(({ pid, name }) => run.variables(pid).get(name));
    const items = variables.map(({ label }, i) => ({ name: label, value: `${shown(old[i])} → ${shown(now[i])}` }));
    for (const { prefix, unseen, finish } of hosts) {
      const { rows, total } = finish();
      for (const { mark, what, changes } of rows) items.push({ name: prefix + what, value: rowText(MARKS[mark], changes) });
      const left = total - rows.length;
      if (left > 0) items.push({ name: '…', value: `${left} more` });
      if (unseen > 0) items.push({ name: '…', value: `${unseen} more changes were not looked at` });
    }
    return items;
  } finally {
    journal.moveTo(here);
  }
}

function rowText(kind: string, changes: readonly { readonly name: string; readonly from: string; readonly to: string }[]): string {
  const text = changes.map(({ name, from, to }) => `${name}${name && ' '}${from} → ${to}`).join(', ');
  return kind && text ? `${kind}: ${text}` : kind || text;
}

function touchedVariables(run: Run, from: number, to: number): { readonly pid: number; readonly name: string; readonly label: string }[] {
  const found = new Map<string, { pid: number; name: string; label: string }>();
  const names = new Map(run.processes().map(({ pid, name }) => [pid, name]));
  run.machine.journal.visit(Math.max(from, to - 10 * MOST), to, ({ name: column }, pid) => {
    const process = names.get(pid);
    if (!column.startsWith(VARIABLE) || process === undefined) return;
    const name = column.slice(VARIABLE.length);
    found.set(`${pid} ${name}`, { pid, name, label: `${process}.${name}` });
  });
  return [...found.values()];
}

function shown(value: Value | undefined): string {
  return value === undefined ? 'nothing' : formatValue(value, { hex: false });
}

import { observables } from '../../../language/catalogue/observables';
import type { Observable, Owner } from '../../../language/catalogue/types';
import type { Run } from '../../../language/runtime/run';
import { isList, isObject, isRecord } from '../../../language/runtime/values';
import type { ObjectRef, RecordValue, Value } from '../../../language/simulator/value';
import { callEntry } from '../../../language/analysis/kinds';
import { Container, type Item } from './container';
import { type Format, formatValue, nameOf } from './format';

/** Owners that are no objects of their own but groups of what an object is asked. */
const PARTS: ReadonlySet<Owner> = new Set(['flags', 'memory', 'disk', 'lru', 'faults', 'design']);

/** The observables of an object as the catalogue lists them, those that are simulated. `expression` gives the object in a watch. */
export function observablesOf(run: Run, of: Owner, subject: ObjectRef | undefined, expression: string, format: Format): Item[] {
  const entries: [string, Observable][] = Object.entries(observables[of]);
  return entries.flatMap(([name, entry]) => {
    if (entry.index !== undefined) return [];
    const member = expression ? `${expression}.${name}` : name;
    if (entry.of && PARTS.has(entry.of)) return [part(run, entry.of, name, subject, member, format)];
    const value = run.machine.observe(of, name, subject);
    if (value === undefined || (entry.of === 'mm' && value === 0n)) return [];
    const item = itemOf(run, name, value, format, entry.unit, member);
    const octal = name === 'mode' && typeof value === 'bigint' ? { value: `0${value.toString(8)}` } : {};
    return [{ ...item, ...octal, type: entry.doc }];
  });
}

/** A value as a row, with what can be unfolded in it. */
export function itemOf(run: Run, name: string, value: Value, format: Format, unit?: Observable['unit'], expression?: string): Item {
  const watch = expression === undefined ? {} : { expression };
  if (isList(value)) return { name, value: formatValue(value, format), children: listOf(run, value), ...watch };
  if (isRecord(value)) return { name, value: formatValue(value, format), children: fieldsOf(run, value, expression), ...watch };
  if (isObject(value))
    return {
      name,
      value: summary(run, value),
      children: new Container((f) => observablesOf(run, value.kind, value, expression ?? '', f)),
      ...watch,
    };
  return { name, value: formatValue(value, format, unit), ...watch };
}

function fieldsOf(run: Run, { of, fields }: RecordValue, expression: string | undefined): Container {
  const docs = callEntry(of)?.fields ?? {};
  return new Container((format) =>
    Object.entries(fields).map(([name, value]) => ({
      ...itemOf(run, name, value, format, undefined, expression && `${expression}.${name}`),
      ...(docs[name] && { type: docs[name] }),
    })),
  );
}

function listOf(run: Run, values: readonly Value[]): Container {
  const slice = (start: number, count: number, format: Format) =>
    values.slice(start, start + count).map((value, i) => itemOf(run, `[${start + i}]`, value, format));
  return new Container(() => [], { count: values.length, slice });
}

/** A group of observables with a name of its own: `memory`, `flags`. */
function part(run: Run, of: Owner, name: string, subject: ObjectRef | undefined, expression: string, format: Format): Item {
  const children = new Container((f) => observablesOf(run, of, subject, expression, f));
  if (of === 'flags' && subject) return { name, value: flagsOf(run, subject) || 'none', children, expression };
  const shown = observablesOf(run, of, subject, expression, format).slice(0, 3);
  return { name, value: shown.map((item) => `${item.name} ${item.value}`).join(', '), children, expression };
}

/** The flags that are set. */
export function flagsOf(run: Run, page: ObjectRef): string {
  return Object.keys(observables.flags)
    .filter((flag) => run.machine.observe('flags', flag, page) === true)
    .join(' ');
}

/** An object in one line. */
export function summary(run: Run, object: ObjectRef): string {
  const ask = (name: string) => run.machine.observe(object.kind, name, object);
  switch (object.kind) {
    case 'page':
      return `frame ${object.id}: refcount ${ask('refcount')}, mapcount ${ask('mapcount')}${prefixed(', ', flagsOf(run, object))}`;
    case 'mapping':
      return `${formatValue(ask('path') ?? false, { hex: false }, 'path')}, index ${ask('index')}`;
    case 'pte':
      return entrySummary(ask);
    case 'process':
      return run.processes().find(({ pid }) => pid === object.id)?.name ?? nameOf(object);
    case 'mm':
      return `host of a region, ${formatAttachers(ask('attachers'))}, rss ${formatValue(ask('rss') ?? 0n, { hex: false }, 'bytes')}`;
    default:
      return nameOf(object);
  }
}

const BITS = ['writable', 'accessed', 'dirty', 'soft_dirty', 'uffd_wp', 'special', 'exclusive', 'huge'];

function entrySummary(ask: (name: string) => Value | undefined): string {
  if (ask('present') !== true) return ['swapped', 'guard', 'poisoned', 'uffd_wp'].filter((bit) => ask(bit) === true).join(' ') || 'none';
  return [`frame ${ask('pfn')}`, ...BITS.filter((bit) => ask(bit) === true)].join(' ');
}

function formatAttachers(attachers: Value | undefined): string {
  const count = attachers !== undefined && isList(attachers) ? attachers.length : 0;
  return count === 1 ? 'one process maps it' : `${count} processes map it`;
}

function prefixed(prefix: string, text: string): string {
  return text && prefix + text;
}

import type { Value } from '../simulator/value';
import type { Span, Who } from '../syntax/ast';
import { scopeOf, type Context } from './context';
import { lookup, type Control, type Doer, type Frame } from './control';
import { evaluate } from './evaluate';
import { requireAlive } from './observe';
import { fail } from './problem';
import type { Group } from './processes';
import { isList, isObject, size } from './values';

/** Who a statement's `WHO:` names, in order. With `all` those who die before their turn are passed over. */
export interface Actors {
  readonly doers: readonly Doer[];
  readonly all: boolean;
  /** Several may have been meant: a range or `[*]`. */
  readonly many: boolean;
}

export function actorsOf(who: Who | undefined, span: Span, control: Control, frame: Frame, context: Context): Actors {
  if (who === undefined) {
    if (frame.actor === undefined) return fail('unknown-name', 'no process acts here; write `p: …`', span);
    if (frame.actor !== 'kernel') mustBeAlive(frame.actor, span, control, context);
    return one(frame.actor);
  }
  const group = groupOf(who, control, frame, context);
  if (group === 'kernel') return one('kernel');
  const { selector } = who;
  if (selector === undefined) {
    if (group.array) fail('wrong-value', `${who.name.text} is an array of ${group.pids.length} processes: write ${who.name.text}[*]`, who);
    mustBeAlive(group.pids[0]!, who, control, context);
    return one(group.pids[0]!);
  }
  const scope = scopeOf(control, frame, frame.actor);
  if (selector.kind === 'all') return { doers: group.pids.filter((pid) => context.machine.alive(pid)), all: true, many: true };
  if (selector.kind === 'index')
    return one(pick(group, size(evaluate(selector.index, scope, context), 'The number of a process', who), who, control, context));
  const from = size(evaluate(selector.range.from, scope, context), 'The number of the first process', who);
  const to = size(evaluate(selector.range.to, scope, context), 'The number of the last process', who);
  const doers = [];
  for (let i = from; i <= to; i++) doers.push(pick(group, i, who, control, context));
  return { doers, all: false, many: true };
}

function one(doer: Doer): Actors {
  return { doers: [doer], all: false, many: false };
}

function pick(group: Group, index: number, who: Who, control: Control, context: Context): number {
  const { text } = who.name;
  const pid = group.pids[index];
  if (pid === undefined)
    return fail('wrong-value', `there is no ${text}[${index}]: ${text} has ${group.pids.length} processes, counted from 0`, who);
  mustBeAlive(pid, who, control, context);
  return pid;
}

/** Whoever was killed in the call in which it slept learns that from the call. */
function mustBeAlive(pid: number, span: Span, control: Control, context: Context): void {
  if (control.thread.sleeps?.doer !== pid) requireAlive(pid, span, context);
}

function groupOf(who: Who, control: Control, frame: Frame, context: Context): Group | 'kernel' {
  const name = who.name.text;
  const named = control.thread.routine?.locals.get(name) ?? lookup(frame.names, name);
  if (named !== undefined) return asGroup(named) ?? fail('wrong-value', `${name} is no process`, who.name);
  const group = context.processes.group(name);
  if (group) return group;
  if (name === 'kernel') return 'kernel';
  return fail('unknown-name', `there is no process ${name} now`, who.name);
}

function asGroup(value: Value): Group | undefined {
  if (isList(value)) {
    const pids = value.map((item) => (isObject(item) && item.kind === 'process' ? item.id : undefined));
    return pids.some((pid) => pid === undefined) ? undefined : { array: true, pids: pids as number[] };
  }
  return isObject(value) && value.kind === 'process' ? { array: false, pids: [value.id] } : undefined;
}

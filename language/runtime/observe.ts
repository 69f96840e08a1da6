import { observables } from '../catalogue/observables';
import type { Owner } from '../catalogue/types';
import type { ObjectRef, Value } from '../simulator/value';
import type { Expr, Index, Member } from '../syntax/ast';
import type { World } from './evaluate';
import { fail } from './problem';
import { article, integer, isObject, isRecord, size } from './values';

/** What can still be asked of a process that is dead. */
const OF_THE_DEAD = new Set(['alive', 'pid', 'exit_status', 'term_signal']);

/** `memory.cached`, `faults.minor`, `stale_reads`: what belongs to no object. */
export function rootObservable(of: string, name: string, args: readonly Value[], world: World): Value | undefined {
  return world.machine.observe(of, name, undefined, args);
}

/** `object.name`; `of` where the name belongs to a part of the object (`page.flags.dirty`). */
export function member(object: Value, of: 'flags' | undefined, name: string, expr: Member, world: World): Value {
  if (object === 0n) return fail('wrong-value', `\`.${name}\` is asked of NULL: ${absent(expr.object)}`, expr);
  if (isRecord(object)) {
    const fields = Object.keys(object.fields);
    return (
      object.fields[name] ?? fail('unknown-observable', `${article(object)} has no \`${name}\`; it has ${fields.join(', ')}`, expr.name)
    );
  }
  if (!isObject(object)) return fail('wrong-value', `${article(object)} has no \`.${name}\``, expr);
  if (object.kind === 'process') {
    if (!OF_THE_DEAD.has(name)) requireAlive(object.id, expr, world);
    const variable = world.processes.variable(object.id, name);
    if (variable !== undefined) return variable;
  }
  const value = world.machine.observe(of ?? object.kind, name, object);
  if (value !== undefined) return value;
  return missing(object, of ?? object.kind, name, expr, world);
}

function missing(object: ObjectRef, of: Owner, name: string, expr: Member, world: World): never {
  if (Object.hasOwn(observables[of], name)) return fail('not-implemented', `\`${of}.${name}\` is not simulated yet`, expr.name);
  if (object.kind !== 'process') return fail('unknown-observable', `a ${of} has no \`${name}\``, expr.name);
  return fail('unbound-variable', `${world.processes.nameOf(object.id)} has no variable \`${name}\` (yet)`, expr.name);
}

/** Why there is nothing: `file("/none")` is no file, `….page[3]` no page. */
function absent(expr: Expr): string {
  if (expr.kind === 'call' && expr.args[0]?.kind === 'string') return `there is no ${expr.callee.text} ${expr.args[0].value}`;
  if (expr.kind === 'index' && expr.object.kind === 'member') return `there is no ${expr.object.name.text} there now`;
  return 'there is no such object now';
}

export function requireAlive(pid: number, span: { start: number; end: number }, world: World): void {
  if (world.machine.alive(pid)) return;
  fail('dead-process', `${world.processes.nameOf(pid)} is dead: ${world.machine.deathOf(pid) ?? 'it has exited'}`, span);
}

/** `p.pte[addr]`, `p.vma[addr]`, `file(…).page[i]`; undefined where the object's member is a plain list. */
export function indexed(of: Member, owner: () => Value, index: Value, expr: Index, world: World): Value | undefined {
  const name = of.name.text;
  if (name !== 'pte' && name !== 'vma' && name !== 'page') return undefined;
  const object = owner();
  if (!isObject(object))
    return object === 0n ? fail('wrong-value', `\`.${name}[…]\` is asked of NULL: ${absent(of.object)}`, of) : undefined;
  if (object.kind === 'file' && name === 'page') return world.machine.page(object, size(index, 'A page index', expr.index)) ?? 0n;
  if (object.kind === 'mm' && name === 'vma') return world.machine.vma(object, integer(index, 'An address', expr.index)) ?? 0n;
  if (object.kind !== 'process' || name === 'page') return undefined;
  requireAlive(object.id, of, world);
  const address = integer(index, 'An address', expr.index);
  if (name === 'vma') return world.machine.vma(object, address) ?? 0n;
  return world.machine.pte(object.id, address) ?? emptyEntry(object, address);
}

/** An entry of a page table that does not exist reads like one that is empty. */
function emptyEntry(process: ObjectRef, address: bigint): ObjectRef {
  return { kind: 'pte', id: process.id, at: Number(address / 4096n) };
}

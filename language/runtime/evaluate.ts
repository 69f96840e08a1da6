import { constants } from '../catalogue/constants';
import { observables } from '../catalogue/observables';
import type { Owner } from '../catalogue/types';
import { Content } from '../simulator/state/content';
import type { ObjectRef, Value } from '../simulator/value';
import type { Binary, Call, Expr, Index, Member, Reference, Span } from '../syntax/ast';
import { lookup, type Binding, type Linked } from './control';
import { builtins } from './builtins';
import { calculate, complement, inRange } from './integers';
import type { Machine } from '../simulator/machine';
import { indexed, member, rootObservable } from './observe';
import { fail } from './problem';
import type { Processes } from './processes';
import { article, boolean, equal, integer, isList, kindOf, processRef, size } from './values';

export const PAGE = 4096n;

/** What expressions are evaluated against. */
export interface World {
  readonly machine: Machine;
  readonly processes: Processes;
}

/** The names that an expression sees, nearest first. */
export interface Scope {
  readonly locals: ReadonlyMap<string, Value> | undefined;
  readonly names: Linked<Binding> | undefined;
  /** The process whose variables can be named bare. */
  readonly pid: number | undefined;
}

/** The value of an expression. Changes nothing. Throws a Problem at the part that has none. */
export function evaluate(expr: Expr, scope: Scope, world: World): Value {
  switch (expr.kind) {
    case 'number':
      return inRange(expr.value, expr);
    case 'string':
      return literal(expr);
    case 'reference':
      return reference(expr, scope, world);
    case 'pages':
      return inRange(integer(evaluate(expr.value, scope, world), 'A number of pages', expr) * PAGE, expr);
    case 'unary': {
      const operand = evaluate(expr.operand, scope, world);
      if (expr.operator === '!') return !boolean(operand, 'What `!` negates', expr.operand);
      const value = integer(operand, `What \`${expr.operator}\` is applied to`, expr.operand);
      if (expr.operator === '~') return complement(value);
      return expr.operator === '-' ? inRange(-value, expr) : value;
    }
    case 'binary':
      return binary(expr, scope, world);
    case 'call':
      return builtin(expr, scope, world);
    case 'member':
      return memberOf(expr, scope, world);
    case 'index':
      return indexOf(expr, scope, world);
    case 'list':
      return expr.items.map((item) => evaluate(item, scope, world));
  }
}

/** A literal's content is made once: comparing it with itself, or hashing it again, is then free. */
const literals = new WeakMap<Expr, Content>();

function literal(expr: Expr & { kind: 'string' }): Content {
  let value = literals.get(expr);
  if (value === undefined) literals.set(expr, (value = Content.of(expr.bytes)));
  return value;
}

function binary(expr: Binary, scope: Scope, world: World): Value {
  const { operator } = expr;
  const left = evaluate(expr.left, scope, world);
  if (operator === '&&' || operator === '||') {
    const first = boolean(left, `The left side of \`${operator}\``, expr.left);
    if (first === (operator === '||')) return first;
    return boolean(evaluate(expr.right, scope, world), `The right side of \`${operator}\``, expr.right);
  }
  const right = evaluate(expr.right, scope, world);
  if (operator === '==') return equal(left, right, expr);
  if (operator === '!=') return !equal(left, right, expr);
  if (typeof left === 'bigint' && typeof right === 'bigint') return calculate(operator, left, right, expr);
  if (left instanceof Content && operator === '*') return repeated(left, size(right, 'The length in bytes', expr.right), expr);
  if (left instanceof Content && right instanceof Content && operator === '+') return joined([left, right], expr);
  const mixed = [kindOf(left), kindOf(right)].includes('boolean') ? '; parentheses may be missing' : '';
  return fail('wrong-value', `\`${operator}\` can't be applied to ${article(left)} and ${article(right)}${mixed}`, expr);
}

/** `content` repeated to `length` bytes. */
export function repeated(content: Content, length: number, span: Span): Content {
  if (content.length === 0 && length > 0) fail('wrong-value', 'an empty content has nothing to repeat', span);
  return content.repeat(length);
}

export function joined(parts: readonly Content[], span: Span): Content {
  try {
    return Content.join(parts);
  } catch (error) {
    if (error instanceof RangeError) return fail('wrong-value', error.message, span);
    throw error;
  }
}

/** The value of a name, or undefined where it is none that stands for a value. */
function resolve(name: string, scope: Scope, world: World): Value | undefined {
  const local = scope.locals?.get(name) ?? lookup(scope.names, name);
  if (local !== undefined) return local;
  const variable = scope.pid === undefined ? undefined : world.processes.variable(scope.pid, name);
  if (variable !== undefined) return variable;
  const group = world.processes.group(name);
  if (group) return group.array ? group.pids.map(processRef) : processRef(group.pids[0]!);
  if (Object.hasOwn(constants, name)) return constants[name as keyof typeof constants].value;
  if (name === 'page_size') return PAGE;
  if (name === 'true' || name === 'false') return name === 'true';
  return undefined;
}

function reference(expr: Reference, scope: Scope, world: World): Value {
  return resolve(expr.name, scope, world) ?? rootObservable('run', expr.name, [], world) ?? unknown(expr, scope, world);
}

function unknown(expr: Reference, scope: Scope, world: World): never {
  const { name } = expr;
  if (Object.hasOwn(observables.run, name)) return fail('not-implemented', `\`${name}\` is not simulated yet`, expr);
  if (scope.pid === undefined) return fail('unknown-name', `\`${name}\` is no param, let, process or observable here`, expr);
  return fail('unbound-variable', `${world.processes.nameOf(scope.pid)} has not set \`${name}\``, expr);
}

function builtin(expr: Call, scope: Scope, world: World): Value {
  const name = expr.callee.text;
  const args = expr.args.map((arg) => evaluate(arg, scope, world));
  const known = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
  if (known) return known(args, expr, world);
  return (
    rootObservable('run', name, args, world) ?? fail('unknown-name', `\`${name}\` is no function that an expression can ask`, expr.callee)
  );
}

/** A further host, where that is what the name stands for: `n2.memory`; of `remote`, the process, only what a host is asked. */
function hostOf({ object, name }: Member, scope: Scope, world: World): ObjectRef | undefined {
  if (object.kind !== 'reference' || !Object.hasOwn(observables.host, name.text)) return undefined;
  const host = world.machine.host(object.name);
  if (host === undefined || object.name === 'remote') return host;
  return resolve(object.name, scope, world) === undefined ? host : undefined;
}

function memberOf(expr: Member, scope: Scope, world: World): Value {
  const { object, name } = expr;
  if (object.kind === 'member') {
    const host = hostOf(object, scope, world);
    const value = host && world.machine.observe(object.name.text, name.text, host);
    if (value !== undefined) return value;
  }
  if (object.kind === 'reference' && resolve(object.name, scope, world) === undefined) {
    const value = rootObservable(object.name, name.text, [], world);
    if (value !== undefined) return value;
    const table = Object.hasOwn(observables, object.name) ? observables[object.name as Owner] : undefined;
    if (table && Object.hasOwn(table, name.text))
      return fail('not-implemented', `\`${object.name}.${name.text}\` is not simulated yet`, expr);
    if (!table) return unknown(object, scope, world);
    return fail('unknown-observable', `there is no \`${object.name}.${name.text}\``, expr);
  }
  if (object.kind === 'member' && object.name.text === 'flags')
    return member(evaluate(object.object, scope, world), 'flags', name.text, expr, world);
  return member(evaluate(object, scope, world), undefined, name.text, expr, world);
}

function indexOf(expr: Index, scope: Scope, world: World): Value {
  const { object } = expr;
  const index = evaluate(expr.index, scope, world);
  if (object.kind === 'reference' && object.name === 'frame' && resolve('frame', scope, world) === undefined)
    return world.machine.frame(size(index, 'A page frame number', expr.index)) ?? 0n;
  if (object.kind === 'member') {
    const found = indexed(object, () => evaluate(object.object, scope, world), index, expr, world);
    if (found !== undefined) return found;
  }
  const list = evaluate(object, scope, world);
  if (!isList(list)) return fail('wrong-value', `${article(list)} has no parts to pick by number`, object);
  const at = size(index, 'An index', expr.index);
  return list[at] ?? fail('wrong-value', `there is no [${at}]: the list has ${list.length} items, counted from 0`, expr.index);
}

import { calls } from '../catalogue/calls';
import { constants } from '../catalogue/constants';
import { functions } from '../catalogue/functions';
import { observables } from '../catalogue/observables';
import type { CallEntry, Constant, Kind, Observable, Owner, Unit } from '../catalogue/types';
import type { Call, Expr } from '../syntax/ast';
import { unitNames } from './symbols';
import { findLocal, type Scope } from './walk';

/** What an expression is known to be, before it runs. `object` may say whose observables it has, `result` of which call it is the result. */
export type Sort = 'integer' | 'boolean' | 'content' | 'list' | { readonly object: Owner | undefined; readonly result?: string };

export function sameTable<T extends object>(table: T, name: string): name is keyof T & string {
  return Object.hasOwn(table, name);
}

export function callEntry(name: string): CallEntry | undefined {
  return sameTable(calls, name) ? calls[name] : undefined;
}

export function constantEntry(name: string): Constant | undefined {
  return sameTable(constants, name) ? constants[name] : undefined;
}

export function observableEntry(owner: Owner, name: string): Observable | undefined {
  const table: Readonly<Record<string, Observable>> = observables[owner];
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** How a sort is called in a message. */
export function sortName(sort: Sort): string {
  if (sort === 'content') return 'content';
  if (typeof sort === 'string') return sort === 'integer' ? 'an integer' : `a ${sort}`;
  if (sort.result !== undefined) return `the result of ${sort.result}`;
  return sort.object === undefined ? 'an object' : `a ${sort.object}`;
}

export function sortOfKind(kind: Kind | 'void'): Sort | undefined {
  if (kind === 'content' || kind === 'path') return 'content';
  if (kind === 'boolean') return 'boolean';
  if (kind === 'object') return { object: undefined };
  return kind === 'void' ? undefined : 'integer';
}

function sortOfUnit(unit: Unit, of: Owner | undefined): Sort {
  if (unit === 'content' || unit === 'path') return 'content';
  if (unit === 'boolean') return 'boolean';
  return unit === 'object' ? { object: of } : 'integer';
}

/** What is known about an expression; undefined where it depends on the run (process variables, a routine's arguments). */
export function sortOf(expr: Expr, scope: Scope, isProcess: (name: string) => boolean): Sort | undefined {
  const of = (e: Expr) => sortOf(e, scope, isProcess);
  switch (expr.kind) {
    case 'number':
    case 'pages':
      return 'integer';
    case 'string':
      return 'content';
    case 'list':
      return 'list';
    case 'unary':
      return expr.operator === '!' ? 'boolean' : 'integer';
    case 'binary':
      if (['==', '!=', '<', '<=', '>', '>=', '&&', '||'].includes(expr.operator)) return 'boolean';
      if (expr.operator === '+' || expr.operator === '*')
        return of(expr.left) === 'content' ? 'content' : of(expr.left) === 'integer' ? 'integer' : undefined;
      return 'integer';
    case 'reference':
      return sortOfName(expr.name, scope, isProcess);
    case 'call':
      return sameTable(functions, expr.callee.text) ? sortOfFunction(expr) : undefined;
    case 'member': {
      const host = isHost(expr.object, scope) ? observableEntry('host', expr.name.text) : undefined;
      if (host) return sortOfUnit(host.unit, host.of);
      const object = of(expr.object);
      if (fieldsOf(object)) return sameTable(fieldsOf(object)!, expr.name.text) ? 'integer' : undefined;
      const owner = ownerOf(object);
      const entry = owner && observableEntry(owner, expr.name.text);
      if (owner === 'process' && entry === undefined) return sortOfVariable(expr.name.text, scope);
      return entry && !entry.index ? sortOfUnit(entry.unit, entry.of) : undefined;
    }
    case 'index': {
      if (expr.object.kind === 'member') {
        const owner = ownerOf(of(expr.object.object));
        const entry = owner && observableEntry(owner, expr.object.name.text);
        return entry?.index === undefined ? undefined : sortOfUnit(entry.unit, entry.of);
      }
      if (expr.object.kind === 'reference' && expr.object.name === 'frame') return { object: 'page' };
      return expr.object.kind === 'reference' && isProcess(expr.object.name) ? { object: 'process' } : undefined;
    }
  }
}

/** The fields that the result of a call is known to have, with their documentation. */
export function fieldsOf(sort: Sort | undefined): Readonly<Record<string, string>> | undefined {
  return typeof sort === 'object' && sort.result !== undefined ? callEntry(sort.result)?.fields : undefined;
}

/** A process variable that is only ever bound to the results of one call with fields. */
function sortOfVariable(name: string, scope: Scope): Sort | undefined {
  const result = unitNames(scope.source, scope.unit).results.get(name);
  return result === undefined ? undefined : { object: undefined, result };
}

/** A further host of the scenario, which has a memory, disk counts and so on of its own. */
export function isHost(expr: Expr, scope: Scope): boolean {
  if (expr.kind !== 'reference' || findLocal(scope, expr.name)) return false;
  return expr.name === 'remote' || unitNames(scope.source, scope.unit).hosts.has(expr.name);
}

function ownerOf(object: Sort | undefined): Owner | undefined {
  return typeof object === 'object' ? object.object : undefined;
}

function sortOfName(name: string, scope: Scope, isProcess: (name: string) => boolean): Sort | undefined {
  const local = findLocal(scope, name);
  if (local) {
    if (local.kind === 'param') return 'integer';
    return local.kind === 'let' && local.value ? sortOf(local.value, { ...scope, locals: local.outer }, isProcess) : undefined;
  }
  if (isProcess(name)) return { object: 'process' };
  if (name === 'true' || name === 'false') return 'boolean';
  if (constantEntry(name)) return name === 'NULL' ? undefined : 'integer';
  const entry = observableEntry('run', name);
  if (entry === undefined && scope.actor !== 'none') return sortOfVariable(name, scope);
  return entry && !entry.index ? sortOfUnit(entry.unit, entry.of) : undefined;
}

function sortOfFunction(expr: Call): Sort | undefined {
  if (!sameTable(functions, expr.callee.text)) return undefined;
  const entry = functions[expr.callee.text];
  return 'of' in entry ? { object: entry.of } : sortOfKind(entry.returns);
}

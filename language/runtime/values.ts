import { Content } from '../simulator/state/content';
import type { ObjectRef, RecordValue, Value } from '../simulator/value';
import type { Span } from '../syntax/ast';
import { fail } from './problem';

export type ValueName = 'integer' | 'boolean' | 'content' | 'list' | 'record' | 'object';

export function kindOf(value: Value): ValueName {
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'boolean') return 'boolean';
  if (value instanceof Content) return 'content';
  if (isList(value)) return 'list';
  return value.kind === 'record' ? 'record' : 'object';
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isRecord(value: Value): value is RecordValue {
  return kindOf(value) === 'record';
}

export function isObject(value: Value): value is ObjectRef {
  return kindOf(value) === 'object';
}

export function processRef(pid: number): ObjectRef {
  return { kind: 'process', id: pid };
}

/** Equality of the language: integers and booleans by value, content byte for byte, lists item by item, beside an integer by length, structures field by field, objects by identity, NULL (0) beside an object is an absent one. */
export function equal(left: Value, right: Value, span: Span): boolean {
  if (typeof left === 'bigint' && typeof right === 'bigint') return left === right;
  if (typeof left === 'boolean' && typeof right === 'boolean') return left === right;
  if (left instanceof Content && right instanceof Content) return left.equals(right);
  if (isList(left) && isList(right)) return left.length === right.length && left.every((item, i) => equal(item, right[i]!, span));
  if (isList(left) && typeof right === 'bigint') return BigInt(left.length) === right;
  if (typeof left === 'bigint' && isList(right)) return left === BigInt(right.length);
  if (isRecord(left) && isRecord(right)) return equalFields(left.fields, right.fields);
  if (isObject(left) && isObject(right))
    return left.kind === right.kind && left.id === right.id && left.at === right.at && left.host === right.host;
  if ((isObject(left) && right === 0n) || (left === 0n && isObject(right))) return false;
  return fail('wrong-value', `${article(left)} and ${article(right)} can't be compared`, span);
}

function equalFields(left: RecordValue['fields'], right: RecordValue['fields']): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}

export function integer(value: Value, what: string, span: Span): bigint {
  return typeof value === 'bigint' ? value : fail('wrong-value', `${what} has to be an integer, not ${article(value)}`, span);
}

export function boolean(value: Value, what: string, span: Span): boolean {
  if (typeof value === 'boolean') return value;
  const hint = typeof value === 'bigint' ? '; write `!= 0`' : '';
  return fail('wrong-value', `${what} has to be true or false, not ${article(value)}${hint}`, span);
}

export function content(value: Value, what: string, span: Span): Content {
  return value instanceof Content ? value : fail('wrong-value', `${what} has to be content, not ${article(value)}`, span);
}

export function text(value: Value, what: string, span: Span): string {
  return content(value, what, span).asText() ?? fail('wrong-value', `${what} has to be text in UTF-8 of at most a page`, span);
}

/** A length, index or count: what a double holds exactly. */
export function size(value: Value, what: string, span: Span): number {
  const exact = integer(value, what, span);
  const number = Number(exact);
  if (exact < 0n) fail('wrong-value', `${what} is ${exact}; it can't be negative`, span);
  if (BigInt(number) !== exact) fail('wrong-value', `${what} is ${exact}; above 2^53 it has to be a multiple of a page`, span);
  return number;
}

export function article(value: Value): string {
  switch (kindOf(value)) {
    case 'integer':
      return `the integer ${String(value)}`;
    case 'boolean':
      return String(value);
    case 'content':
      return `the content ${(value as Content).toString(24)}`;
    case 'list':
      return 'a list';
    case 'record':
      return `the result of ${(value as RecordValue).of}`;
    case 'object':
      return `a ${(value as ObjectRef).kind}`;
  }
}

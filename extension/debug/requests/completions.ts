import type { DebugProtocol } from '@vscode/debugprotocol';
import { calls } from '../../../language/catalogue/calls';
import { constants } from '../../../language/catalogue/constants';
import { functions } from '../../../language/catalogue/functions';
import { callEntry } from '../../../language/analysis/kinds';
import { observables } from '../../../language/catalogue/observables';
import type { Owner } from '../../../language/catalogue/types';
import type { Run } from '../../../language/runtime/run';
import { isObject, isRecord } from '../../../language/runtime/values';
import type { RecordValue, Value } from '../../../language/simulator/value';
import { ourColumn } from '../client';
import type { Debugger } from '../debugger';
import { type Arguments, numberIn, optionalNumber, stringIn } from '../protocol';
import { Frame } from '../stack';

type Target = DebugProtocol.CompletionItem;

/** What can be typed next in the debug console. */
export function completions(debug: Debugger, args: Arguments): DebugProtocol.CompletionsResponse['body'] {
  const run = debug.run;
  const line = (stringIn(args, 'text').split('\n')[(optionalNumber(args, 'line') ?? 1) - 1] ?? '').slice(
    0,
    ourColumn(debug, numberIn(args, 'column')) - 1,
  );
  const frameId = optionalNumber(args, 'frameId');
  const frame = frameId === undefined ? undefined : debug.references.get(frameId, Frame);
  const prefix = /\w*$/.exec(line)![0];
  const before = line.slice(0, line.length - prefix.length);
  const candidates = before.endsWith('.') ? members(run, chain(before.slice(0, -1)), frame) : names(run, frame);
  const targets = candidates.filter(({ label }) => label.toLowerCase().startsWith(prefix.toLowerCase()));
  return { targets: targets.map((target) => ({ ...target, start: before.length, length: prefix.length })) };
}

function names(run: Run, frame: Frame | undefined): Target[] {
  const variables = typeof frame?.actor === 'number' ? [...run.variables(frame.actor).keys()] : [];
  const processes = run.processes().filter(({ alive }) => alive);
  return [
    ...[...run.locals(frame?.level ?? 0).keys(), ...variables].map((label): Target => ({ label, type: 'variable' })),
    ...processes.map(({ name, pid }): Target => ({ label: name, type: 'class', detail: `process, pid ${pid}` })),
    ...documented(observables.run, 'property'),
    ...documented(functions, 'function'),
    ...documented(calls, 'method'),
    ...documented(constants, 'enum'),
  ];
}

function members(run: Run, object: string, frame: Frame | undefined): Target[] {
  if (/(^|\.)flags$/.test(object)) return documented(observables.flags, 'property');
  const value = valueOf(run, object, frame);
  if (value !== undefined && isRecord(value)) return fieldsOf(value);
  const owner = ownerNamed(object) ?? (value !== undefined && isObject(value) ? value.kind : undefined);
  if (owner === undefined) return [];
  const process = run.processes().find(({ name }) => name === object);
  const variables = process ? [...run.variables(process.pid).keys()].map((label): Target => ({ label, type: 'variable' })) : [];
  return [...variables, ...documented(observables[owner], 'property')];
}

/** `memory`, `n2.memory`: what is no object of its own. */
function ownerNamed(object: string): Owner | undefined {
  const name = object.slice(object.lastIndexOf('.') + 1);
  return name !== 'run' && name !== 'process' && Object.hasOwn(observables.run, name) && Object.hasOwn(observables, name)
    ? (name as Owner)
    : undefined;
}

function valueOf(run: Run, object: string, frame: Frame | undefined): Value | undefined {
  const answer = run.evaluate(object, typeof frame?.actor === 'number' ? { process: frame.actor } : {});
  return 'value' in answer ? answer.value : undefined;
}

function fieldsOf({ of, fields }: RecordValue): Target[] {
  const docs = callEntry(of)?.fields ?? {};
  return Object.keys(fields).map((label): Target => ({ label, type: 'field', ...(docs[label] && { detail: docs[label] }) }));
}

/** The expression that ends a text, its brackets balanced: what stands before a dot. */
function chain(text: string): string {
  let at = text.length;
  for (let open = 0; at > 0; at--) {
    const c = text[at - 1]!;
    if (c === ')' || c === ']') open++;
    else if (c === '(' || c === '[') open--;
    else if (open === 0 && !/[\w.]/.test(c)) break;
    if (open < 0) break;
  }
  return text.slice(at);
}

function documented(entries: Readonly<Record<string, { readonly doc?: string }>>, type: DebugProtocol.CompletionItemType): Target[] {
  return Object.entries(entries).map(([label, { doc }]) => ({ label, type, ...(doc && { detail: doc }) }));
}

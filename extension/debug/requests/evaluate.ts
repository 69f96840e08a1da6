import type { DebugProtocol } from '@vscode/debugprotocol';
import { calls } from '../../../language/catalogue/calls';
import { observables } from '../../../language/catalogue/observables';
import type { Unit } from '../../../language/catalogue/types';
import type { Value } from '../../../language/simulator/value';
import type { Debugger } from '../debugger';
import { type Arguments, type Call, optionalNumber, optionalString, RequestError, stringIn } from '../protocol';
import { Frame } from '../stack';
import { childrenOf } from '../variables/container';
import { formatIn } from '../variables/format';
import { itemOf } from '../variables/object';

/**
 * Watch, hover and the like evaluate an expression: that changes nothing and never faults. The console runs statements as well
 * (`p: read(fa, 1 page)`): they are recorded, and what came after is discarded.
 */
export function evaluate(debug: Debugger, args: Arguments, call: Call): DebugProtocol.EvaluateResponse['body'] {
  const run = debug.run;
  const text = stringIn(args, 'expression').trim();
  const frameId = optionalNumber(args, 'frameId');
  const frame = frameId === undefined ? undefined : debug.references.get(frameId, Frame);
  const process = typeof frame?.actor === 'number' ? frame.actor : undefined;
  if (text === '') throw new RequestError('There is nothing to evaluate.');
  const statement = optionalString(args, 'context') === 'repl' ? statementIn(text, nameOf(debug, process)) : undefined;
  if (statement !== undefined) return executed(debug, args, statement, call);
  const level = frame?.level;
  const result = run.evaluate(text, { ...(level !== undefined && { frame: level }), ...(process !== undefined && { process }) });
  if (result.error !== undefined) throw new RequestError(result.error);
  return shown(debug, args, text, result.value);
}

/** A line of the console, done as the next step. Even a call that fails has been done. */
function executed(debug: Debugger, args: Arguments, statement: string, call: Call): DebugProtocol.EvaluateResponse['body'] {
  const run = debug.run;
  const before = run.position;
  const { error } = run.execute(statement);
  if (run.position !== before) debug.changed(call);
  if (error !== undefined) throw new RequestError(error);
  const [, process, variable] = /^([A-Za-z_]\w*(?:\s*\[\s*\w+\s*\])?)\s*:\s*([A-Za-z_]\w*)\s*=[^=]/.exec(statement) ?? [];
  const bound = variable === undefined ? undefined : run.evaluate(`${process}.${variable}`).value;
  return bound === undefined ? { result: 'done', variablesReference: 0 } : shown(debug, args, `${process}.${variable}`, bound);
}

function shown(debug: Debugger, args: Arguments, text: string, value: Value): DebugProtocol.EvaluateResponse['body'] {
  const { value: result, children } = itemOf(debug.run, text, value, formatIn(args), unitOf(text), text);
  return { result, ...childrenOf(debug, children) };
}

function nameOf(debug: Debugger, pid: number | undefined): string | undefined {
  return debug.run.processes().find((process) => process.pid === pid)?.name;
}

const STATEMENT = /^(?:(?:expect|let|for|if|repeat|parallel|step|invariant)\b|[A-Za-z_]\w*\s*(?:\[[^\]]*\])?\s*(?::|\{))/;

/** The statement that a console line is; one that only names a call is done by the process in view. */
function statementIn(text: string, process: string | undefined): string | undefined {
  if (STATEMENT.test(text)) return text;
  const call = /^(?:[A-Za-z_]\w*\s*=\s*)?([A-Za-z_]\w*)\s*\(/.exec(text)?.[1];
  const bound = /^[A-Za-z_]\w*\s*=[^=]/.test(text);
  if (process !== undefined && (bound || (call !== undefined && Object.hasOwn(calls, call)))) return `${process}: ${text}`;
  return undefined;
}

/** What the catalogue says that an observable's amounts are, where the expression is one. */
function unitOf(expression: string): Unit | undefined {
  const name = /^[^=<>!+*%&|^]*\.(\w+)$/.exec(expression)?.[1];
  if (name === undefined) return undefined;
  for (const entries of Object.values(observables)) {
    const entry = (entries as Readonly<Record<string, { readonly unit: Unit }>>)[name];
    if (entry && Object.hasOwn(entries, name)) return entry.unit;
  }
  return undefined;
}

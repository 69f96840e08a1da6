import { constants } from '../../catalogue/constants';
import { functions } from '../../catalogue/functions';
import { keywords } from '../../catalogue/keywords';
import { observables } from '../../catalogue/observables';
import { didYouMean } from '../../syntax/nearest';
import type { Expr, Name, Reference, Who } from '../../syntax/ast';
import { constantEntry, fieldsOf, isHost, observableEntry, sameTable, sortName, sortOf } from '../kinds';
import { findLocal, type Local, type Scope } from '../walk';
import type { Pass } from './pass';

const WORDS = ['true', 'false', 'all'];

/** Every name stands for something. Strict only where that can be known before the run. */
export function checkNames(pass: Pass): void {
  pass.walk({
    expression: (expr, scope) => {
      if (expr.kind === 'reference') checkReference(pass, expr, scope);
      else if (expr.kind === 'member') checkMember(pass, expr.object, expr.name, scope);
      else if (expr.kind === 'call' && !sameTable(functions, expr.callee.text)) {
        const routine = pass.globals.routines.has(expr.callee.text);
        const hint = routine || constantEntry(expr.callee.text) ? '' : didYouMean(expr.callee.text, Object.keys(functions));
        const what = routine ? 'a routine is called in a line of its own: `p: x = …`' : `is no function that an expression can ask${hint}`;
        pass.report(expr.callee, 'unknown-call', `\`${expr.callee.text}\` ${what}`);
      }
    },
    who: (who, scope) => {
      if (isKnownWho(pass, who, scope)) return;
      const name = who.name.text;
      const candidates = [...pass.names(scope).processes.keys(), ...pass.globals.born, ...Object.keys(keywords), 'kernel'];
      pass.report(who.name, 'unknown-process', `there is no process \`${name}\`${didYouMean(name, candidates)}`);
    },
    statement: (s, scope) => {
      if (s.kind !== 'process' || !s.host || s.host.text === 'remote' || pass.names(scope).hosts.has(s.host.text)) return;
      pass.report(s.host, 'unknown-host', `there is no host \`${s.host.text}\`${didYouMean(s.host.text, pass.names(scope).hosts.keys())}`);
    },
  });
}

/** Whether a line can be that one's. */
export function isKnownWho(pass: Pass, { name: { text } }: Who, scope: Scope): boolean {
  if (text === 'kernel' || text === 'remote' || pass.isProcess(scope)(text) || findLocal(scope, text)) return true;
  return scope.unit.kind === 'routine' && everyProcess(pass).has(text);
}

function checkReference(pass: Pass, expr: Reference, scope: Scope): void {
  const { name } = expr;
  if (findLocal(scope, name) || WORDS.includes(name) || constantEntry(name) || pass.isProcess(scope)(name)) return;
  if (observableEntry('run', name) || pass.names(scope).hosts.has(name) || name === 'remote' || name === 'kernel') return;
  if (scope.unit.kind === 'routine' && (everyProcess(pass).has(name) || everyVariable(pass).has(name))) return;
  const variable =
    pass.names(scope).variables.has(name) ||
    (scope.actor === 'process' && observableEntry('process', name) === undefined && everyVariable(pass).has(name));
  if (scope.actor !== 'none' && variable) return;
  if (variable)
    return pass.report(
      expr,
      'unknown-name',
      `\`${name}\` is a variable of a process: write whose, as \`${someProcess(pass, scope)}.${name}\``,
    );
  if (/^[A-Z][A-Z0-9_]+$/.test(name))
    return pass.report(expr, 'unknown-constant', `there is no constant \`${name}\`${didYouMean(name, Object.keys(constants))}`);
  const candidates = [
    ...localNames(scope),
    ...pass.names(scope).processes.keys(),
    ...(scope.actor === 'none' ? [] : pass.names(scope).variables.keys()),
    ...Object.keys(observables.run),
  ];
  const asked = observableEntry('process', name)
    ? `; \`${someProcess(pass, scope)}.${name}\` asks a process`
    : didYouMean(name, candidates);
  pass.report(expr, 'unknown-name', `nothing here is named \`${name}\`${asked}`);
}

function checkMember(pass: Pass, object: Expr, name: Name, scope: Scope): void {
  if (isHost(object, scope)) {
    const remote = object.kind === 'reference' && object.name === 'remote';
    if (remote && (everyVariable(pass).has(name.text) || observableEntry('process', name.text))) return;
    return checkOwner(pass, 'host', name);
  }
  const sort = sortOf(object, scope, pass.isProcess(scope));
  const isArray = object.kind === 'reference' && pass.names(scope).processes.get(object.name)?.array === true;
  if (isArray && !findLocal(scope, object.name)) {
    return pass.report(
      name,
      'unknown-observable',
      `\`${object.name}\` are several processes; ask one of them: \`${object.name}[0].${name.text}\``,
    );
  }
  const fields = fieldsOf(sort);
  if (fields) return checkField(pass, fields, sortName(sort!), name);
  if (typeof sort !== 'object' || sort.object === undefined) {
    if (typeof sort === 'string')
      pass.report(
        name,
        'unknown-observable',
        `there is no \`.${name.text}\` here: what stands before the dot is ${sort === 'integer' ? 'an integer' : sort}`,
      );
    return;
  }
  if (sort.object === 'process') {
    if (observableEntry('process', name.text) || everyVariable(pass).has(name.text)) return;
    const candidates = [...Object.keys(observables.process), ...everyVariable(pass)];
    return pass.report(
      name,
      'unknown-observable',
      `a process has no \`${name.text}\`, and nothing is bound to that name${didYouMean(name.text, candidates)}`,
    );
  }
  checkOwner(pass, sort.object, name);
}

function checkField(pass: Pass, fields: Readonly<Record<string, string>>, whose: string, name: Name): void {
  const known = Object.keys(fields);
  if (known.includes(name.text)) return;
  const hint = didYouMean(name.text, known) || `; it has ${known.join(', ')}`;
  pass.report(name, 'unknown-observable', `${whose} has no \`${name.text}\`${hint}`);
}

function checkOwner(pass: Pass, owner: keyof typeof observables, name: Name): void {
  if (observableEntry(owner, name.text)) return;
  const known = Object.keys(observables[owner]);
  const hint = didYouMean(name.text, known) || `; there are ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}`;
  pass.report(name, 'unknown-observable', `\`${name.text}\` cannot be asked of ${owner === 'run' ? 'the run' : `\`${owner}\``}${hint}`);
}

function someProcess(pass: Pass, scope: Scope): string {
  return [...pass.names(scope).processes.keys()][0] ?? 'p';
}

function* localNames(scope: Scope): Iterable<string> {
  for (let local: Local | undefined = scope.locals; local; local = local.outer) yield local.name.text;
}

const variablesOf = new WeakMap<object, { readonly variables: ReadonlySet<string>; readonly processes: ReadonlySet<string> }>();

/** Variables of all processes and routines of the program: a child has its parent's, a routine sees its caller's. */
function everyVariable(pass: Pass): ReadonlySet<string> {
  return every(pass).variables;
}

function everyProcess(pass: Pass): ReadonlySet<string> {
  return every(pass).processes;
}

function every(pass: Pass): { readonly variables: ReadonlySet<string>; readonly processes: ReadonlySet<string> } {
  let found = variablesOf.get(pass);
  if (found) return found;
  const variables = new Set<string>();
  const processes = new Set<string>();
  for (const source of pass.program.sources) {
    for (const item of source.file.items) {
      if (item.kind !== 'scenario' && item.kind !== 'routine') continue;
      const names = pass.names({ source, unit: item, actor: 'none', locals: undefined, depth: 0 });
      for (const name of names.variables.keys()) variables.add(name);
      for (const name of names.processes.keys()) processes.add(name);
    }
  }
  variablesOf.set(pass, (found = { variables, processes }));
  return found;
}

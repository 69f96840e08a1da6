import { functions } from '../../catalogue/functions';
import type { Expr, Name, Option, Span, Statement, Who } from '../../syntax/ast';
import { callEntry, constantEntry, fieldsOf, observableEntry, sameTable, sortOf } from '../kinds';
import { optionsOf } from '../passes/options';
import type { Program, Source } from '../program';
import { type Globals, globalsOf, unitNames } from '../symbols';
import { findLocal, type Local, type Scope, stepOf, walk } from '../walk';

export type OccurrenceKind =
  | 'process'
  | 'host'
  | 'variable'
  | 'param'
  | 'let'
  | 'loop'
  | 'parameter'
  | 'routine'
  | 'design'
  | 'call'
  | 'function'
  | 'constant'
  | 'observable'
  | 'filesystem'
  | 'option'
  | 'value';

/** A name in the text and what it stands for. */
export interface Occurrence extends Span {
  readonly uri: string;
  readonly name: string;
  readonly kind: OccurrenceKind;
  /** The same for everything that stands for the same thing; catalogue names as `call:open`, `observable:process.rss`, `option:machine.memory`. */
  readonly key: string;
  readonly definition: boolean;
}

const known = new WeakMap<Program, Map<string, readonly Occurrence[]>>();

/** The names of a file in the order of the text. */
export function occurrencesOf(program: Program, source: Source): readonly Occurrence[] {
  let files = known.get(program);
  if (!files) known.set(program, (files = new Map()));
  let found = files.get(source.uri);
  if (!found) files.set(source.uri, (found = new Collector(program, source).collect()));
  return found;
}

export function allOccurrences(program: Program): readonly Occurrence[] {
  return program.sources.flatMap((source) => occurrencesOf(program, source));
}

export function occurrenceAt(program: Program, source: Source, offset: number): Occurrence | undefined {
  return occurrencesOf(program, source).find(({ start, end }) => start <= offset && offset <= end);
}

class Collector {
  private readonly found = new Map<number, Occurrence>();
  private readonly globals: Globals;

  constructor(
    program: Program,
    private readonly source: Source,
  ) {
    this.globals = globalsOf(program);
  }

  collect(): Occurrence[] {
    for (const item of this.source.file.items) {
      if (item.kind === 'routine') {
        this.add(item.name, 'routine', `routine:${item.name.text}`, true);
        for (const name of item.params) this.add(name, 'parameter', this.localKey('parameter', name), true);
      } else if (item.kind === 'design') {
        this.add(item.name, 'design', `design:${item.name.text}`, true);
        this.design(item.base);
        for (const option of item.options) this.option(option, `design.${item.base.text}`);
      } else if (item.kind === 'param') this.add(item.name, 'param', this.localKey('param', item.name), true);
    }
    walk(this.source, this.globals.params, {
      statement: (s, scope) => this.statement(s, scope),
      expression: (e, scope) => this.expression(e, scope),
      who: (who, scope) => this.who(who, scope),
      options: (all, owner) => {
        const table = optionsOf(owner);
        for (const option of all) this.option(option, table?.key ?? owner.kind);
      },
      action: (action, scope) => {
        if (action.bind) this.add(action.bind, 'variable', this.variableKey(scope, action.bind.text), true);
        if (action.as) this.add(action.as.name, 'process', this.processKey(scope, action.as.name.text), true);
        for (const name of action.under ?? []) this.design(name);
        const step = stepOf(action);
        if (step) this.callee(step.callee);
      },
    });
    return [...this.found.values()].sort((a, b) => a.start - b.start);
  }

  private add(span: Name, kind: OccurrenceKind, key: string, definition = false): void {
    this.put(span, span.text, kind, key, definition);
  }

  private put({ start, end }: Span, name: string, kind: OccurrenceKind, key: string, definition = false): void {
    if (!this.found.has(start)) this.found.set(start, { uri: this.source.uri, start, end, name, kind, key, definition });
  }

  private localKey(kind: Local['kind'], name: Name, source: Source = this.source): string {
    return `${kind}:${source.uri}:${name.start}`;
  }

  private variableKey({ source, unit }: Scope, name: string): string {
    return `variable:${source.uri}:${unit.start}:${name}`;
  }

  private processKey({ source, unit }: Scope, name: string): string {
    const own = unitNames(source, unit).processes.has(name) && !(unit.kind === 'scenario' && this.globals.born.has(name));
    return own && unit.kind === 'scenario' ? `process:${source.uri}:${unit.start}:${name}` : `process:${name}`;
  }

  private design(name: Name): void {
    this.add(name, 'design', `design:${name.text}`);
  }

  private callee(name: Name): void {
    if (this.globals.routines.has(name.text)) this.add(name, 'routine', `routine:${name.text}`);
    else if (callEntry(name.text)) this.add(name, 'call', `call:${name.text}`);
    else if (sameTable(functions, name.text)) this.add(name, 'function', `function:${name.text}`);
  }

  private option({ name, value }: Option, owner: string): void {
    this.add(name, 'option', `option:${owner}.${name.text}`);
    if (value.kind === 'word') this.put(value, value.text, 'value', `option:${owner}.${name.text}`);
  }

  private who({ name }: Who, scope: Scope): void {
    const local = findLocal(scope, name.text);
    if (local) this.add(name, local.kind, this.localKey(local.kind, local.name, local.source));
    else if (name.text !== 'kernel') this.add(name, 'process', this.processKey(scope, name.text));
  }

  private statement(s: Statement, scope: Scope): void {
    if (s.kind === 'let' || s.kind === 'param') this.add(s.name, s.kind, this.localKey(s.kind, s.name), true);
    else if (s.kind === 'for') this.add(s.name, 'loop', this.localKey('loop', s.name), true);
    else if (s.kind === 'process') {
      for (const { name } of s.names) this.add(name, 'process', this.processKey(scope, name.text), true);
      if (s.host) this.add(s.host, 'host', `host:${scope.source.uri}:${scope.unit.start}:${s.host.text}`);
    } else if (s.kind === 'host')
      for (const name of s.names) this.add(name, 'host', `host:${scope.source.uri}:${scope.unit.start}:${name.text}`, true);
    else if (s.kind === 'mount') this.add(s.type, 'filesystem', `filesystem:${s.type.text}`);
    else if (s.kind === 'under') s.designs.forEach((name) => this.design(name));
    else if (s.kind === 'expect' || s.kind === 'invariant' || s.kind === 'expect-failure') {
      for (const name of s.under ?? []) this.design(name);
      if (s.kind === 'expect-failure') this.add(s.what, 'constant', `constant:${s.what.text}`);
    }
  }

  private expression(e: Expr, scope: Scope): void {
    if (e.kind === 'reference') this.reference(e, e.name, scope);
    else if (e.kind === 'call') this.callee(e.callee);
    else if (e.kind === 'member') {
      const names = unitNames(scope.source, scope.unit);
      if (e.object.kind === 'reference' && names.hosts.has(e.object.name))
        return this.add(e.name, 'observable', `observable:host.${e.name.text}`);
      const sort = sortOf(e.object, scope, (name) => names.processes.has(name) || this.globals.born.has(name));
      const owner = typeof sort === 'object' ? sort.object : undefined;
      if (fieldsOf(sort)) this.add(e.name, 'observable', `field:${(sort as { result: string }).result}.${e.name.text}`);
      else if (owner && observableEntry(owner, e.name.text)) this.add(e.name, 'observable', `observable:${owner}.${e.name.text}`);
      else if (names.variables.has(e.name.text)) this.add(e.name, 'variable', this.variableKey(scope, e.name.text));
    }
  }

  private reference(span: Span, name: string, scope: Scope): void {
    const names = unitNames(scope.source, scope.unit);
    const local = findLocal(scope, name);
    if (local) this.put(span, name, local.kind, this.localKey(local.kind, local.name, local.source));
    else if (names.processes.has(name) || this.globals.born.has(name)) this.put(span, name, 'process', this.processKey(scope, name));
    else if (names.hosts.has(name)) this.put(span, name, 'host', `host:${scope.source.uri}:${scope.unit.start}:${name}`);
    else if (names.variables.has(name)) this.put(span, name, 'variable', this.variableKey(scope, name));
    else if (constantEntry(name)) this.put(span, name, 'constant', `constant:${name}`);
    else if (observableEntry('run', name)) this.put(span, name, 'observable', `observable:run.${name}`);
  }
}

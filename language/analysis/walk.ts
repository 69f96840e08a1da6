import type { Action, Block, Call, Expr, Name, Option, Routine, Scenario, Statement, Who } from '../syntax/ast';
import type { Source } from './program';

export type LocalKind = 'param' | 'let' | 'loop' | 'parameter';

/** A name that the text around a place defines; the nearest wins. */
export interface Local {
  readonly kind: LocalKind;
  readonly name: Name;
  /** What it stands for, where that is written (`let`, `param`, the list of a loop). */
  readonly value?: Expr;
  /** The file it stands in, where that may be another one. */
  readonly source?: Source;
  readonly outer: Local | undefined;
}

/** What holds at a place of the text. */
export interface Scope {
  readonly source: Source;
  readonly unit: Scenario | Routine;
  /** Who acts in a line that names nobody. */
  readonly actor: 'none' | 'process' | 'kernel';
  readonly locals: Local | undefined;
  /** How many blocks the statement stands in, the scenario's own not counted. */
  readonly depth: number;
}

export interface Visitor {
  /** Each statement, before its parts. */
  statement?(statement: Statement, scope: Scope): void;
  /** Each expression, before its parts. */
  expression?(expr: Expr, scope: Scope): void;
  /** Each line that does something: `value` is a call where it is a step. The scope's actor is who does it. */
  action?(action: Action, scope: Scope, expected: boolean): void;
  who?(who: Who, scope: Scope): void;
  block?(block: Block, scope: Scope): void;
  options?(options: readonly Option[], owner: Statement, scope: Scope): void;
}

/** Visits the scenarios and routines of a file. Params of the file are locals of all of them. */
export function walk(source: Source, fileParams: Local | undefined, visitor: Visitor): void {
  for (const item of source.file.items) {
    if (item.kind !== 'scenario' && item.kind !== 'routine') continue;
    let locals = fileParams;
    if (item.kind === 'routine') for (const name of item.params) locals = { kind: 'parameter', name, outer: locals };
    block(item.body, { source, unit: item, actor: item.kind === 'routine' ? 'process' : 'none', locals, depth: 0 }, visitor);
  }
}

export function findLocal(scope: Pick<Scope, 'locals'>, name: string): Local | undefined {
  let local = scope.locals;
  while (local && local.name.text !== name) local = local.outer;
  return local;
}

/** A call that a line makes as its step, and who can make it. */
export function stepOf(action: Action): Call | undefined {
  return action.value.kind === 'call' ? action.value : undefined;
}

export function actorOf(who: Who | undefined, scope: Scope): Scope['actor'] {
  if (!who) return scope.actor;
  return who.name.text === 'kernel' ? 'kernel' : 'process';
}

function block(node: Block, scope: Scope, visitor: Visitor): void {
  visitor.block?.(node, scope);
  let { locals } = scope;
  for (const s of node.statements) {
    statement(s, { ...scope, locals }, visitor);
    if (s.kind === 'let' || s.kind === 'param') locals = { kind: s.kind, name: s.name, value: s.value, outer: locals };
  }
}

function statement(s: Statement, scope: Scope, visitor: Visitor): void {
  visitor.statement?.(s, scope);
  const inner = { ...scope, depth: scope.depth + 1 };
  const expr = (e: Expr | undefined) => {
    if (e) expression(e, scope, visitor);
  };
  switch (s.kind) {
    case 'action':
      return action(s, scope, visitor, false);
    case 'process-block':
      who(s.who, scope, visitor);
      return block(s.body, { ...inner, actor: actorOf(s.who, scope) }, visitor);
    case 'let':
    case 'param':
      return expr(s.value);
    case 'if':
      expr(s.condition);
      block(s.then, inner, visitor);
      if (s.else) {
        if ('kind' in s.else) statement(s.else, scope, visitor);
        else block(s.else, inner, visitor);
      }
      return;
    case 'for':
      if (s.in.kind === 'range') [s.in.from, s.in.to].forEach(expr);
      else expr(s.in);
      return block(
        s.body,
        { ...inner, locals: { kind: 'loop', name: s.name, ...(s.in.kind === 'range' ? {} : { value: s.in }), outer: scope.locals } },
        visitor,
      );
    case 'repeat':
      expr(s.count);
      return block(s.body, inner, visitor);
    case 'parallel':
      for (const branch of s.branches) statement(branch, inner, visitor);
      return;
    case 'expect':
    case 'invariant':
      return expr(s.condition);
    case 'expect-failure':
      return action(s.action, scope, visitor, true);
    case 'return':
      return expr(s.value);
    case 'machine':
      return options(s.options, s, scope, visitor);
    case 'mount':
    case 'directory':
    case 'cgroup':
      expr(s.path);
      return options(s.options, s, scope, visitor);
    case 'file':
      expr(s.path);
      expr(s.content);
      return options(s.options, s, scope, visitor);
    case 'reflink':
    case 'snapshot':
    case 'dedupe':
      expr(s.from);
      return expr(s.to);
    case 'process':
      for (const { count } of s.names) expr(count);
      expr(s.cgroup);
      return options(s.options, s, scope, visitor);
    case 'under':
    case 'host':
    case 'step':
    case 'broken':
      return;
  }
}

function options(all: readonly Option[], owner: Statement, scope: Scope, visitor: Visitor): void {
  visitor.options?.(all, owner, scope);
  for (const { value } of all) if (value.kind !== 'word') expression(value, scope, visitor);
}

function action(a: Action, scope: Scope, visitor: Visitor, expected: boolean): void {
  if (a.who) who(a.who, scope, visitor);
  const acting = { ...scope, actor: actorOf(a.who, scope) };
  visitor.action?.(a, acting, expected);
  const step = stepOf(a);
  if (step) for (const arg of step.args) expression(arg, acting, visitor);
  else expression(a.value, acting, visitor);
  if (a.as?.count) expression(a.as.count, acting, visitor);
}

function who(w: Who, scope: Scope, visitor: Visitor): void {
  visitor.who?.(w, scope);
  if (w.selector?.kind === 'index') expression(w.selector.index, scope, visitor);
  else if (w.selector?.kind === 'range') [w.selector.range.from, w.selector.range.to].forEach((e) => expression(e, scope, visitor));
}

function expression(e: Expr, scope: Scope, visitor: Visitor): void {
  visitor.expression?.(e, scope);
  for (const part of partsOf(e)) expression(part, scope, visitor);
}

export function partsOf(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case 'number':
    case 'string':
    case 'reference':
      return [];
    case 'pages':
      return [e.value];
    case 'unary':
      return [e.operand];
    case 'binary':
      return [e.left, e.right];
    case 'call':
      return e.args;
    case 'member':
      return [e.object];
    case 'index':
      return [e.object, e.index];
    case 'list':
      return e.items;
  }
}

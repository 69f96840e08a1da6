import type { Block, Expr, Routine, Scenario } from '../../syntax/ast';
import { parseExpression } from '../../syntax/parse';
import { type Sort, sortOf } from '../kinds';
import type { Program, Source } from '../program';
import { globalsOf, unitNames, type UnitNames } from '../symbols';
import { type Local, type Scope, walk } from '../walk';
import { startOfPath } from './words';

const NO_NAMES: UnitNames = { processes: new Map(), hosts: new Map(), variables: new Map(), results: new Map(), designs: new Set() };

/** What holds where one types, also in a text that is half typed. */
export interface Context {
  readonly program: Program;
  readonly source: Source;
  readonly unit: Scenario | Routine | undefined;
  readonly scope: Scope | undefined;
  readonly names: UnitNames;
  /** The line up to the cursor. */
  readonly line: string;
  /** The call whose arguments one types, and which of them. */
  readonly call: { readonly name: string; readonly argument: number } | undefined;
}

export function contextAt(program: Program, source: Source, offset: number): Context {
  const unit = source.file.items.find(
    (item): item is Scenario | Routine =>
      (item.kind === 'scenario' || item.kind === 'routine') && item.body.start < offset && offset <= item.end,
  );
  const start = source.text.lastIndexOf('\n', offset - 1) + 1;
  return {
    program,
    source,
    unit,
    scope: unit && scopeAt(program, source, unit, offset),
    names: unit ? unitNames(source, unit) : NO_NAMES,
    line: source.text.slice(start, offset),
    call: callAt(source.text, offset),
  };
}

/** The scope of the innermost block around an offset, with the lets above it. */
function scopeAt(program: Program, source: Source, unit: Scenario | Routine, offset: number): Scope | undefined {
  let found: { readonly block: Block; readonly scope: Scope } | undefined;
  const only = { ...source, file: { ...source.file, items: [unit] } };
  walk(only, globalsOf(program).params, {
    block: (block, scope) => {
      if (block.start < offset && offset <= block.end) found = { block, scope: { ...scope, source } };
    },
  });
  if (!found) return undefined;
  let locals: Local | undefined = found.scope.locals;
  for (const s of found.block.statements) {
    if (s.end < offset && (s.kind === 'let' || s.kind === 'param')) locals = { kind: s.kind, name: s.name, value: s.value, outer: locals };
  }
  return { ...found.scope, locals };
}

/** The innermost call whose parentheses are open at an offset. */
export function callAt(text: string, offset: number): { readonly name: string; readonly argument: number } | undefined {
  const from = Math.max(0, offset - 2000);
  const before = text.slice(from, offset);
  const open: { at: number; commas: number }[] = [];
  for (let i = 0; i < before.length; i++) {
    const c = before[i];
    if (c === '"') while (++i < before.length && before[i] !== '"' && before[i] !== '\n') if (before[i] === '\\') i++;
    if (c === '/' && before[i + 1] === '/') while (i < before.length && before[i] !== '\n') i++;
    else if (c === '(' || c === '[') open.push({ at: i, commas: 0 });
    else if (c === ')' || c === ']') open.pop();
    else if (c === '{' || c === '}' || c === ';') open.length = 0;
    else if (c === ',') {
      const last = open.at(-1);
      if (last) last.commas++;
    }
  }
  for (const { at, commas } of open.reverse()) {
    const name = /([A-Za-z_]\w*)\s*$/.exec(before.slice(0, at))?.[1];
    if (before[at] === '(' && name !== undefined) return { name, argument: commas };
  }
  return undefined;
}

/** What stands before the dot that ends at `offset`, and what is known about it. */
export function beforeDot(context: Context, offset: number): { readonly expr: Expr; readonly sort: Sort | undefined } | undefined {
  const { text } = context.source;
  const start = startOfPath(text, offset);
  if (start === offset) return undefined;
  const parsed = parseExpression(text.slice(start, offset));
  if (!('expr' in parsed)) return undefined;
  const { born } = globalsOf(context.program);
  const unit = context.unit ?? EMPTY;
  const scope = context.scope ?? { source: context.source, unit, actor: 'none', locals: undefined, depth: 0 };
  return { expr: parsed.expr, sort: sortOf(parsed.expr, scope, (name) => context.names.processes.has(name) || born.has(name)) };
}

const NOWHERE = { start: 0, end: 0 };
const EMPTY: Routine = { kind: 'routine', name: { text: '', ...NOWHERE }, params: [], body: { statements: [], ...NOWHERE }, ...NOWHERE };

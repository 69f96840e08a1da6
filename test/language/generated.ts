import fc from 'fast-check';
import type { Block, Expr, Name, Option, SourceFile, Statement, StringLiteral, Who } from '../../language/syntax/ast';
import { numberValue, stringValue } from '../../language/syntax/literals';

/** Random syntax trees of the whole language, without positions. */
const at = { start: 0, end: 0 };
const names = fc.constantFrom('p', 'q', 'db', 'fa', 'buf', 'memory', 'O_RDONLY', 'PROT_READ', 'x1', 'page', 'size_of', 'in_use', 'pages2');
const name = names.map((text): Name => ({ text, ...at }));
const some = <T>(one: fc.Arbitrary<T>, maxLength = 3) => fc.array(one, { minLength: 1, maxLength });
const maybe = <K extends string, T>(key: K, value: fc.Arbitrary<T>): fc.Arbitrary<{ [P in K]?: T }> =>
  fc.option(value, { nil: undefined }).map((v) => (v === undefined ? {} : { [key]: v }) as { [P in K]?: T });

const string = fc
  .constantFrom('"a"', '""', '"/data/a"', '"\\n\\x41\\0\\""', '"§ ü 🙂"', '"\\xff"')
  .map((text): StringLiteral => ({ kind: 'string', text, ...stringValue(text).value, ...at }));
const number = fc
  .constantFrom('0', '7', '4096', '0x1000', '0755', '1_000', '4K', '25G', '15E', '18446744073709551615')
  .map((text): Expr => ({ kind: 'number', text, value: numberValue(text).value, ...at }));

const expr: fc.Arbitrary<Expr> = fc.letrec<{ expr: Expr }>((tie) => {
  const inner = tie('expr');
  const binary = fc.constantFrom('==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '&&', '||', '&', '|', '^', '<<', '>>');
  return {
    expr: fc.oneof(
      { maxDepth: 4 },
      names.map((n): Expr => ({ kind: 'reference', name: n, ...at })),
      number,
      string,
      fc.record({
        kind: fc.constant('pages'),
        value: inner,
        unit: fc.constantFrom('page', 'pages'),
        start: fc.constant(0),
        end: fc.constant(0),
      }) as fc.Arbitrary<Expr>,
      fc
        .tuple(fc.constantFrom('!', '-', '~', '+'), inner)
        .map(([operator, operand]): Expr => ({ kind: 'unary', operator: operator as '!', operand, ...at })),
      fc
        .tuple(binary, inner, inner)
        .map(([operator, left, right]): Expr => ({ kind: 'binary', operator: operator as '+', left, right, ...at })),
      fc.tuple(name, fc.array(inner, { maxLength: 3 })).map(([callee, args]): Expr => ({ kind: 'call', callee, args, ...at })),
      fc.tuple(inner, name).map(([object, n]): Expr => ({ kind: 'member', name: n, object, ...at })),
      fc.tuple(inner, inner).map(([object, index]): Expr => ({ kind: 'index', index, object, ...at })),
      fc.array(inner, { maxLength: 3 }).map((items): Expr => ({ kind: 'list', items, ...at })),
    ),
  };
}).expr;

const range = fc.tuple(expr, expr).map(([from, to]) => ({ kind: 'range' as const, from, to, ...at }));
const selector = fc.oneof(
  fc.constant({ kind: 'all' as const }),
  expr.map((index) => ({ kind: 'index' as const, index })),
  range.map((r) => ({ kind: 'range' as const, range: r })),
);
const who: fc.Arbitrary<Who> = fc.tuple(name, maybe('selector', selector)).map(([n, s]) => ({ name: n, ...s, ...at }));

const option: fc.Arbitrary<Option> = fc
  .tuple(
    fc.constantFrom('size', 'memory', 'overlay.cache', 'break.how'),
    fc.oneof(
      names.map((text) => ({ kind: 'word' as const, text, ...at })),
      expr.filter((e) => e.kind !== 'reference'),
    ),
  )
  .map(([text, value]) => ({ name: { text, ...at }, value, ...at }));
const options = fc.array(option, { maxLength: 3 });

const under = maybe('under', some(name));
const reason = maybe('reason', string);
const as = maybe(
  'as',
  fc.tuple(name, maybe('count', expr)).map(([n, c]) => ({ name: n, ...c })),
);
const action = (withUnder: boolean) =>
  fc
    .tuple(maybe('who', who), maybe('bind', name), expr, as, withUnder ? under : fc.constant({}))
    .map(([w, b, value, a, u]) => ({ kind: 'action' as const, ...w, ...b, value, ...a, ...u, ...at }));

const statement: fc.Arbitrary<Statement> = fc.letrec<{ statement: Statement; block: Block }>((tie) => {
  const block = tie('block');
  const branch = fc.tuple(who, block).map(([w, body]) => ({ kind: 'process-block' as const, who: w, body, ...at }));
  return {
    block: fc.array(tie('statement'), { maxLength: 3 }).map((statements): Block => ({ statements, ...at })),
    statement: fc.oneof(
      { maxDepth: 3 },
      action(true).filter((a) => a.who !== undefined || a.bind !== undefined || a.value.kind === 'call') as fc.Arbitrary<Statement>,
      fc.tuple(expr, under, reason).map(([condition, u, r]): Statement => ({ kind: 'expect', condition, ...u, ...r, ...at })),
      fc.tuple(expr, under, reason).map(([condition, u, r]): Statement => ({ kind: 'invariant', condition, ...u, ...r, ...at })),
      fc
        .tuple(action(false), fc.constantFrom('fails' as const, 'raises' as const), name, under, reason)
        .map(([a, how, what, u, r]): Statement => ({ kind: 'expect-failure', action: a, how, what, ...u, ...r, ...at })),
      fc.tuple(name, expr).map(([n, value]): Statement => ({ kind: 'let', name: n, value, ...at })),
      fc.tuple(name, expr).map(([n, value]): Statement => ({ kind: 'param', name: n, value, ...at })),
      maybe('value', expr).map((v): Statement => ({ kind: 'return', ...v, ...at })),
      string.map((label): Statement => ({ kind: 'step', label, ...at })),
      some(name).map((designs): Statement => ({ kind: 'under', designs, ...at })),
      some(name).map((all): Statement => ({ kind: 'host', names: all, ...at })),
      options.map((o): Statement => ({ kind: 'machine', options: o, ...at })),
      fc.tuple(name, expr, options).map(([type, p, o]): Statement => ({ kind: 'mount', type, path: p, options: o, ...at })),
      fc.tuple(expr, options).map(([p, o]): Statement => ({ kind: 'file', path: p, options: o, ...at })),
      fc.tuple(expr, expr).map(([p, content]): Statement => ({ kind: 'file', path: p, content, options: [], ...at })),
      fc
        .tuple(fc.constantFrom('directory' as const, 'cgroup' as const), expr, options)
        .map(([kind, p, o]): Statement => ({ kind, path: p, options: o, ...at })),
      fc
        .tuple(fc.constantFrom('reflink' as const, 'snapshot' as const, 'dedupe' as const), expr, expr)
        .map(([kind, from, to]): Statement => ({ kind, from, to, ...at })),
      fc
        .tuple(
          some(fc.tuple(name, maybe('count', expr)).map(([n, c]) => ({ name: n, ...c }))),
          maybe('cgroup', expr),
          maybe('host', name),
          options,
        )
        .map(([all, c, h, o]): Statement => ({ kind: 'process', names: all, ...c, ...h, options: o, ...at })),
      branch,
      fc.tuple(expr, block, maybe('else', block)).map(([condition, then, e]): Statement => ({ kind: 'if', condition, then, ...e, ...at })),
      fc.tuple(name, fc.oneof(range, expr), block).map(([n, over, body]): Statement => ({ kind: 'for', name: n, in: over, body, ...at })),
      fc.tuple(expr, block).map(([count, body]): Statement => ({ kind: 'repeat', count, body, ...at })),
      fc.array(branch, { maxLength: 2 }).map((branches): Statement => ({ kind: 'parallel', branches, ...at })),
    ),
  };
}).statement;

const body = fc.array(statement, { maxLength: 6 }).map((statements): Block => ({ statements, ...at }));

export const sourceFiles: fc.Arbitrary<SourceFile> = fc
  .array(
    fc.oneof(
      fc.tuple(string, body).map(([title, b]) => ({ kind: 'scenario' as const, title, body: b, ...at })),
      fc
        .tuple(name, fc.array(name, { maxLength: 3 }), body)
        .map(([n, params, b]) => ({ kind: 'routine' as const, name: n, params, body: b, ...at })),
      fc.tuple(name, name, options).map(([n, base, o]) => ({ kind: 'design' as const, name: n, base, options: o, ...at })),
      fc.tuple(name, expr).map(([n, value]) => ({ kind: 'param' as const, name: n, value, ...at })),
      string.map((p) => ({ kind: 'import' as const, path: p, ...at })),
    ),
    { maxLength: 4 },
  )
  .map((items): SourceFile => ({ kind: 'file', items, comments: [], problems: [], ...at }));

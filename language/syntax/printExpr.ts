import type { BinaryOperator, Expr } from './ast';

const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '<=': 7,
  '>': 7,
  '>=': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
};
const UNARY = 11;
const PAGES = 12;
const POSTFIX = 13;

/** An expression in one line, with the parentheses that precedence asks for. */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr.text;
    case 'reference':
      return expr.name;
    case 'pages':
      return `${within(expr.value, POSTFIX)} ${expr.unit}`;
    case 'unary':
      return `${expr.operator}${within(expr.operand, UNARY)}`;
    case 'binary': {
      const precedence = PRECEDENCE[expr.operator];
      return `${within(expr.left, precedence)} ${expr.operator} ${within(expr.right, precedence + 1)}`;
    }
    case 'call':
      return `${expr.callee.text}(${expr.args.map(printExpr).join(', ')})`;
    case 'member':
      return `${within(expr.object, POSTFIX)}.${expr.name.text}`;
    case 'index':
      return `${within(expr.object, POSTFIX)}[${printExpr(expr.index)}]`;
    case 'list':
      return `[${expr.items.map(printExpr).join(', ')}]`;
  }
}

function within(expr: Expr, least: number): string {
  return precedenceOf(expr) < least ? `(${printExpr(expr)})` : printExpr(expr);
}

function precedenceOf(expr: Expr): number {
  if (expr.kind === 'binary') return PRECEDENCE[expr.operator];
  if (expr.kind === 'unary') return UNARY;
  return expr.kind === 'pages' ? PAGES : POSTFIX;
}

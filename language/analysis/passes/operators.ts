import type { Binary, Expr } from '../../syntax/ast';
import { type Sort, sortName, sortOf } from '../kinds';
import type { Scope } from '../walk';
import type { Pass } from './pass';

const ARITHMETIC = new Set(['-', '/', '%', '&', '|', '^', '<<', '>>']);

/** Operators get what they take: numbers compute with numbers, conditions are booleans; a mixture asks for parentheses. */
export function checkOperators(pass: Pass): void {
  pass.walk({
    expression: (expr, scope) => {
      const sort = (e: Expr) => sortOf(e, scope, pass.isProcess(scope));
      if (expr.kind === 'binary') checkBinary(pass, expr, sort);
      else if (expr.kind === 'pages') wants(pass, expr.value, sort, 'integer', `before \`${expr.unit}\` stands a number`);
      else if (expr.kind === 'unary') {
        if (expr.operator === '!') wants(pass, expr.operand, sort, 'boolean', '`!` negates a boolean');
        else wants(pass, expr.operand, sort, 'integer', `\`${expr.operator}\` is applied to a number`);
      }
    },
    statement: (s, scope: Scope) => {
      const sort = (e: Expr) => sortOf(e, scope, pass.isProcess(scope));
      if (s.kind === 'expect' || s.kind === 'invariant' || s.kind === 'if')
        wants(pass, s.condition, sort, 'boolean', `\`${s.kind}\` takes a condition`);
      else if (s.kind === 'repeat') wants(pass, s.count, sort, 'integer', '`repeat` takes a number');
      else if (s.kind === 'param') wants(pass, s.value, sort, 'integer', 'a param is a number');
      else if (s.kind === 'for' && s.in.kind !== 'range') {
        const over = sort(s.in);
        if (over !== undefined && over !== 'list' && typeof over !== 'object')
          pass.report(s.in, 'type-mismatch', `\`for\` goes over a range, a list or an array of processes, not ${sortName(over)}`);
      }
    },
  });
}

function wants(pass: Pass, expr: Expr, sort: (e: Expr) => Sort | undefined, wanted: Sort, message: string): void {
  const given = sort(expr);
  if (mixes(expr, sort)) return;
  if (given !== undefined && given !== wanted) pass.report(expr, 'type-mismatch', `${message}, not ${sortName(given)}`);
}

/** Told where the operator stands; what its result would be is nobody's question any more. */
function mixes(expr: Expr, sort: (e: Expr) => Sort | undefined): boolean {
  if (expr.kind !== 'binary' || expr.operator === '&&' || expr.operator === '||') return false;
  const sorts = [sort(expr.left), sort(expr.right)];
  return sorts.includes('boolean') && sorts.includes('integer');
}

function checkBinary(pass: Pass, expr: Binary, sort: (e: Expr) => Sort | undefined): void {
  const { operator } = expr;
  const left = sort(expr.left);
  const right = sort(expr.right);
  if (operator === '&&' || operator === '||') {
    wants(pass, expr.left, sort, 'boolean', `\`${operator}\` joins conditions`);
    return wants(pass, expr.right, sort, 'boolean', `\`${operator}\` joins conditions`);
  }
  if (left === undefined || right === undefined) return;
  if (mixes(expr, sort)) {
    const inner = [expr.left, expr.right].find((e) => e.kind === 'binary' && sort(e) === 'boolean');
    const hint = inner
      ? `; as in C, \`${(inner as Binary).operator}\` binds tighter than \`${operator}\`: parentheses say what is meant`
      : '';
    return pass.report(expr, 'bool-int-mix', `\`${operator}\` mixes a boolean and an integer${hint}`);
  }
  const bothNumbers = left === 'integer' && right === 'integer';
  const bad = () => pass.report(expr, 'type-mismatch', `\`${operator}\` cannot be applied to ${sortName(left)} and ${sortName(right)}`);
  if (ARITHMETIC.has(operator) || ['<', '<=', '>', '>='].includes(operator)) return bothNumbers ? undefined : bad();
  if (operator === '+') return bothNumbers || (left === 'content' && right === 'content') ? undefined : bad();
  if (operator === '*') return right === 'integer' && (left === 'integer' || left === 'content') ? undefined : bad();
  if (typeof left === 'string' && typeof right === 'string' && left !== right) bad();
}

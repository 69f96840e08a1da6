/* eslint-disable no-bitwise -- on bigints, where these operators are exact */
import type { BinaryOperator, Span } from '../syntax/ast';
import { fail } from './problem';

const MIN = -(2n ** 63n);
const MAX = 2n ** 64n - 1n;

/** The language's integers reach from −2^63 to 2^64−1; anything else is a run-time error. */
export function inRange(value: bigint, span: Span): bigint {
  if (value < MIN || value > MAX) fail('overflow', `${value} does not fit: integers reach from −2^63 to 2^64−1`, span);
  return value;
}

export function complement(value: bigint): bigint {
  return value > 2n ** 63n - 1n ? MAX - value : ~value;
}

export type Arithmetic = Exclude<BinaryOperator, '&&' | '||' | '==' | '!='>;

/** C's operators on exact integers; comparisons give a boolean. */
export function calculate(operator: Arithmetic, left: bigint, right: bigint, span: Span): bigint | boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '+':
      return inRange(left + right, span);
    case '-':
      return inRange(left - right, span);
    case '*':
      return inRange(left * right, span);
    case '/':
    case '%':
      if (right === 0n) fail('division-by-zero', `${left} ${operator} 0: division by zero`, span);
      return inRange(operator === '/' ? left / right : left % right, span);
    case '&':
      return inRange(left & right, span);
    case '|':
      return inRange(left | right, span);
    case '^':
      return inRange(left ^ right, span);
    case '<<':
    case '>>':
      if (right < 0n || right > 63n) fail('wrong-value', `a shift by ${right}; 0 to 63 are possible`, span);
      return inRange(operator === '<<' ? left << right : left >> right, span);
  }
}

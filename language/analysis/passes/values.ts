import { errno, signals } from '../../catalogue/constants';
import type { Expr, Range } from '../../syntax/ast';
import { didYouMean } from '../../syntax/nearest';
import { callEntry } from '../kinds';
import { findLocal, type Scope } from '../walk';
import type { Pass } from './pass';

/** What is written as literals can be wrong in itself: empty ranges, negative integers below -2^63, errno and signal names. */
export function checkValues(pass: Pass): void {
  const range = ({ from, to, ...span }: Range) => {
    const [low, high] = [literal(from), literal(to)];
    if (low !== undefined && high !== undefined && low > high)
      pass.report(span, 'range-empty', `${low}..${high} is empty: both ends are included, the smaller one stands first`);
  };
  pass.walk({
    statement: (s) => {
      if (s.kind === 'for' && s.in.kind === 'range') range(s.in);
      if (s.kind !== 'expect-failure') return;
      const table: object = s.how === 'fails' ? errno : signals;
      const what = s.how === 'fails' ? 'errno' : 'signal';
      if (!Object.hasOwn(table, s.what.text)) {
        pass.report(
          s.what,
          'unknown-constant',
          `\`${s.what.text}\` is no ${what}${didYouMean(s.what.text, Object.keys(table)) || `; \`${s.how}\` takes ${s.how === 'fails' ? 'ENOENT, EINVAL, …' : 'SIGSEGV, SIGBUS, …'}`}`,
        );
        return;
      }
      const call = s.action.value.kind === 'call' ? callEntry(s.action.value.callee.text) : undefined;
      if (call && s.how === 'fails' && !Object.hasOwn(call.errors, s.what.text)) {
        const known = Object.keys(call.errors);
        const list = known.length > 0 ? `; known are ${known.join(', ')}` : '; it raises signals instead: `raises SIGSEGV`';
        pass.report(
          s.what,
          'wrong-constant',
          `\`${(s.action.value as { callee: { text: string } }).callee.text}\` is not known to fail with ${s.what.text}${list}`,
          'warning',
        );
      }
    },
    who: ({ name, selector }, scope) => {
      if (selector?.kind === 'range') range(selector.range);
      if (selector?.kind === 'range') checkIndex(pass, name.text, selector.range.to, scope);
      else if (selector?.kind === 'index') checkIndex(pass, name.text, selector.index, scope);
    },
    expression: (e, scope) => {
      if (e.kind === 'index' && e.object.kind === 'reference') checkIndex(pass, e.object.name, e.index, scope);
      if (e.kind === 'unary' && e.operator === '-' && e.operand.kind === 'number' && e.operand.value > 2n ** 63n)
        pass.report(e, 'number-range', 'integers go from -2^63 to 2^64-1');
      if (e.kind === 'binary' && (e.operator === '/' || e.operator === '%') && literal(e.right) === 0n)
        pass.report(e.right, 'division-by-zero', 'division by zero');
    },
  });
}

/** One of an array of processes, where both numbers are written out. */
function checkIndex(pass: Pass, array: string, index: Expr, scope: Scope): void {
  const count = pass.names(scope).processes.get(array)?.count;
  const at = literal(index);
  if (count === undefined || at === undefined || findLocal(scope, array) || pass.globals.born.has(array) || (at >= 0n && at < count))
    return;
  pass.report(index, 'unknown-process', `there is no process \`${array}[${at}]\`: there are ${array}[0] to ${array}[${count - 1n}]`);
}

function literal(e: Expr): bigint | undefined {
  if (e.kind === 'number') return e.value;
  return e.kind === 'unary' && e.operator === '-' && e.operand.kind === 'number' ? -e.operand.value : undefined;
}

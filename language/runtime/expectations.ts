import type { Outcome } from '../simulator/api';
import type { Value } from '../simulator/value';
import type { Binary, Expect, ExpectFailure } from '../syntax/ast';
import { placeOf, scopeOf, written, type Context } from './context';
import type { Control, Frame } from './control';
import { evaluate, type Scope } from './evaluate';
import { calculate } from './integers';
import { fail } from './problem';
import { boolean, equal, kindOf } from './values';

/** `expect COND`: evaluated with both sides of a comparison kept, recorded, and never the end of a run. */
export function expectation(node: Expect, control: Control, frame: Frame, context: Context): void {
  const scope = scopeOf(control, frame, frame.actor);
  const { condition } = node;
  const sides = condition.kind === 'binary' && isComparison(condition) ? compare(condition, scope, context) : undefined;
  const ok = sides?.ok ?? boolean(evaluate(condition, scope, context), 'What is expected', condition);
  context.report.expectation({
    place: placeOf(frame, node),
    text: written(frame, condition),
    ...(node.reason && { reason: node.reason.value }),
    ok,
    left: sides ? sides.left : ok,
    right: sides ? sides.right : true,
  });
}

function isComparison(expr: Binary): boolean {
  return ['==', '!=', '<', '<=', '>', '>='].includes(expr.operator);
}

function compare(expr: Binary, scope: Scope, context: Context): { ok: boolean; left: Value; right: Value } {
  const left = evaluate(expr.left, scope, context);
  const right = evaluate(expr.right, scope, context);
  const { operator } = expr;
  if (operator === '==' || operator === '!=') return { ok: equal(left, right, expr) === (operator === '=='), left, right };
  if (typeof left !== 'bigint' || typeof right !== 'bigint')
    return fail('wrong-value', `\`${operator}\` compares integers, not ${kindOf(left)} with ${kindOf(right)}`, expr);
  return { ok: calculate(operator as '<', left, right, expr) as boolean, left, right };
}

/** Whether an outcome is what `fails E` or `raises S` expects, and what it was in one word. */
export function failedAsExpected(node: ExpectFailure, outcome: Outcome): { readonly ok: boolean; readonly was: string } {
  switch (outcome.kind) {
    case 'ok':
      return { ok: false, was: 'success' };
    case 'errno':
      return { ok: node.how === 'fails' && outcome.errno === node.what.text, was: outcome.errno };
    case 'signal':
      return { ok: node.how === 'raises' && outcome.signal === node.what.text, was: outcome.signal };
    case 'error':
      return { ok: false, was: outcome.code };
  }
}

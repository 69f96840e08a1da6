import type { Expr, Statement } from '../syntax/ast';
import { printExpr } from '../syntax/printExpr';
import { action, amount, binary, call, isLarge, number, random, ref } from './build';

/**
 * One argument of a step. Its numbers are kept apart from the rest, so that steps that differ by their numbers alone can become one loop:
 * `amount` in bytes, `number` plain, `sum` an address and bytes from there, `random` content of `size` bytes made from `seed`.
 */
export type Arg =
  | { readonly kind: 'fixed'; readonly expr: Expr }
  | { readonly kind: 'amount' | 'number'; readonly value: number }
  | { readonly kind: 'sum'; readonly base: Expr; readonly offset: number }
  | { readonly kind: 'random'; readonly size: number; readonly seed: number };

/** One process doing one call, or a remark between steps. */
export type Step =
  | {
      readonly kind: 'step';
      readonly who: string;
      readonly call: string;
      readonly args: readonly Arg[];
      readonly bind?: string;
      readonly as?: string;
    }
  | { readonly kind: 'remark'; readonly text: string };

export const fixed = (expr: Expr): Arg => ({ kind: 'fixed', expr });
export const bytes = (value: number): Arg => ({ kind: 'amount', value });
export const plain = (value: number): Arg => ({ kind: 'number', value });
export const word = (text: string): Arg => fixed(ref(text));

/** What of a step is not a number; two steps of one shape can be turns of one loop. */
export function shapeOf(step: Step): string {
  if (step.kind === 'remark') return `//${step.text}`;
  const args = step.args.map((arg) => {
    if (arg.kind === 'fixed') return printExpr(arg.expr);
    if (arg.kind === 'random') return isLarge(arg.size) ? 'random*' : 'random';
    return arg.kind === 'sum' ? `${printExpr(arg.base)}+` : arg.kind;
  });
  return `${step.who}:${step.bind ?? ''}=${step.call}(${args.join(',')})${step.as ?? ''}`;
}

/** The numbers of a step, in order. */
export function numbersOf(step: Step): number[] {
  if (step.kind === 'remark') return [];
  return step.args.flatMap((arg) => {
    if (arg.kind === 'fixed') return [];
    if (arg.kind === 'sum') return [arg.offset];
    return arg.kind === 'random' ? [arg.size, arg.seed] : [arg.value];
  });
}

/** A loop variable, and by how much each of the numbers grows a turn. */
export interface Turn {
  readonly variable: string;
  readonly strides: readonly number[];
}

/** The step as a statement; its numbers grow with the loops around it. */
export function statementOf(step: Step & { kind: 'step' }, turns: readonly Turn[]): Statement {
  let next = 0;
  const growing = (start: number, unit: (value: number) => Expr): Expr => {
    const at = next++;
    const terms = turns.flatMap(({ variable, strides }) => {
      const stride = strides[at] ?? 0;
      return stride === 0 ? [] : [stride === 1 ? ref(variable) : binary('*', ref(variable), negative(stride, unit))];
    });
    const parts = start === 0 && terms.length > 0 ? terms : [unit(start), ...terms];
    return parts.reduce((left, right) => binary('+', left, right));
  };
  const args = step.args.map((arg): Expr => {
    switch (arg.kind) {
      case 'fixed':
        return arg.expr;
      case 'amount':
        return growing(arg.value, amount);
      case 'number':
        return growing(arg.value, number);
      case 'sum': {
        const offset = growing(arg.offset, amount);
        return offset.kind === 'number' && offset.value === 0n ? arg.base : binary('+', arg.base, offset);
      }
      case 'random':
        return random(growing(arg.size, amount), growing(arg.seed, number), isLarge(arg.size));
    }
  });
  return action(step.who, call(step.call, args), step);
}

function negative(value: number, unit: (value: number) => Expr): Expr {
  if (value >= 0) return unit(value);
  return { kind: 'unary', operator: '-', operand: unit(-value), start: 0, end: 0 };
}

import type { Value } from '../simulator/value';
import type { For, If, Invariant, Let, Parallel, Repeat, Return, Statement } from '../syntax/ast';
import { action, expectFailure, processBlock } from './actions';
import { actorsOf } from './actors';
import { placeOf, valueIn, type Context } from './context';
import {
  advanced,
  bind,
  blockFrame,
  loopFrame,
  onFrame,
  rounds,
  roundValue,
  type Control,
  type Frame,
  type Join,
  type LoopFrame,
  type Rounds,
  type Thread,
} from './control';
import { expectation } from './expectations';
import { fail } from './problem';
import { returned } from './settle';
import { check } from './steps';
import { article, boolean, integer, isList } from './values';

/** Executes the statement at which `frame`, the innermost one of `control`, stands. Throws a Problem or a Halt. */
export function execute(node: Statement, frame: Frame, control: Control, context: Context): Control {
  switch (node.kind) {
    case 'action':
      return action(node, frame, control, context);
    case 'process-block':
      return processBlock(node, frame, control, context);
    case 'let':
      return let_(node, frame, control, context);
    case 'if':
      return if_(node, frame, control, context);
    case 'for':
    case 'repeat':
      return loop(node, frame, control, context);
    case 'parallel':
      return parallel(node, frame, control, context);
    case 'expect':
      expectation(node, control, frame, context);
      return past(control, frame);
    case 'expect-failure':
      return expectFailure(node, frame, control, context);
    case 'invariant':
      return invariant(node, frame, control, context);
    case 'return':
      return return_(node, frame, control, context);
    default:
      return past(control, frame);
  }
}

function past(control: Control, frame: Frame): Control {
  return onFrame(control, advanced(frame));
}

function let_(node: Let, frame: Frame, control: Control, context: Context): Control {
  const value = valueIn(node.value, control, frame, frame.actor, context);
  return onFrame(control, { ...advanced(frame), names: bind(frame.names, node.name, value) });
}

function if_(node: If, frame: Frame, control: Control, context: Context): Control {
  const holds = boolean(valueIn(node.condition, control, frame, frame.actor, context), 'A condition', node.condition);
  const branch = holds ? node.then : node.else;
  const outer = advanced(frame);
  if (branch === undefined) return onFrame(control, outer);
  const block = 'statements' in branch ? branch : { statements: [branch], start: branch.start, end: branch.end };
  return onFrame(control, blockFrame(outer, outer, outer.names, block));
}

/** `for` and `repeat` make no arrays of processes. */
const NO_ONE = {};

function loop(node: For | Repeat, frame: Frame, control: Control, context: Context): Control {
  const head: LoopFrame =
    frame.kind === 'loop' ? frame : loopFrame(advanced(frame), node, roundsOf(node, frame, control, context), 0, NO_ONE);
  if (head.next >= rounds(head.rounds)) return onFrame(control, head);
  const outer = advanced(head);
  const names = node.kind === 'for' ? bind(head.names, node.name, roundValue(head.rounds, head.next)) : head.names;
  return onFrame(control, blockFrame(outer, outer, names, node.body));
}

function roundsOf(node: For | Repeat, frame: Frame, control: Control, context: Context): Rounds {
  const value = (expr: Parameters<typeof valueIn>[0]): Value => valueIn(expr, control, frame, frame.actor, context);
  if (node.kind === 'repeat') {
    const count = integer(value(node.count), 'How often to repeat', node.count);
    if (count < 0n) fail('wrong-value', `repeat ${count}: it can't be negative`, node.count);
    return { kind: 'range', from: 0n, count };
  }
  if (node.in.kind === 'range') {
    const from = integer(value(node.in.from), 'The first number', node.in.from);
    const to = integer(value(node.in.to), 'The last number', node.in.to);
    return { kind: 'range', from, count: to < from ? 0n : to - from + 1n };
  }
  const values = value(node.in);
  return isList(values)
    ? { kind: 'values', values }
    : fail('wrong-value', `\`for\` goes over a list or a range, not ${article(values)}`, node.in);
}

/** Every block a branch, `db[*] { … }` a branch for each process; they take turns with all other branches, statement by statement. */
function parallel(node: Parallel, frame: Frame, control: Control, context: Context): Control {
  const join: Join = { after: { ...control.thread, frame: advanced(frame) } };
  const branches: Thread[] = node.branches.flatMap((branch) =>
    actorsOf(branch.who, branch, control, frame, context).doers.map((actor) => {
      const block = blockFrame(undefined, { source: frame.source, actor }, frame.names, branch.body);
      return { ...control.thread, frame: block, join };
    }),
  );
  const over = { ...control.thread, frame: undefined, join };
  return { ...control, thread: over, waiting: [...control.waiting, ...branches] };
}

function invariant(node: Invariant, frame: Frame, control: Control, context: Context): Control {
  const invariants = { item: { node, source: frame.source, names: frame.names }, rest: control.invariants };
  check(invariants, placeOf(frame, node), context);
  return { ...past(control, frame), invariants };
}

function return_(node: Return, frame: Frame, control: Control, context: Context): Control {
  const { routine } = control.thread;
  if (routine === undefined) return fail('wrong-value', '`return` stands outside of a routine', node);
  const value = node.value && valueIn(node.value, control, frame, frame.actor, context);
  let body = frame;
  while (!(body.kind === 'block' && body.returns)) body = body.outer!;
  return returned(control, routine, body, value, context);
}

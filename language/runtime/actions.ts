import type { Action, Call, ExpectFailure, ProcessBlock } from '../syntax/ast';
import { actorsOf, type Actors } from './actors';
import { placeOf, valueIn, written, type Context } from './context';
import { advanced, blockFrame, loopFrame, onFrame, onThread, type Control, type Doer, type Frame, type LoopFrame } from './control';
import { failedAsExpected } from './expectations';
import { fail } from './problem';
import type { Located } from './program';
import { bound } from './settle';
import { Births, born, isSystemCall, step, succeeded, times } from './steps';
import { processRef } from './values';
import type { Routine } from '../syntax/ast';

/** `WHO: NAME = CALL(ARGS)`, a routine's call, or `WHO: NAME = EXPR`. `again`: the loop frame, where it is a routine's call by several. */
export function action(node: Action, frame: Frame, control: Control, context: Context): Control {
  if (frame.kind === 'loop') return nextCall(node, frame, control, context);
  const { value } = node;
  const actors = actorsOf(node.who, node, control, frame, context);
  const after = onFrame(control, advanced(frame));
  if (value.kind === 'call') {
    const routine = context.routines.get(value.callee.text);
    if (routine && actors.many) {
      const values = actors.doers.map((doer) => processRef(doer as number));
      const loop = loopFrame(advanced(frame), node, { kind: 'values', values }, 0, {});
      return nextCall(node, loop, onFrame(control, loop), context);
    }
    if (routine) return enter(node, value, routine, actors.doers[0]!, frame, after, context);
    if (isSystemCall(value.callee.text)) return each(node, value, actors, frame, control, after, context);
  }
  if (node.bind === undefined) fail('wrong-value', 'a line has to do something: a call, or `name = …`', node);
  let next = after;
  for (const doer of actors.doers) next = bound(next, node, doer, valueIn(value, control, frame, doer, context), context);
  return next;
}

/** A system call by each of those who act: one step each. */
function each(node: Action, call: Call, actors: Actors, frame: Frame, control: Control, after: Control, context: Context): Control {
  const maker = node.as && blockThatMakes(frame);
  const alone = !actors.many && node.as === undefined;
  const births = node.as && new Births(node.as, actors.many || node.as.count !== undefined || maker !== undefined, maker, context);
  let next = after;
  try {
    for (const doer of actors.doers) {
      if (actors.all && doer !== 'kernel' && !context.machine.alive(doer)) continue;
      for (let n = times(node.as, control, frame, doer, context, node); n > 0; n--) {
        const value = succeeded(step(call, doer, control, frame, context, alone), call, doer, frame, context);
        born(doer, call.callee.text, value, births, context);
        next = bound(next, node, doer, value, context);
      }
    }
  } finally {
    births?.commit();
  }
  return next;
}

/** The block `db[*] { … }` around, whose rounds together make one array of the processes that they name. */
function blockThatMakes(frame: Frame): object | undefined {
  for (let at: Frame | undefined = frame; at; at = at.outer) {
    if (at.kind === 'block' && at.returns) return undefined;
    if (at.kind === 'loop' && at.node.kind === 'process-block' && isMany(at.node)) return at.token;
  }
  return undefined;
}

function isMany(node: ProcessBlock): boolean {
  return node.who.selector !== undefined && node.who.selector.kind !== 'index';
}

/** The next of several who call a routine one after another. */
function nextCall(node: Action, loop: LoopFrame, control: Control, context: Context): Control {
  const call = node.value as Call;
  const routine = context.routines.get(call.callee.text)!;
  const value = loop.rounds.kind === 'values' ? loop.rounds.values[loop.next] : undefined;
  if (value === undefined) return onFrame(control, loop.outer);
  const doer = (value as { id: number }).id;
  return enter(node, call, routine, doer, loop, onFrame(control, advanced(loop)), context);
}

/** Opens a routine: `after` is where its end returns to. */
function enter(node: Action, call: Call, routine: Located<Routine>, doer: Doer, frame: Frame, after: Control, context: Context): Control {
  const { params, body, name } = routine.node;
  if (params.length !== call.args.length)
    fail('wrong-value', `${name.text} takes ${params.length} arguments, not ${call.args.length}`, call);
  const outer = after.thread.routine;
  const depth = (outer?.depth ?? 0) + 1;
  if (depth > context.limits.nesting)
    fail('call-depth-limit', `more than ${context.limits.nesting} routines are open (the setting is mmscn.limits.nesting)`, call);
  const locals = new Map(params.map((param, i) => [param.text, valueIn(call.args[i]!, after, frame, doer, context)]));
  const opened = blockFrame(after.thread.frame, { source: routine.source, actor: doer }, context.fileNames, body, 0, true);
  return onThread(after, {
    frame: opened,
    label: after.thread.label,
    join: after.thread.join,
    routine: { outer, depth, name: name.text, locals, call: node, caller: frame, actor: doer },
  });
}

/** `p { … }`: the whole block by one process, then by the next. */
export function processBlock(node: ProcessBlock, frame: Frame, control: Control, context: Context): Control {
  if (frame.kind === 'loop') return nextRound(node, frame, control);
  const actors = actorsOf(node.who, node, control, frame, context);
  const outer = advanced(frame);
  const [doer] = actors.doers;
  if (doer === 'kernel' || (!actors.many && doer !== undefined)) {
    const block = blockFrame(outer, { source: outer.source, actor: doer }, outer.names, node.body);
    return onFrame(control, block);
  }
  const values = actors.doers.map((each) => processRef(each as number));
  const loop = loopFrame(outer, node, { kind: 'values', values }, 0, {});
  return nextRound(node, loop, control);
}

function nextRound(node: ProcessBlock, loop: LoopFrame, control: Control): Control {
  const value = loop.rounds.kind === 'values' ? loop.rounds.values[loop.next] : undefined;
  if (value === undefined) return onFrame(control, loop.outer);
  const outer = advanced(loop);
  const actor = (value as { id: number }).id;
  const block = blockFrame(outer, { source: outer.source, actor }, outer.names, node.body);
  return onFrame(control, block);
}

/** `expect WHO: CALL fails E`: has to hold for each; recorded once, with the first that was otherwise. */
export function expectFailure(node: ExpectFailure, frame: Frame, control: Control, context: Context): Control {
  const { value } = node.action;
  if (value.kind !== 'call' || !isSystemCall(value.callee.text))
    return fail('wrong-value', `only a system call or an access ${node.how}`, value);
  const actors = actorsOf(node.action.who, node, control, frame, context);
  let ok = true;
  let was: string | undefined;
  let next = onFrame(control, advanced(frame));
  for (const doer of actors.doers) {
    if (actors.all && doer !== 'kernel' && !context.machine.alive(doer)) continue;
    const outcome = step(value, doer, control, frame, context, !actors.many);
    const found = failedAsExpected(node, outcome);
    if (ok) was = found.was;
    ok &&= found.ok;
    if (outcome.kind === 'ok') {
      const births = node.action.as && new Births(node.action.as, actors.many, undefined, context);
      born(doer, value.callee.text, outcome.value ?? 0n, births, context);
      births?.commit();
      next = bound(next, node.action, doer, outcome.value ?? 0n, context);
    }
  }
  context.report.expectation({
    place: placeOf(frame, node),
    text: written(frame, { start: node.action.start, end: node.what.end }),
    ...(node.reason && { reason: node.reason.value }),
    ok,
    left: was ?? 'nobody was there to do it',
    right: node.what.text,
  });
  return next;
}

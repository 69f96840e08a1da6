import { calls } from '../../catalogue/calls';
import { constants } from '../../catalogue/constants';
import { functions } from '../../catalogue/functions';
import type { ConstantGroup, Parameter } from '../../catalogue/types';
import type { Call, Expr } from '../../syntax/ast';
import { didYouMean } from '../../syntax/nearest';
import { callEntry, constantEntry, sameTable, sortName, sortOf, sortOfKind } from '../kinds';
import { type Scope, stepOf } from '../walk';
import type { Pass } from './pass';

/** Lines that act: who does it, which call, how many arguments, of which kind, with constants that belong there. */
export function checkCalls(pass: Pass): void {
  pass.walk({
    action: (action, scope, expected) => {
      const call = stepOf(action);
      if (!call || (sameTable(functions, call.callee.text) && action.bind && !expected)) {
        if (scope.actor === 'none' && action.bind)
          pass.report(action, 'who-missing', `whose variable is \`${action.bind.text}\`? Write \`p: ${action.bind.text} = …\`, or \`let\``);
        else if (scope.actor === 'kernel' && action.bind)
          pass.report(
            action.bind,
            'who-wrong',
            `the kernel has no variables: \`let ${action.bind.text} = …\`, or a process's \`p: ${action.bind.text} = …\``,
          );
        else if (!action.bind)
          pass.report(action.value, 'unknown-call', 'this line does nothing: a call, `NAME = …` or a keyword was expected');
        if (action.as) pass.report(action.as.name, 'as-without-fork', '`as` names a new process; only fork, vfork and clone make one');
        if (call) checkArguments(pass, call, functions[call.callee.text as keyof typeof functions].params, scope);
        return;
      }
      checkStep(pass, call, action.bind !== undefined, action.as !== undefined, scope);
    },
    expression: (expr, scope) => {
      if (expr.kind === 'call' && sameTable(functions, expr.callee.text))
        checkArguments(pass, expr, functions[expr.callee.text].params, scope);
    },
  });
}

function checkStep(pass: Pass, call: Call, binds: boolean, as: boolean, scope: Scope): void {
  const name = call.callee.text;
  const routine = pass.globals.routines.get(name);
  const entry = callEntry(name);
  if (routine) {
    const { params } = routine.node;
    if (scope.actor === 'none') pass.report(call, 'who-missing', `who runs \`${name}\`? Write \`p: ${name}(…)\``);
    if (call.args.length === params.length) return;
    return pass.report(
      call,
      'argument-count',
      `\`${name}(${params.map((p) => p.text).join(', ')})\` takes ${counted(params.length)}, not ${call.args.length}`,
    );
  }
  if (!entry)
    return pass.report(
      call.callee,
      'unknown-call',
      `there is no call or routine \`${name}\`${didYouMean(name, [...Object.keys(calls), ...pass.globals.routines.keys()])}`,
    );
  if (scope.actor === 'none')
    pass.report(call, 'who-missing', `who calls \`${name}\`? Write \`${entry.who === 'kernel' ? 'kernel' : 'p'}: ${name}(…)\``);
  else if (scope.actor !== entry.who)
    pass.report(
      call.callee,
      'who-wrong',
      entry.who === 'kernel' ? `\`${name}\` is the kernel's: \`kernel: ${name}(…)\`` : `\`${name}\` is a process's call, not the kernel's`,
    );
  if (binds && entry.returns === 'void') pass.report(call, 'bind-nothing', `\`${name}\` returns nothing that could be bound`);
  if (as && !['fork', 'vfork', 'clone'].includes(name))
    pass.report(call, 'as-without-fork', '`as` names a new process; only fork, vfork and clone make one');
  checkArguments(pass, call, entry.params, scope);
}

/** `name(a, b[, c])` */
export function signature(name: string, params: readonly Parameter[]): string {
  let text = '';
  params.forEach((param, i) => {
    const comma = i === 0 ? '' : ', ';
    text += param.optional ? `[${comma}${param.name}]` : comma + param.name;
  });
  return `${name}(${text})`;
}

function counted(n: number): string {
  return n === 0 ? 'no arguments' : n === 1 ? '1 argument' : `${n} arguments`;
}

function checkArguments(pass: Pass, call: Call, params: readonly Parameter[], scope: Scope): void {
  const least = params.filter((param) => !param.optional).length;
  if (call.args.length < least || call.args.length > params.length) {
    const takes = least === params.length ? counted(least) : `${least} to ${params.length} arguments`;
    pass.report(call, 'argument-count', `\`${signature(call.callee.text, params)}\` takes ${takes}, not ${call.args.length}`);
  }
  call.args.forEach((arg, i) => {
    const param = params[i];
    if (param) checkArgument(pass, arg, param, call.callee.text, scope);
  });
}

function checkArgument(pass: Pass, arg: Expr, param: Parameter, call: string, scope: Scope): void {
  if (arg.kind === 'reference' && param.words?.includes(arg.name)) return;
  const wanted = sortOfKind(param.kind);
  const given = sortOf(arg, scope, pass.isProcess(scope));
  if (wanted !== undefined && given !== undefined && given !== wanted) {
    const what = wanted === 'content' ? (param.kind === 'path' ? 'a string' : 'content') : 'an integer';
    const hint = typeof given === 'object' && given.object === 'process' && param.kind === 'pid' ? '; its number is `.pid`' : '';
    return pass.report(arg, 'argument-kind', `\`${param.name}\` of \`${call}\` is ${what}, not ${sortName(given)}${hint}`);
  }
  if (param.kind === 'flags' || param.kind === 'enum') checkConstants(pass, arg, param, call);
}

/** Constants joined by | belong to the parameter's group. */
function checkConstants(pass: Pass, arg: Expr, param: Parameter, call: string): void {
  if (arg.kind === 'binary' && arg.operator === '|') {
    checkConstants(pass, arg.left, param, call);
    checkConstants(pass, arg.right, param, call);
    return;
  }
  const group = param.group;
  if (arg.kind !== 'reference' || group === undefined) return;
  const constant = constantEntry(arg.name);
  if (!constant || constant.groups.includes(group)) return;
  const right = constantsOf(group);
  const hint = didYouMean(arg.name, right) || `; there are ${right.slice(0, 10).join(', ')}${right.length > 10 ? ', …' : ''}`;
  pass.report(arg, 'wrong-constant', `\`${arg.name}\` does not belong to \`${param.name}\` of \`${call}\`${hint}`);
}

export function constantsOf(group: ConstantGroup): string[] {
  return Object.entries(constants).flatMap(([name, entry]) => ((entry.groups as readonly ConstantGroup[]).includes(group) ? [name] : []));
}

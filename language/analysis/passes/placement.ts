import type { Statement } from '../../syntax/ast';
import { callEntry } from '../kinds';
import { type Scope, stepOf } from '../walk';
import { isKnownWho } from './names';
import type { Pass } from './pass';

const DECLARATIONS = new Set<Statement['kind']>([
  'under',
  'machine',
  'host',
  'mount',
  'file',
  'directory',
  'reflink',
  'snapshot',
  'dedupe',
  'process',
  'cgroup',
  'param',
]);

export function isDeclaration(statement: Statement): boolean {
  return DECLARATIONS.has(statement.kind);
}

/** Declarations before the first step, `under` and params first, `return` in routines, branches in order. */
export function checkPlacement(pass: Pass): void {
  pass.walk({
    block: (block, scope) => {
      let first: Statement | undefined;
      let { locals } = scope;
      for (const s of block.statements) {
        if (s.kind === 'broken') continue;
        if (isDeclaration(s)) checkDeclaration(pass, s, scope, first);
        else if (s.kind === 'return') {
          if (scope.unit.kind !== 'routine') pass.report(s, 'misplaced', '`return` stands in a routine');
        }
        const begins = !isDeclaration(s) && s.kind !== 'step' && s.kind !== 'let' && !namesNothing(pass, s, { ...scope, locals });
        first ??= begins ? s : undefined;
        if (s.kind === 'let') locals = { kind: s.kind, name: s.name, value: s.value, outer: locals };
      }
      let before: Statement | undefined;
      for (const s of block.statements) {
        if (s.kind === 'under' && before) pass.report(s, 'misplaced', '`under` stands first in its scenario');
        if (s.kind === 'param' && before && before.kind !== 'under' && before.kind !== 'param')
          pass.report(s, 'misplaced', '`param` stands first in its scenario, behind `under`');
        before = s;
      }
    },
  });
}

/** A line by nobody that there is, or a call of nothing that there is: what it was meant to be can't be told, so no declaration is too late for it. */
function namesNothing(pass: Pass, s: Statement, scope: Scope): boolean {
  if (s.kind !== 'action' && s.kind !== 'process-block') return false;
  if (s.who && !isKnownWho(pass, s.who, scope)) return true;
  const call = s.kind === 'action' ? stepOf(s)?.callee.text : undefined;
  return call !== undefined && !callEntry(call) && !pass.globals.routines.has(call);
}

function checkDeclaration(pass: Pass, s: Statement, scope: Scope, first: Statement | undefined): void {
  const what = s.kind === 'param' || s.kind === 'under' ? `\`${s.kind}\`` : `the declaration \`${s.kind} …\``;
  if (scope.unit.kind === 'routine') pass.report(s, 'misplaced', `${what} stands in a scenario, not in a routine`);
  else if (scope.depth > 0) pass.report(s, 'misplaced', `${what} stands directly in the scenario, not in a block`);
  else if (first) pass.report(s, 'declaration-late', `${what} comes after a step: what exists is declared before the first one`);
}

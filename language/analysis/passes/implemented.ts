import { designs } from '../../catalogue/designs';
import type { Call, Option } from '../../syntax/ast';
import { didYouMean } from '../../syntax/nearest';
import type { Implemented } from '../diagnostic';
import { callEntry, observableEntry, sortOf } from '../kinds';
import { findLocal, stepOf } from '../walk';
import { optionsOf, type OptionTable } from './options';
import type { Pass } from './pass';

/** What the language knows and the simulator cannot do yet is said where it stands, never passed over. */
export function checkImplemented(pass: Pass): void {
  const { implemented } = pass;
  if (!implemented) return;
  const not = (span: { start: number; end: number }, what: string) => pass.report(span, 'not-implemented', `${what} is not simulated yet`);
  for (const item of pass.source.file.items) {
    if (item.kind !== 'design' || !Object.hasOwn(designs, item.base.text)) continue;
    if (!implemented.designs.has(item.base.text)) not(item.base, `the design ${item.base.text}`);
  }
  pass.walk({
    action: (action) => {
      const call = stepOf(action);
      if (call && !pass.globals.routines.has(call.callee.text) && callEntry(call.callee.text) && !implemented.calls.has(call.callee.text))
        not(call.callee, `the call \`${call.callee.text}\``);
    },
    statement: (s, scope) => {
      if (implemented.statements && !implemented.statements.has(s.kind) && s.kind !== 'broken') not(s, `\`${s.kind}\``);
      if (s.kind === 'mount' && optionsOf(s) && !implemented.mounts.has(s.type.text)) not(s.type, `the filesystem ${s.type.text}`);
      if (s.kind !== 'under' || scope.depth > 0) return;
      for (const name of s.designs)
        if (Object.hasOwn(designs, name.text) && !implemented.designs.has(name.text)) not(name, `the design ${name.text}`);
    },
    options: (given, owner) => {
      const known = optionsOf(owner);
      if (known && !(owner.kind === 'mount' && !implemented.mounts.has(owner.type.text)))
        checkOptions(pass, implemented, given, known.key, known.table, known.of);
    },
    expression: (e, scope) => {
      if (e.kind === 'reference') {
        if (implemented.refused?.has(e.name)) not(e, `\`${e.name}\``);
        const entry = findLocal(scope, e.name) ? undefined : observableEntry('run', e.name);
        if (entry && !entry.of && e.name !== 'page_size' && !implemented.observables.has(`run.${e.name}`)) not(e, `\`${e.name}\``);
      } else if (e.kind === 'call' && (e.callee.text === 'events' || e.callee.text === 'violations')) {
        if (!implemented.observables.has(`run.${e.callee.text}`)) not(e.callee, `\`${e.callee.text}\``);
        checkCounted(pass, implemented, e);
      } else if (e.kind === 'member') {
        const sort = sortOf(e.object, scope, pass.isProcess(scope));
        const owner = typeof sort === 'object' ? sort.object : undefined;
        if (owner && observableEntry(owner, e.name.text) && !implemented.observables.has(`${owner}.${e.name.text}`))
          not(e.name, `\`${owner}.${e.name.text}\``);
      }
    },
  });
}

/** `events("…")` and `violations("…")` of something that is never counted would be 0 for ever. */
function checkCounted(pass: Pass, implemented: Implemented, { callee, args: [name, outcome] }: Call): void {
  const known = callee.text === 'events' ? implemented.functions : implemented.violations;
  if (name?.kind !== 'string' || typeof name.value !== 'string' || known === undefined) return;
  if (known.has(name.value)) {
    if (callee.text === 'events' && outcome !== undefined) checkOutcome(pass, implemented, name.value, outcome);
    return;
  }
  const what = callee.text === 'events' ? 'the simulator enters no kernel function' : 'there is no invariant';
  pass.report(name, 'unknown-event', `${what} \`${name.value}\`${didYouMean(name.value, known)}`);
}

/** `events("…", "…")` of what a kernel function never comes to would be 0 for ever, too. */
function checkOutcome(pass: Pass, { outcomes, violations }: Implemented, name: string, outcome: Call['args'][number]): void {
  if (outcome.kind !== 'string' || typeof outcome.value !== 'string' || outcomes === undefined) return;
  const known = name === 'violation' ? violations : outcomes.get(name);
  if (known === undefined) pass.report(outcome, 'unknown-event', `\`${name}\` is counted without outcomes`);
  else if (!known.has(outcome.value)) {
    const among = [...known].sort().join(', ');
    pass.report(
      outcome,
      'unknown-event',
      `\`${name}\` never comes to \`${outcome.value}\`${didYouMean(outcome.value, known) || `: it can be ${among}`}`,
    );
  }
}

/** An option at its default needs nothing of the simulator. */
function checkOptions(pass: Pass, implemented: Implemented, given: readonly Option[], key: string, table: OptionTable, of: string): void {
  for (const { name, value } of given) {
    const entry = Object.hasOwn(table, name.text) ? table[name.text] : undefined;
    const written = value.kind === 'word' ? value.text : pass.source.text.slice(value.start, value.end);
    const option = `${key}.${name.text}`;
    if (!entry || entry.default === written || implemented.options.has(option) || implemented.options.has(`${option}=${written}`)) continue;
    pass.report({ start: name.start, end: value.end }, 'not-implemented', `\`${name.text}\` of ${of} is not simulated yet`);
  }
}

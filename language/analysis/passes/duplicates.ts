import { calls } from '../../catalogue/calls';
import { designs } from '../../catalogue/designs';
import { constants } from '../../catalogue/constants';
import { observables } from '../../catalogue/observables';
import type { Name } from '../../syntax/ast';
import { findLocal } from '../walk';
import type { Pass } from './pass';

/** One thing to a name: scenarios, routines, designs, params, processes, lets, arguments; and variables that hide none of them. */
export function checkDuplicates(pass: Pass): void {
  const seen = { scenario: new Set<string>(), routine: new Set<string>(), design: new Set<string>(), param: new Set<string>() };
  for (const item of pass.source.file.items) {
    if (item.kind === 'broken' || item.kind === 'import') continue;
    const name = item.kind === 'scenario' ? { ...item.title, text: item.title.value } : item.name;
    const elsewhere =
      item.kind === 'routine'
        ? pass.globals.routines.get(name.text)
        : item.kind === 'design'
          ? pass.globals.designs.get(name.text)
          : undefined;
    if (seen[item.kind].has(name.text)) pass.report(name, 'duplicate', `there is a ${item.kind} \`${name.text}\` above already`);
    else if (elsewhere && elsewhere.source !== pass.source)
      pass.report(name, 'duplicate', `${elsewhere.source.uri} has a ${item.kind} \`${name.text}\` as well`);
    seen[item.kind].add(name.text);
    if (item.kind === 'param') {
      const { sources } = pass.program;
      const hidden = sources
        .slice(sources.indexOf(pass.source) + 1)
        .find(({ file }) => file.items.some((other) => other.kind === 'param' && other.name.text === name.text));
      if (hidden) pass.report(name, 'duplicate', `this takes the place of the param \`${name.text}\` of ${hidden.uri}`, 'warning');
    }
    if (item.kind === 'design' && Object.hasOwn(designs, name.text))
      pass.report(name, 'duplicate', `\`${name.text}\` is a built-in design`);
    if (item.kind === 'routine') {
      if (Object.hasOwn(calls, name.text)) pass.report(name, 'duplicate', `\`${name.text}\` is a system call`);
      once(pass, item.params, 'parameter');
    }
  }
  pass.walk({
    block: (block, scope) => {
      const names: Name[] = [];
      for (const s of block.statements) {
        if (s.kind === 'let' || s.kind === 'param') names.push(s.name);
        else if (s.kind === 'process') names.push(...s.names.map(({ name }) => name));
        else if (s.kind === 'host') names.push(...s.names);
      }
      once(pass, names, 'name');
      for (const name of names) {
        if (findLocal(scope, name.text)) pass.report(name, 'duplicate', `\`${name.text}\` is defined further out already`);
        else if (['kernel', 'remote', 'true', 'false', 'all'].includes(name.text))
          pass.report(name, 'reserved-name', `\`${name.text}\` has a meaning of its own`);
      }
    },
    action: (action, scope) => {
      if (!action.bind) return;
      const name = action.bind.text;
      const local = findLocal(scope, name);
      const taken = pass.isProcess(scope)(name)
        ? 'a process'
        : local && local.kind !== 'parameter'
          ? `a ${local.kind}`
          : Object.hasOwn(observables.process, name)
            ? 'what can be asked of a process'
            : Object.hasOwn(constants, name)
              ? "a constant of the system's"
              : ['true', 'false', 'all', 'kernel', 'remote'].includes(name)
                ? 'a word of the language'
                : undefined;
      if (taken !== undefined)
        pass.report(action.bind, 'reserved-name', `a process variable may not be named \`${name}\`: that is ${taken}`);
    },
  });
}

function once(pass: Pass, names: readonly Name[], what: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name.text)) pass.report(name, 'duplicate', `the ${what} \`${name.text}\` is taken already`);
    seen.add(name.text);
  }
}

import { calls, type CallName } from '../catalogue/calls';
import type { DesignDeclaration, Name, Routine, Scenario, Statement } from '../syntax/ast';
import type { Program, Source } from './program';
import { type Local, stepOf, walk } from './walk';

export interface Defined<T> {
  readonly source: Source;
  readonly node: T;
}

/** The names that a whole program defines. */
export interface Globals {
  readonly routines: ReadonlyMap<string, Defined<Routine>>;
  readonly designs: ReadonlyMap<string, Defined<DesignDeclaration>>;
  /** Params at file level, as locals that every scenario and routine sees. */
  readonly params: Local | undefined;
  /** Processes that routines name by `as`: everybody sees them. */
  readonly born: ReadonlySet<string>;
}

/** A process or an array of them; `count`: how many there are, where that is written as a number and only declared once. */
export interface ProcessNames {
  readonly name: Name;
  readonly array: boolean;
  readonly count?: bigint;
}

/** The names that one scenario or routine defines beside its locals. */
export interface UnitNames {
  readonly processes: ReadonlyMap<string, ProcessNames>;
  readonly hosts: ReadonlyMap<string, Name>;
  /** Variables that some process, or the routine, is given; the first place. */
  readonly variables: ReadonlyMap<string, Name>;
  /** Variables that are only ever bound to the result of a call that has fields: which call. */
  readonly results: ReadonlyMap<string, string>;
  /** The designs that `under` names; empty where nothing is said. */
  readonly designs: ReadonlySet<string>;
}

export function globalsOf(program: Program): Globals {
  const routines = new Map<string, Defined<Routine>>();
  const designs = new Map<string, Defined<DesignDeclaration>>();
  const born = new Set<string>();
  let params: Local | undefined;
  for (const source of program.sources) {
    for (const item of source.file.items) {
      if (item.kind === 'routine') {
        if (!routines.has(item.name.text)) routines.set(item.name.text, { source, node: item });
        for (const name of unitNames(source, item).processes.keys()) born.add(name);
      } else if (item.kind === 'design' && !designs.has(item.name.text)) designs.set(item.name.text, { source, node: item });
      else if (item.kind === 'param') params = { kind: 'param', name: item.name, value: item.value, source, outer: params };
    }
  }
  return { routines, designs, params, born };
}

const known = new WeakMap<Scenario | Routine, UnitNames>();

export function unitNames(source: Source, unit: Scenario | Routine): UnitNames {
  let names = known.get(unit);
  if (!names) known.set(unit, (names = collect(source, unit)));
  return names;
}

function collect(source: Source, unit: Scenario | Routine): UnitNames {
  const processes = new Map<string, ProcessNames>();
  const hosts = new Map<string, Name>();
  const variables = new Map<string, Name>();
  const bound = new Map<string, Set<string>>();
  const designs = new Set<string>();
  const add = <T>(map: Map<string, T>, name: Name, value: T) => {
    if (!map.has(name.text)) map.set(name.text, value);
  };
  const statement = (s: Statement) => {
    if (s.kind === 'process')
      for (const { name, count } of s.names)
        add(processes, name, { name, array: count !== undefined, ...(count?.kind === 'number' && { count: count.value }) });
    else if (s.kind === 'host') for (const name of s.names) add(hosts, name, name);
    else if (s.kind === 'under') for (const name of s.designs) designs.add(name.text);
  };
  walk({ ...source, file: { ...source.file, items: [unit] } }, undefined, {
    statement,
    action: (action) => {
      if (action.bind) {
        add(variables, action.bind, action.bind);
        const to = bound.get(action.bind.text) ?? new Set();
        bound.set(action.bind.text, to.add(stepOf(action)?.callee.text ?? ''));
      }
      if (!action.as) return;
      const { name, count } = action.as;
      const declared = processes.get(name.text);
      processes.set(name.text, declared ? { name: declared.name, array: declared.array } : { name, array: count !== undefined });
    },
  });
  return { processes, hosts, variables, results: resultsOf(bound), designs };
}

function resultsOf(bound: ReadonlyMap<string, ReadonlySet<string>>): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, to] of bound) {
    const [call] = to;
    if (to.size === 1 && call !== undefined && hasFields(call)) found.set(name, call);
  }
  return found;
}

const hasFields = (call: string): boolean => Object.hasOwn(calls, call) && 'fields' in calls[call as CallName];

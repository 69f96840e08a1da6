import { designs as catalogued } from '../catalogue/designs';
import { options as optionTables } from '../catalogue/options';
import type { OptionEntry } from '../catalogue/types';
import type { MachineOptions, OptionValue, Setup } from '../simulator/api';
import type { Value } from '../simulator/value';
import type { Declaration, DesignDeclaration, Expr, Option, ProcessDeclaration, Scenario, Span, Statement, Word } from '../syntax/ast';
import { walk } from '../analysis/walk';
import { bind, type Binding, type Linked } from './control';
import { evaluate, repeated, type World } from './evaluate';
import { fail, Problem } from './problem';
import { declaredDesigns, fileParams, type Located, type Program } from './program';
import { article, content, integer, isList, size, text } from './values';

type Table = Readonly<Record<string, OptionEntry>>;
type Names = Linked<Binding> | undefined;

/** Declarations in order: everything but `param`, which is a name. */
export function declarations(scenario: Scenario): Declaration[] {
  return scenario.body.statements.filter((node): node is Declaration => DECLARATIONS.has(node.kind));
}

const DECLARATIONS = new Set<Statement['kind']>([
  ...(['under', 'machine', 'host', 'mount', 'file', 'directory', 'reflink', 'snapshot', 'dedupe', 'process', 'cgroup', 'param'] as const),
]);

/** The designs that a scenario names by `under`, the default first. */
export function designsNamed(scenario: Scenario): string[] {
  return declarations(scenario).flatMap((node) => (node.kind === 'under' ? node.designs.map((name) => name.text) : []));
}

/** Params of the files, in order, with the values that the run was given. */
export function fileNames(program: Program, given: Readonly<Record<string, bigint>>): Names {
  let names: Names;
  for (const { node } of fileParams(program).values()) names = bind(names, node.name, given[node.name.text] ?? constant(node.value, names));
  return names;
}

/** Those and the scenario's own. */
export function scenarioNames(scenario: Scenario, files: Names, given: Readonly<Record<string, bigint>>): Names {
  let names = files;
  for (const node of declarations(scenario))
    if (node.kind === 'param') names = bind(names, node.name, given[node.name.text] ?? constant(node.value, names));
  return names;
}

/** What declarations see: those, and each `let` that needs no machine. */
export function setupNames(scenario: Scenario, names: Names): Names {
  let seen = names;
  for (const node of scenario.body.statements) {
    if (node.kind !== 'let') continue;
    try {
      seen = bind(seen, node.name, constant(node.value, seen));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }
  return seen;
}

/** Further hosts in order of declaration, and `remote` where a line names it. */
function hostNames(scenario: Scenario, program: Program): string[] {
  const names = declarations(scenario).flatMap((node) => (node.kind === 'host' ? node.names.map((name) => name.text) : []));
  return usesRemote(scenario, program) ? [...names, REMOTE] : names;
}

/** Whether somebody acts as `remote`, or asks it or puts a process on it. */
export function usesRemote(scenario: Scenario, program: Program): boolean {
  let used = false;
  for (const source of program.sources) {
    const items = source.file.items.filter((item) => item === scenario || item.kind === 'routine');
    walk({ ...source, file: { ...source.file, items } }, undefined, {
      who: ({ name }) => (used ||= name.text === REMOTE),
      expression: (expr) => (used ||= expr.kind === 'reference' && expr.name === REMOTE),
      statement: (node) => (used ||= node.kind === 'process' && node.host?.text === REMOTE),
    });
  }
  return used;
}

/** The host, and the process on it, that need no declaration. */
export const REMOTE = 'remote';

export function machineOptions(scenario: Scenario, program: Program, design: string, seed: number, names: Names): MachineOptions {
  const machine: Record<string, OptionValue> = {};
  for (const node of declarations(scenario))
    if (node.kind === 'machine') Object.assign(machine, optionValues(node.options, optionTables.machine, names));
  const hosts = hostNames(scenario, program);
  return { machine, hosts, design: designOptions(design, declaredDesigns(program), names, new Set()), seed };
}

function designOptions(
  name: string,
  declared: Map<string, Located<DesignDeclaration>>,
  names: Names,
  seen: Set<string>,
): MachineOptions['design'] {
  const own = declared.get(name);
  if (own === undefined) {
    if (!Object.hasOwn(catalogued, name)) fail('unknown-design', `there is no design ${name}`);
    return { name, base: name, options: {} };
  }
  if (seen.has(name)) fail('unknown-design', `the design ${name} is made of itself`, own.node);
  const base = designOptions(own.node.base.text, declared, names, seen.add(name));
  const table: Table = catalogued[base.base]?.options ?? {};
  return { name, base: base.base, options: { ...base.options, ...optionValues(own.node.options, table, names) } };
}

/** What a declaration sets up; several for `process p, db[3]`. */
export function setups(node: Declaration, names: Names): Setup[] {
  switch (node.kind) {
    case 'mount': {
      const table: Table = optionTables.mount[node.type.text as keyof typeof optionTables.mount] ?? {};
      return [{ kind: 'mount', type: node.type.text, path: pathOf(node.path, names), options: optionValues(node.options, table, names) }];
    }
    case 'file': {
      const { content: written, ...options } = optionValues(node.options, optionTables.file, names);
      const whole = node.content ? constant(node.content, names) : (written as Value | undefined);
      const path = pathOf(node.path, names);
      if (whole === undefined) return [{ kind: 'file', path, options }];
      const bytes = content(whole, 'A file', node);
      const { size: length, ...others } = options;
      return [{ kind: 'file', path, content: length === undefined ? bytes : sized(bytes, length as bigint, node), options: others }];
    }
    case 'directory':
      return [{ kind: 'directory', path: pathOf(node.path, names), options: optionValues(node.options, optionTables.directory, names) }];
    case 'reflink':
    case 'snapshot':
    case 'dedupe':
      return [{ kind: node.kind, from: pathOf(node.from, names), to: pathOf(node.to, names) }];
    case 'cgroup':
      return [{ kind: 'cgroup', path: pathOf(node.path, names), options: optionValues(node.options, optionTables.cgroup, names) }];
    case 'process':
      return processNames(node, names).flatMap(({ each }) => each.map((name) => processSetup(node, name, names)));
    case 'host':
    case 'under':
    case 'machine':
    case 'param':
      return [];
  }
}

/** The names of a `process` declaration, and what each of its processes is called. */
export function processNames(node: ProcessDeclaration, names: Names): { name: string; array: boolean; each: string[] }[] {
  return node.names.map(({ name, count }) => {
    if (count === undefined) return { name: name.text, array: false, each: [name.text] };
    const many = size(constant(count, names), 'The number of processes', count);
    if (many > MOST_PROCESSES) fail('wrong-value', `${name.text}[${many}]: at most ${MOST_PROCESSES} processes`, count);
    return { name: name.text, array: true, each: Array.from({ length: many }, (_, i) => `${name.text}[${i}]`) };
  });
}

/** The kernel's own limit: PID_MAX_LIMIT on 64 bits. */
const MOST_PROCESSES = 4_194_304;

function processSetup(node: ProcessDeclaration, name: string, names: Names): Setup {
  return {
    kind: 'process',
    name,
    ...(node.cgroup && { cgroup: pathOf(node.cgroup, names) }),
    ...(node.host && { host: node.host.text }),
    options: optionValues(node.options, optionTables.process, names),
  };
}

function sized(bytes: ReturnType<typeof content>, length: bigint, span: Span): ReturnType<typeof content> {
  return repeated(bytes, size(length, 'The size', span), span);
}

function pathOf(expr: Expr, names: Names): string {
  return text(constant(expr, names), 'A path', expr);
}

function optionValues(given: readonly Option[], table: Table, names: Names): Record<string, OptionValue> {
  const values: Record<string, OptionValue> = {};
  for (const option of given) values[option.name.text] = optionValue(option.value, table[option.name.text], names);
  return values;
}

function optionValue(node: Word | Expr, entry: OptionEntry | undefined, names: Names): OptionValue {
  if (node.kind === 'word') return entry?.kind === 'boolean' && /^(true|false)$/.test(node.text) ? node.text === 'true' : node.text;
  if (node.kind === 'list')
    return node.items.map((item) => (item.kind === 'reference' && entry?.kind === 'words' ? item.name : optionValue(item, entry, names)));
  const value = constant(node, names);
  switch (entry?.kind) {
    case 'content':
      return content(value, 'The option', node);
    case 'path':
    case 'paths':
    case 'word':
    case 'words':
      return text(value, 'The option', node);
    case 'boolean':
      return typeof value === 'bigint' ? value !== 0n : (value as boolean);
    default:
      return typeof value === 'boolean' || isList(value)
        ? fail('wrong-value', `the option can't be ${article(value)}`, node)
        : integer(value, 'The option', node);
  }
}

/** A value that needs no machine: params, constants, arithmetic, content. */
function constant(expr: Expr, names: Names): Value {
  return evaluate(expr, { locals: undefined, names, pid: undefined }, NOTHING);
}

const nothing = (): undefined => undefined;
const NOTHING = {
  machine: { host: nothing, observe: nothing, file: nothing, frame: nothing, cgroup: nothing, alive: () => true },
  processes: { group: nothing, variable: nothing, nameOf: String },
} as unknown as World;

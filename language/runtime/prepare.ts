import type { Control } from './control';
import type { Context, Report } from './context';
import { begin } from './interpreter';
import type { Limits } from './limits';
import { implemented } from '../simulator/implemented';
import type { Machine } from '../simulator/machine';
import type { MakeMachine } from './makeMachine';
import { Problem, fail } from './problem';
import { Processes } from './processes';
import { routines, scenarios, type Located, type Program } from './program';
import type { RunError } from './results';
import type { RunOptions } from './run';
import { REMOTE, declarations, designsNamed, fileNames, machineOptions, processNames, scenarioNames, setupNames, setups } from './setup';
import type { Binding, Linked } from './control';
import type { Scenario, Span } from '../syntax/ast';

/** A scenario that is ready to run: its machine is set up. */
export interface Prepared {
  readonly scenario: Located<Scenario>;
  readonly context: Context;
  /** The state before the first statement. */
  begin(): Control;
}

export function prepare(
  program: Program,
  options: RunOptions,
  limits: Limits,
  make: MakeMachine,
  report: Report,
): Prepared | { readonly error: RunError } {
  let scenario: Located<Scenario> | undefined;
  let span: Span = { start: 0, end: 0 };
  try {
    scenario = pick(program, options.scenario);
    readable(program, scenario);
    const { node, source } = scenario;
    span = node.title;
    const given = options.params ?? {};
    const files = fileNames(program, given);
    const names = scenarioNames(node, files, given);
    const seed = options.seed ?? 0;
    const design = options.design ?? designsNamed(node)[0] ?? 'baseline';
    knownParams(given, names);
    const visible = setupNames(node, names);
    const setup = machineOptions(node, program, design, seed, visible);
    if (!implemented.designs.has(setup.design.base)) {
      span = declarations(node).find((declaration) => declaration.kind === 'under') ?? span;
      fail('not-implemented', `the design ${setup.design.base} is not simulated yet; these are: ${[...implemented.designs].join(', ')}`);
    }
    const machine = make(setup);
    if ('error' in machine) {
      span = declarations(node).find((declaration) => declaration.kind === 'machine') ?? span;
      return fail('setup-failed', machine.error, span);
    }
    const context: Context = {
      machine,
      processes: new Processes(machine.journal),
      design,
      seed,
      order: options.order ?? [],
      choices: [],
      limits,
      routines: routines(program),
      fileNames: files,
      report,
    };
    for (const declaration of declarations(node)) {
      span = declaration;
      declare(declaration, visible, machine, context.processes);
    }
    if (machine.host(REMOTE)) declareRemote(machine, context.processes);
    return { scenario, context, begin: () => begin(source, node.body, names, context) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const place = { uri: (scenario?.source ?? program.sources[0]!).uri, span: error.span ?? span };
    return { error: { kind: 'error', code: error.code, message: error.message, place } };
  }
}

/** What can't be read isn't passed over: the run is refused. Another scenario's mistakes are its own. */
function readable(program: Program, scenario: Located<Scenario>): void {
  for (const source of program.sources) {
    const others = source.file.items.filter((item) => item.kind === 'scenario' && item !== scenario.node);
    const problem = source.file.problems.find(({ start }) => !others.some((other) => start >= other.start && start < other.end));
    if (problem) fail('syntax', `${source.uri}: ${problem.message}`, problem);
  }
}

function pick(program: Program, title: string | undefined): Located<Scenario> {
  const all = scenarios(program);
  const found = title === undefined ? all[0] : all.find((scenario) => scenario.node.title.value === title);
  if (found) return found;
  const titles = all.map((scenario) => `"${scenario.node.title.value}"`).join(', ');
  return fail(
    'unknown-scenario',
    title === undefined ? 'the file has no scenario' : `there is no scenario "${title}"; the file has ${titles || 'none'}`,
  );
}

function knownParams(given: Readonly<Record<string, bigint>>, names: Linked<Binding> | undefined): void {
  const known = new Set<string>();
  for (let link = names; link; link = link.rest) known.add(link.item.name);
  const wrong = Object.keys(given).find((name) => !known.has(name));
  if (wrong !== undefined) fail('unknown-param', `there is no param ${wrong}; there are ${[...known].join(', ') || 'none'}`);
}

/** `remote: …` is a process of that name on one more host. */
function declareRemote(machine: Machine, processes: Processes): void {
  const { pid, error } = machine.declare({ kind: 'process', name: REMOTE, host: REMOTE, options: {} });
  if (pid === undefined) return fail('setup-failed', error ?? 'there is no process remote');
  processes.setName(pid, REMOTE);
  processes.setGroup(REMOTE, { array: false, pids: [pid] });
}

function declare(
  node: ReturnType<typeof declarations>[number],
  names: Linked<Binding> | undefined,
  machine: Machine,
  processes: Processes,
): void {
  const pids: number[] = [];
  for (const setup of setups(node, names)) {
    const { pid, error } = machine.declare(setup);
    if (error !== undefined) fail('setup-failed', error, node);
    if (setup.kind !== 'process' || pid === undefined) continue;
    pids.push(pid);
    processes.setName(pid, setup.name);
  }
  if (node.kind !== 'process') return;
  let at = 0;
  for (const { name, array, each } of processNames(node, names))
    processes.setGroup(name, { array, pids: pids.slice(at, (at += each.length)) });
}

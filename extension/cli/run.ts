import { blocking } from '../../language/analysis/blocking';
import type { Diagnostic } from '../../language/analysis/diagnostic';
import type { Program } from '../../language/runtime/program';
import { withVariants } from '../../language/runtime/compare/variants';
import { explore } from '../../language/runtime/explore';
import { reportOfRefusal, type RunReport, runToReport } from '../../language/runtime/report';
import type { RunOptions } from '../../language/runtime/run';
import type { Scenario } from '../../language/syntax/ast';
import { type ParsedArguments, parseOrder, parseParams, parseSeed, WrongUse } from './arguments';
import type { Command, Streams } from './command';
import { placed } from './diagnostics';
import { exitCode, loadAll } from './loadAll';
import { nearest } from './nearest';
import { JsonLines, PeopleReport, type Printer } from './printing';
import { allDesigns, designsOf, knownDesigns, type Loaded, paramsOf, scenariosOf } from './program';

export const run: Command = {
  name: 'run',
  usage: 'FILE… [--scenario TITLE] [--design D]… [--all-designs] [--param n=…] [--seed N | --order N,… | --explore] [--json]',
  doc: 'Runs scenarios under the designs that they name, and reports',
  options: {
    scenario: { type: 'string', multiple: true, value: 'TITLE', doc: 'Only the scenario with this title; may be given several times' },
    design: { type: 'string', multiple: true, value: 'D', doc: 'Under this design; may be given several times' },
    'all-designs': { type: 'boolean', doc: 'Under every design that is simulated' },
    param: { type: 'string', multiple: true, value: 'n=1500', doc: 'Another value for a param; may be given several times' },
    seed: { type: 'string', value: 'N', doc: 'Another order for `parallel` branches' },
    order: { type: 'string', value: '0,1,…', doc: 'Which branch of `parallel`, of those that can go on, is taken at each turn' },
    explore: { type: 'boolean', doc: 'Every order of `parallel` branches; reports one that goes wrong, if one does' },
    json: { type: 'boolean', doc: 'One JSON object a line for each scenario and design' },
  },
  run: runCommand,
};

async function runCommand(args: ParsedArguments, streams: Streams): Promise<number> {
  const params = parseParams(args.all('param'));
  const turns: Turns = { seed: parseSeed(args.one('seed')), order: parseOrder(args.one('order')) };
  if ([args.one('seed'), args.one('order'), args.flag('explore') || undefined].filter((each) => each !== undefined).length > 1)
    throw new WrongUse('--seed, --order and --explore exclude each other');
  if (args.flag('all-designs') && args.flag('design')) throw new WrongUse('--design and --all-designs exclude each other');
  const { loaded, unreadable } = await loadAll(args, streams);
  checkNames(args, params, loaded);
  const print = args.flag('json') ? new JsonLines(streams) : new PeopleReport(streams.out);
  const results = loaded.map((one) => runFile(one, args, params, turns, print));
  if (loaded.length > 0) print.total();
  return exitCode(unreadable, results.every(Boolean));
}

function runFile(loaded: Loaded, args: ParsedArguments, params: Readonly<Record<string, bigint>>, turns: Turns, print: Printer): boolean {
  const { program, found } = loaded;
  const own = Object.fromEntries(Object.entries(params).filter(([name]) => paramsOf(program).includes(name)));
  const wanted = args.all('scenario');
  const chosen = scenariosOf(program).filter(({ title }) => wanted.length === 0 || wanted.includes(title.value));
  const plan = chosen.flatMap((scenario) => designsFor(args, scenario, program).map((design) => ({ scenario, design })));
  const blockers = plan.map(({ scenario, design }) => blocking(program, found, scenario, design));
  const errors =
    chosen.length > 0
      ? found.filter((each) => blockers.some((list) => list.includes(each)))
      : found.filter(({ severity }) => severity === 'error');
  print.begin(loaded, placed(program, errors));
  let ok = errors.length === 0;
  for (const scenario of chosen) {
    const reports = plan.flatMap((each, i) =>
      each.scenario === scenario ? [report(program, scenario, each.design, blockers[i]!, own, turns, args.flag('explore'))] : [],
    );
    print.scenario(scenario.title.value, reports);
    ok = reports.every((each) => each.ok) && ok;
  }
  return ok;
}

/** Runs a scenario under a design, unless something is wrong with it: then the first error is what the run came to. */
function report(
  program: Program,
  node: Scenario,
  design: string,
  [blocker]: readonly Diagnostic[],
  params: Readonly<Record<string, bigint>>,
  turns: Turns,
  every: boolean,
): RunReport {
  const options = { scenario: node.title.value, design, params, ...turns };
  if (!blocker) return every ? exploredReport(program, options) : runToReport(program, options);
  const { code, message, uri, start, end } = blocker;
  return reportOfRefusal(program, options, { kind: 'error', code, message, place: { uri, span: { start, end } } });
}

/** The report of an order that goes wrong, or of the first one, with how many were run. */
function exploredReport(program: Program, options: RunOptions): RunReport {
  const found = explore(program, options, MOST_ORDERS);
  if ('error' in found) return runToReport(program, options);
  const { orders, complete, endings } = found;
  const { order } = endings.find(({ ended, failures }) => ended.kind === 'error' || failures.length > 0) ?? endings[0]!;
  return { ...runToReport(program, { ...options, order }), explored: { orders, complete, endings: endings.length, order } };
}

/** As many orders are explored. */
const MOST_ORDERS = 10_000;

/** How branches of a `parallel` take turns. */
type Turns = Pick<RunOptions, 'seed' | 'order'>;

function designsFor(args: ParsedArguments, scenario: Scenario, program: Program): readonly string[] {
  if (args.flag('all-designs')) return allDesigns(program);
  const given = args.all('design');
  return given.length > 0 ? [...new Set(given)] : designsOf(scenario);
}

/** Every name on the command line must mean something in one of the files at least, a design in all of them. */
function checkNames(args: ParsedArguments, params: Readonly<Record<string, bigint>>, loaded: readonly Loaded[]): void {
  if (loaded.length === 0) return;
  for (const { program, file } of loaded) {
    const known = knownDesigns(program);
    const wrong = args.all('design').find((name) => !known.includes(name));
    if (wrong?.includes('{')) throw new WrongUse(`${file}: ${whyNoVariant(program, wrong)}`);
    if (wrong !== undefined) throw new WrongUse(`${file} knows no design ${wrong}${nearest(wrong, known)}`);
  }
  checkScenarios(args.all('scenario'), params, loaded);
}

/** `run` takes designs by name alone: what is wrong with one that is written out, or where it can stand. */
function whyNoVariant(program: Program, written: string): string {
  const variant = withVariants(program, [written]);
  if ('error' in variant) return variant.error;
  return `run takes designs by name: write design NAME = ${written} in the file; compare --designs takes it as it is`;
}

/** Scenarios and params on the command line are there in one of the files at least. */
export function checkScenarios(scenarios: readonly string[], params: Readonly<Record<string, bigint>>, loaded: readonly Loaded[]): void {
  if (loaded.length === 0) return;
  known(
    'param',
    Object.keys(params),
    loaded.flatMap(({ program }) => paramsOf(program)),
  );
  known(
    'scenario',
    scenarios,
    loaded.flatMap(({ program }) => scenariosOf(program).map(({ title }) => title.value)),
  );
}

function known(what: string, given: readonly string[], names: readonly string[]): void {
  const wrong = given.find((name) => !names.includes(name));
  if (wrong === undefined) return;
  const choice = nearest(wrong, [...new Set(names)], (name) => (what === 'scenario' ? `"${name}"` : name));
  throw new WrongUse(`there is no ${what} ${what === 'scenario' ? `"${wrong}"` : wrong}${choice || `; ${what}s there are none`}`);
}

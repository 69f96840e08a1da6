import { blocking } from '../../language/analysis/blocking';
import type { Diagnostic } from '../../language/analysis/diagnostic';
import type { Program } from '../../language/runtime/program';
import { reportOfRefusal, type RunReport, runToReport } from '../../language/runtime/report';
import type { Scenario } from '../../language/syntax/ast';
import { type ParsedArguments, parseParams, parseSeed, WrongUse } from './arguments';
import type { Command, Streams } from './command';
import { placed } from './diagnostics';
import { exitCode, loadAll } from './loadAll';
import { nearest } from './nearest';
import { JsonLines, PeopleReport, type Printer } from './printing';
import { allDesigns, designsOf, knownDesigns, type Loaded, paramsOf, scenariosOf } from './program';

export const run: Command = {
  name: 'run',
  usage: 'FILE… [--scenario TITLE] [--design D]… [--all-designs] [--param n=…] [--seed N] [--json]',
  doc: 'Runs scenarios under the designs that they name, and reports',
  options: {
    scenario: { type: 'string', multiple: true, value: 'TITLE', doc: 'Only the scenario with this title; may be given several times' },
    design: { type: 'string', multiple: true, value: 'D', doc: 'Under this design; may be given several times' },
    'all-designs': { type: 'boolean', doc: 'Under every design that is simulated' },
    param: { type: 'string', multiple: true, value: 'n=1500', doc: 'Another value for a param; may be given several times' },
    seed: { type: 'string', value: 'N', doc: 'Another order for `parallel` branches' },
    json: { type: 'boolean', doc: 'One JSON object a line for each scenario and design' },
  },
  run: runCommand,
};

async function runCommand(args: ParsedArguments, streams: Streams): Promise<number> {
  const params = parseParams(args.all('param'));
  const seed = parseSeed(args.one('seed'));
  if (args.flag('all-designs') && args.flag('design')) throw new WrongUse('--design and --all-designs exclude each other');
  const { loaded, unreadable } = await loadAll(args, streams);
  checkNames(args, params, loaded);
  const print = args.flag('json') ? new JsonLines(streams) : new PeopleReport(streams.out);
  const results = loaded.map((one) => runFile(one, args, params, seed, print));
  if (loaded.length > 0) print.total();
  return exitCode(unreadable, results.every(Boolean));
}

function runFile(loaded: Loaded, args: ParsedArguments, params: Readonly<Record<string, bigint>>, seed: number, print: Printer): boolean {
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
      each.scenario === scenario ? [report(program, scenario, each.design, blockers[i]!, own, seed)] : [],
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
  seed: number,
): RunReport {
  const options = { scenario: node.title.value, design, params, seed };
  if (!blocker) return runToReport(program, options);
  const { code, message, uri, start, end } = blocker;
  return reportOfRefusal(program, options, { kind: 'error', code, message, place: { uri, span: { start, end } } });
}

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
    if (wrong !== undefined) throw new WrongUse(`${file} knows no design ${wrong}${nearest(wrong, known)}`);
  }
  checkScenarios(args.all('scenario'), params, loaded);
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

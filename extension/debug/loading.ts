import { blocking } from '../../language/analysis/blocking';
import { check } from '../../language/analysis/check';
import { loadProgram, type ReadText } from '../../language/analysis/program';
import { withVariants } from '../../language/runtime/compare/variants';
import { type Program, scenarios } from '../../language/runtime/program';
import { Run } from '../../language/runtime/run';
import { designsNamed } from '../../language/runtime/setup';
import { implemented } from '../../language/simulator/implemented';
import type { LaunchOptions } from './launch';
import { rangeOf } from './places';
import { RequestError } from './protocol';
import type { Shadow } from './shadows';

/** More than this nobody reads in a message box. */
const SHOWN = 10;

interface Problem {
  readonly uri: string;
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

/** What a launch asks for: the run that is debugged, and those that go along. */
export interface Started {
  readonly run: Run;
  readonly others: readonly Shadow[];
}

/** Throws an error that lists what is wrong with the program, one `file:line:column: message` a line, or names a design that there is not. */
export async function start(options: LaunchOptions, readText: ReadText): Promise<Started> {
  const { program, problems } = await readable(options.program, readText);
  const all = scenarios(program).map(({ node }) => node);
  const node = options.scenario === undefined ? all[0] : all.find(({ title }) => title.value === options.scenario);
  const design = options.design ?? (node && designsNamed(node)[0]) ?? 'baseline';
  const found = check(program, implemented, problems);
  const run = (of: Program, under: string) => {
    const errors = node ? blocking(program, found, node, under) : found.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) throw new RequestError(listed(program, errors));
    return begun(of, options, under);
  };
  return { run: run(program, design), others: shadows(program, options.compare, run) };
}

/** A run of a program that is being debugged, under one more design, before its first statement. */
export function companion(program: Program, options: LaunchOptions, design: string): Shadow {
  const found = check(program, implemented, []);
  const node = scenarios(program)
    .map((each) => each.node)
    .find(({ title }) => options.scenario === undefined || title.value === options.scenario)!;
  const [shadow] = shadows(program, [design], (of, under) => {
    const errors = blocking(program, found, node, under);
    if (errors.length > 0) throw new RequestError(listed(program, errors));
    return begun(of, options, under);
  });
  return shadow!;
}

function shadows(program: Program, designs: readonly string[], run: (of: Program, under: string) => Run): Shadow[] {
  const variants = withVariants(program, designs);
  if ('error' in variants) throw new RequestError(`compare: ${variants.error}`);
  return variants.designs.map(({ label, name }) => ({ label, run: run(variants.program, name) }));
}

function begun(program: Program, { params, seed, limits, scenario }: LaunchOptions, design: string): Run {
  const run = Run.start(program, { params, seed, design, limits, ...(scenario !== undefined && { scenario }) });
  if (run instanceof Run) return run;
  const { place, message } = run.error;
  throw new RequestError(listed(program, [{ uri: place.uri, ...place.span, message }]));
}

async function readable(uri: string, readText: ReadText): ReturnType<typeof loadProgram> {
  try {
    return await loadProgram(uri, readText);
  } catch (error) {
    throw new RequestError(`${uri} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function listed(program: Program, problems: readonly Problem[]): string {
  const lines = problems.slice(0, SHOWN).map(({ uri, start: from, end, message }) => {
    const { line, column } = rangeOf(program, { uri, span: { start: from, end } });
    return `${uri}:${line}:${column}: ${message}`;
  });
  return [...lines, ...(problems.length > SHOWN ? [`… ${problems.length - SHOWN} more`] : [])].join('\n');
}

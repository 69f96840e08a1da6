import { blocking } from '../../language/analysis/blocking';
import { check } from '../../language/analysis/check';
import { loadProgram, type ReadText } from '../../language/analysis/program';
import { type Program, scenarios } from '../../language/runtime/program';
import { Run } from '../../language/runtime/run';
import { designsNamed } from '../../language/runtime/setup';
import { implemented } from '../../language/simulator/implemented';
import type { LaunchOptions } from './launch';
import { rangeOf } from './places';
import { RequestError } from './protocol';

/** More than this nobody reads in a message box. */
const SHOWN = 10;

interface Problem {
  readonly uri: string;
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

/** The run that a launch asks for. Throws an error that lists what is wrong with the program, one `file:line:column: message` a line. */
export async function start(options: LaunchOptions, readText: ReadText): Promise<Run> {
  const { program, problems } = await readable(options.program, readText);
  const { params, seed, limits } = options;
  const all = scenarios(program).map(({ node }) => node);
  const node = options.scenario === undefined ? all[0] : all.find(({ title }) => title.value === options.scenario);
  const design = options.design ?? (node && designsNamed(node)[0]) ?? 'baseline';
  const found = check(program, implemented, problems);
  const errors = node ? blocking(program, found, node, design) : found.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new RequestError(listed(program, errors));
  const { scenario } = options;
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

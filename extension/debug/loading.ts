import { diagnose } from '../../language/diagnose';
import { loadProgram, type ReadText } from '../../language/load';
import type { Program } from '../../language/runtime/program';
import { Run } from '../../language/runtime/run';
import type { Span } from '../../language/syntax/ast';
import type { LaunchOptions } from './launch';
import { rangeOf } from './places';
import { RequestError } from './protocol';

/** More than this nobody reads in a message box. */
const SHOWN = 10;

interface Problem {
  readonly uri: string;
  readonly span: Span;
  readonly message: string;
}

/** The run that a launch asks for. Throws an error that lists what is wrong with the program, one `file:line:column: message` a line. */
export async function start(options: LaunchOptions, readText: ReadText): Promise<Run> {
  const { program, problems } = await readable(options.program, readText);
  const errors = diagnose(program, problems).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new RequestError(listed(program, errors));
  const { scenario, design, params, seed } = options;
  const run = Run.start(program, { params, seed, ...(scenario !== undefined && { scenario }), ...(design !== undefined && { design }) });
  if (run instanceof Run) return run;
  throw new RequestError(listed(program, [{ ...run.error.place, message: run.error.message }]));
}

async function readable(uri: string, readText: ReadText): ReturnType<typeof loadProgram> {
  try {
    return await loadProgram(uri, readText);
  } catch (error) {
    throw new RequestError(`${uri} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function listed(program: Program, problems: readonly Problem[]): string {
  const lines = problems.slice(0, SHOWN).map(({ uri, span, message }) => {
    const { line, column } = rangeOf(program, { uri, span });
    return `${uri}:${line}:${column}: ${message}`;
  });
  return [...lines, ...(problems.length > SHOWN ? [`… ${problems.length - SHOWN} more`] : [])].join('\n');
}

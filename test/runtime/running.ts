import { Run, type RunOptions } from '../../language/runtime/run';
import { report, type RunReport } from '../../language/runtime/report';
import type { Program } from '../../language/runtime/program';
import { parse } from '../../language/syntax/parse';

export function program(text: string, ...imported: readonly [uri: string, text: string][]): Program {
  const sources = [['test.mmscn', text] as const, ...imported];
  return { sources: sources.map(([uri, text]) => ({ uri, text, file: parse(text) })) };
}

/** A run that stands before its first statement. Throws where the text can't be read or set up. */
export function start(text: string, options: RunOptions = {}): Run {
  const read = program(text);
  const [problem] = read.sources[0]!.file.problems;
  if (problem) throw new Error(`${problem.message}: ${text.slice(problem.start, problem.end)}`);
  const run = Run.start(read, options);
  if (run instanceof Run) return run;
  throw new Error(`${run.error.code}: ${run.error.message}`);
}

/** `lines` as the body of a scenario on a machine with a file and the processes p and q. */
export function inScenario(lines: string, before = ''): string {
  return `${before}scenario "test" {
  under baseline
  machine { memory = 64M }
  mount xfs at "/data"
  mount tmpfs at "/tmp"
  file "/data/a" { size = 4 pages; content = "A" }
  process p, q
  process db[3]
${lines}
}`;
}

export function run(lines: string, options: RunOptions = {}, before = ''): Run {
  const started = start(inScenario(lines, before), options);
  started.finish();
  return started;
}

export function reported(text: string, options: RunOptions = {}): RunReport {
  const started = start(text, options);
  started.finish();
  return report(started);
}

/** What a run came to, in a few words: `ok`, the failed expectations, or the error. */
export function outcome(run: Run): string {
  const { ended } = run;
  if (ended?.kind === 'error') return `${ended.error.code}: ${ended.error.message}`;
  const failures = run.failures.map((each) => `${each.text}: ${String(each.left)}, not ${String(each.right)}`);
  return failures.length === 0 ? 'ok' : failures.join('; ');
}

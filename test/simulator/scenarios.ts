import fs from 'node:fs';
import path from 'node:path';
import { Run } from '../../language/runtime/run';
import { parse } from '../../language/syntax/parse';
import { LineMap } from '../../language/syntax/positions';

/** One scenario of a file under one design. */
export interface Case {
  readonly file: string;
  readonly title: string;
  readonly design: string;
}

/** Every scenario of the .mmscn files of a folder, under each design that it names. */
export function casesIn(folder: string): Case[] {
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.mmscn'))
    .sort()
    .flatMap((name) => {
      const file = path.join(folder, name);
      return parse(fs.readFileSync(file, 'utf8')).items.flatMap((item) => {
        if (item.kind !== 'scenario') return [];
        const under = item.body.statements.flatMap((s) => (s.kind === 'under' ? s.designs.map((design) => design.text) : []));
        return (under.length > 0 ? under : ['baseline']).map((design) => ({ file, title: item.title.value, design }));
      });
    });
}

/** Runs a scenario to its end; the lines that went wrong, as text. Empty: all is well, the full audit included. */
export function problemsOf({ file, title, design }: Case): string[] {
  const text = fs.readFileSync(file, 'utf8');
  const lines = new LineMap(text);
  const line = (start: number): number => lines.place(start).line;
  const ast = parse(text);
  const wrong = ast.problems.map((problem) => `line ${line(problem.start)}: ${problem.message}`);
  const run = Run.start({ sources: [{ uri: file, text, file: ast }] }, { scenario: title, design });
  if ('error' in run) return [...wrong, run.error.message];
  run.finish();
  for (const failure of run.failures)
    wrong.push(`line ${line(failure.place.span.start)}: expect ${failure.text}: ${failure.left} is not ${failure.right}`);
  const { ended } = run;
  if (ended?.kind === 'error') wrong.push(`line ${line(ended.error.place.span.start)}: ${ended.error.message}`);
  return [...wrong, ...run.machine.audit().map((violation) => `${violation.invariant}: ${violation.message}`)];
}

import type { Scenario } from '../syntax/ast';
import type { Diagnostic } from './diagnostic';
import type { Program } from './program';

/** The errors that keep a scenario from being run under a design: not those of other scenarios, nor what is not simulated of other designs. */
export function blocking(program: Program, diagnostics: readonly Diagnostic[], scenario: Scenario, design: string): Diagnostic[] {
  return diagnostics.filter((diagnostic) => diagnostic.severity === 'error' && concerns(program, diagnostic, scenario, design));
}

function concerns(program: Program, { uri, start, code }: Diagnostic, scenario: Scenario, design: string): boolean {
  const source = program.sources.find((candidate) => candidate.uri === uri);
  const item = source?.file.items.find((candidate) => candidate.start <= start && start < candidate.end);
  if (item?.kind === 'scenario' && item !== scenario) return false;
  if (code !== 'not-implemented') return true;
  if (item?.kind === 'design') return item.name.text === design;
  const named = scenario.body.statements.flatMap((statement) => (statement.kind === 'under' ? statement.designs : []));
  const name = item === scenario ? named.find((each) => each.start === start) : undefined;
  return name === undefined || name.text === design;
}

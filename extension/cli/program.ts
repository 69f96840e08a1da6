import { check } from '../../language/analysis/check';
import type { Diagnostic as Found } from '../../language/analysis/diagnostic';
import { loadProgram } from '../../language/analysis/program';
import { declaredDesigns, type Program, scenarios } from '../../language/runtime/program';
import { designsNamed } from '../../language/runtime/setup';
import { implemented } from '../../language/simulator/implemented';
import { designs } from '../../language/catalogue/designs';
import type { Scenario } from '../../language/syntax/ast';
import { type Diagnostic, placed } from './diagnostics';
import { readTextFile } from './files';

/** A file with its imports, and everything that is wrong with them. */
export interface Loaded {
  readonly file: string;
  readonly program: Program;
  /** What the analysis found, with offsets. */
  readonly found: readonly Found[];
  /** The same with lines and columns. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Throws a `WrongUse` where the file can't be read. */
export async function load(file: string): Promise<Loaded> {
  const { program, problems } = await loadProgram(file, (uri) => Promise.resolve().then(() => readTextFile(uri)));
  const found = check(program, implemented, problems);
  return { file, program, found, diagnostics: placed(program, found) };
}

/** The designs that a scenario is run under: those that its `under` names, else the baseline. */
export function designsOf(scenario: Scenario): readonly string[] {
  const named = designsNamed(scenario);
  return named.length > 0 ? named : ['baseline'];
}

/** Every design that can be simulated, and those that the file makes of them. */
export function allDesigns(program: Program): readonly string[] {
  const made = [...declaredDesigns(program)].filter(([, { node }]) => implemented.designs.has(node.base.text)).map(([name]) => name);
  return [...Object.keys(designs).filter((name) => implemented.designs.has(name)), ...made];
}

/** Every design that has a name here, simulated or not. */
export function knownDesigns(program: Program): readonly string[] {
  return [...Object.keys(designs), ...declaredDesigns(program).keys()];
}

export function scenariosOf(program: Program): readonly Scenario[] {
  return scenarios(program).map(({ node }) => node);
}

/** The params that a run of the file can override. */
export function paramsOf(program: Program): readonly string[] {
  const own = scenariosOf(program).flatMap((scenario) =>
    scenario.body.statements.flatMap((s) => (s.kind === 'param' ? [s.name.text] : [])),
  );
  const file = program.sources.flatMap((source) => source.file.items.flatMap((item) => (item.kind === 'param' ? [item.name.text] : [])));
  return [...new Set([...file, ...own])];
}

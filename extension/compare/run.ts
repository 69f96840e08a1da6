import { blocking } from '../../language/analysis/blocking';
import { check } from '../../language/analysis/check';
import { loadProgram } from '../../language/analysis/program';
import { comparing } from '../../language/runtime/compare/compare';
import { comparable, withVariants } from '../../language/runtime/compare/variants';
import { scenarios } from '../../language/runtime/program';
import { implemented } from '../../language/simulator/implemented';
import type { ComparisonState } from '../../webview/protocol/comparison';
import { textOf, uriOf } from '../documents';
import { comparisonState } from './state';

/** What is compared: a scenario of a file, under every design that is simulated or that the file declares. */
export interface Asked {
  /** Path or URI. */
  readonly program: string;
  readonly scenario: string;
}

/** Runs the scenario under one design after the other; `before` each says whether to go on. Rejects where there is nothing to run. */
export async function runComparison(asked: Asked, before: (design: string) => boolean): Promise<ComparisonState | undefined> {
  const { program, problems } = await loadProgram(asked.program, (uri) => textOf(uriOf(uri)));
  const node = scenarios(program).find((each) => each.node.title.value === asked.scenario)?.node;
  if (!node) throw new Error(`The file has no scenario "${asked.scenario}" any more.`);
  const found = check(program, implemented, problems);
  const variants = withVariants(program, comparable(program));
  if ('error' in variants) throw new Error(variants.error);
  const refused = (design: string) => {
    const [blocker] = blocking(program, found, node, design);
    return blocker && { kind: 'error' as const, code: blocker.code, message: blocker.message, place: { uri: blocker.uri, span: blocker } };
  };
  const runs = comparing(variants.program, variants.designs, { scenario: asked.scenario, refused });
  for (const { label } of variants.designs) {
    if (!before(label)) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 0));
    runs.next();
  }
  const { value, done } = runs.next();
  return done ? comparisonState(value) : undefined;
}

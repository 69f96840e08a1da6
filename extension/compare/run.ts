import { blocking } from '../../language/analysis/blocking';
import { check } from '../../language/analysis/check';
import { loadProgram } from '../../language/analysis/program';
import { comparing, type CompareOptions, type Comparison } from '../../language/runtime/compare/compare';
import { parseRange } from '../../language/runtime/compare/range';
import { type Sweep, sweeping } from '../../language/runtime/compare/sweep';
import { comparable, type Variant, withVariants } from '../../language/runtime/compare/variants';
import { type Program, scenarios } from '../../language/runtime/program';
import { implemented } from '../../language/simulator/implemented';
import type { Scenario } from '../../language/syntax/ast';
import { textOf, uriOf } from '../documents';
import { paramsOf } from './params';
import { inSlices } from './work';

/** What is compared: a scenario of a file under some designs. */
export interface Asked {
  /** Path or URI. */
  readonly program: string;
  readonly scenario: string;
  /** Names and variants, the others are held against the first; without it every design that is simulated or that the file declares. */
  readonly designs?: readonly string[];
}

/** Told where the work is; says whether to go on. */
export type GoOn = (at: string) => boolean;

/** Runs the scenario under one design after the other; undefined when that was given up. Rejects where there is nothing to run. */
export async function runComparison(asked: Asked, goOn: GoOn): Promise<{ comparison: Comparison; sweepable: boolean } | undefined> {
  const { program, designs, options, node } = await loaded(asked);
  const outcome = await inSlices(comparing(program, designs, options), ({ label }) => goOn(`Runs under ${label} …`));
  return outcome.done ? { comparison: outcome.result, sweepable: paramsOf(program, node).length > 0 } : undefined;
}

/** The same for each value of a param; what is done when it is given up is what comes back. `total`: values that were asked for. */
export async function runSweep(asked: Asked, range: string, goOn: GoOn): Promise<{ sweep: Sweep; total: number }> {
  const { program, designs, options, node } = await loaded(asked);
  const parsed = parseRange(range);
  if ('error' in parsed) throw new Error(`${range}: ${parsed.error}`);
  if (!paramsOf(program, node).some(({ name }) => name === parsed.param))
    throw new Error(`The scenario has no param ${parsed.param} any more.`);
  const total = parsed.values.length;
  const outcome = await inSlices(sweeping(program, designs, parsed, options), ({ sweep, value, design }) =>
    goOn(`${parsed.param} = ${value} under ${design}, ${sweep.points.length} of ${total} values done …`),
  );
  return { sweep: outcome.done ? outcome.result : outcome.at.sweep, total };
}

interface Loaded {
  readonly program: Program;
  readonly node: Scenario;
  readonly designs: readonly Variant[];
  readonly options: CompareOptions;
}

async function loaded(asked: Asked): Promise<Loaded> {
  const { program, problems } = await loadProgram(asked.program, (uri) => textOf(uriOf(uri)));
  const node = scenarios(program).find((each) => each.node.title.value === asked.scenario)?.node;
  if (!node) throw new Error(`The file has no scenario "${asked.scenario}" any more.`);
  const found = check(program, implemented, problems);
  const variants = withVariants(program, asked.designs ?? comparable(program));
  if ('error' in variants) throw new Error(variants.error);
  const refused = (design: string) => {
    const [blocker] = blocking(program, found, node, design);
    return blocker && { kind: 'error' as const, code: blocker.code, message: blocker.message, place: { uri: blocker.uri, span: blocker } };
  };
  return { program: variants.program, node, designs: variants.designs, options: { scenario: asked.scenario, refused } };
}

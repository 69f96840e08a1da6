import os from 'node:os';
import { blocking } from '../../../language/analysis/blocking';
import { traceScenario, type Trace } from '../../../language/export/trace';
import type { Scenario } from '../../../language/syntax/ast';
import { type ParsedArguments, parseParams } from '../arguments';
import { hostOptions } from './host';
import { type Loaded, paramsOf, scenariosOf } from '../program';

export function chosenScenarios({ program }: Loaded, titles: readonly string[]): readonly Scenario[] {
  return scenariosOf(program).filter(({ title }) => titles.length === 0 || titles.includes(title.value));
}

/** The steps of a scenario under the baseline, on a machine like this host. */
export function liveTrace(loaded: Loaded, scenario: Scenario, args: Pick<ParsedArguments, 'all'>): Trace | { readonly error: string } {
  const [blocker] = blocking(loaded.program, loaded.found, scenario, 'baseline');
  if (blocker) return { error: blocker.message };
  const params = Object.fromEntries(
    Object.entries(parseParams(args.all('param'))).filter(([name]) => paramsOf(loaded.program).includes(name)),
  );
  return traceScenario(loaded.program, {
    scenario: scenario.title.value,
    params,
    machine: hostOptions(),
    mostMemory: os.totalmem() / 4,
  });
}

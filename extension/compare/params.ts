import type { Program } from '../../language/runtime/program';
import type { Param, Scenario } from '../../language/syntax/ast';

/** A param of a scenario or of its files, and the text of its value. */
export interface ParamFound {
  readonly name: string;
  readonly value: string;
}

/** Params that a run of the scenario takes, its own first. */
export function paramsOf(program: Program, scenario: Scenario): ParamFound[] {
  const own = program.sources.find(({ file }) => file.items.includes(scenario)) ?? program.sources[0]!;
  const of = (list: readonly { readonly kind: string }[], text: string) =>
    list.flatMap((each) => {
      if (each.kind !== 'param') return [];
      const { name, value } = each as Param;
      return [{ name: name.text, value: text.slice(value.start, value.end) }];
    });
  const all = [...of(scenario.body.statements, own.text), ...program.sources.flatMap(({ file, text }) => of(file.items, text))];
  return all.filter(({ name }, i) => all.findIndex((other) => other.name === name) === i);
}

import { designs } from '../../language/catalogue/designs';
import type { OptionEntry } from '../../language/catalogue/types';
import type { Options, OptionValue } from '../../language/simulator/api';
import { designNames } from '../../language/simulator/designs/registry';

const valuesOf = ({ kind, values }: OptionEntry): readonly OptionValue[] => (kind === 'boolean' ? [true, false] : (values ?? []));

/** Every built-in design as it is, and with each value of each option. */
export const variants = designNames().flatMap((design) => {
  const table: Readonly<Record<string, OptionEntry>> = designs[design]?.options ?? {};
  const changed = Object.entries(table).flatMap(([name, entry]) =>
    valuesOf(entry)
      .filter((value) => String(value) !== String(entry.default))
      .map((value): Options => ({ [name]: value })),
  );
  return [{}, ...changed].map((options: Options) => ({ title: `${design} ${JSON.stringify(options)}`, design, options }));
});

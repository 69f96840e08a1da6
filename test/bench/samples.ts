import { designs } from '../../language/catalogue/designs';
import { casesIn, problemsOf } from '../simulator/scenarios';
import { grouped, print, timed } from './table';

/** Every scenario of samples/ under every design, whether it speaks about that design or not. */
export function samples(): void {
  const scenarios = [...new Map(casesIn('samples').map((one) => [`${one.file} ${one.title}`, one])).values()];
  const rows = Object.keys(designs).map((design) => {
    let ended = 0;
    const ms = timed(() => {
      for (const scenario of scenarios) if (problemsOf({ ...scenario, design }).length === 0) ended++;
    });
    return {
      what: design,
      figure: `${grouped(Math.round(ms))} ms`,
      beside: `${ended} of ${scenarios.length} scenarios with all that they expect`,
    };
  });
  print(`All ${scenarios.length} scenarios of the samples under every design`, rows);
}

import fs from 'node:fs';
import { blocking } from '../../language/analysis/blocking';
import { csvHead, csvLines } from '../../language/export/comparison/csv';
import { comparisonReport, sweepReport } from '../../language/export/comparison/report';
import { sweepSvg } from '../../language/export/comparison/svg';
import { compareDesigns, type Comparison, type CompareOptions } from '../../language/runtime/compare/compare';
import { METRICS, metricNamed, type Metric } from '../../language/runtime/compare/metrics';
import { parseRange, type Range } from '../../language/runtime/compare/range';
import { metricsSeen, metricsZero, sweepDesigns, type Sweep } from '../../language/runtime/compare/sweep';
import { comparable, splitDesigns, withVariants, type WithVariants } from '../../language/runtime/compare/variants';
import type { RunError } from '../../language/runtime/results';
import type { Param, Scenario } from '../../language/syntax/ast';
import { type ParsedArguments, parseParams, parseSeed, WrongUse } from './arguments';
import type { Command, Streams } from './command';
import { placed } from './diagnostics';
import { exitCode, loadAll } from './loadAll';
import { nearest } from './nearest';
import { diagnosticLines } from './printDiagnostics';
import { type Loaded, paramsOf, scenariosOf } from './program';
import { checkScenarios } from './run';

const FORMATS = ['text', 'markdown', 'csv', 'json'] as const;
type Format = (typeof FORMATS)[number];

export const compare: Command = {
  name: 'compare',
  usage: 'FILE [--designs A,B,…] [--scenario TITLE]… [--param n=…] [--sweep n=1..2000:100] [--format F] [--svg FILE]',
  doc: 'Runs a scenario under several designs and puts what they cost side by side',
  options: {
    designs: {
      type: 'string',
      multiple: true,
      value: 'A,B,…',
      doc: 'Designs and variants, as in baseline,"extent_cache { key = logical }"; without it all. The others are held against the first',
    },
    scenario: { type: 'string', multiple: true, value: 'TITLE', doc: 'Only the scenario with this title; may be given several times' },
    param: { type: 'string', multiple: true, value: 'n=1500', doc: 'Another value for a param; may be given several times' },
    sweep: { type: 'string', value: 'n=1..2000:100', doc: 'For each value of a param, from 1 to 2000 in steps of 100' },
    metric: { type: 'string', multiple: true, value: 'disk.reads', doc: 'Only this row; may be given several times' },
    format: { type: 'string', value: FORMATS.join('|'), doc: 'How it is printed; text without it' },
    svg: { type: 'string', value: 'FILE', doc: "Also writes a sweep's curves into that file" },
    seed: { type: 'string', value: 'N', doc: 'Another order for `parallel` branches' },
  },
  run: compareCommand,
};

/** What the command line asks for, names checked. */
interface Asked {
  readonly params: Readonly<Record<string, bigint>>;
  readonly seed: number;
  readonly sweep: Range | undefined;
  readonly metrics: readonly Metric[];
  readonly format: Format;
  readonly svg: string | undefined;
}

async function compareCommand(args: ParsedArguments, streams: Streams): Promise<number> {
  const asked = askedFor(args);
  const { loaded, unreadable } = await loadAll(args, streams);
  checkScenarios(args.all('scenario'), { ...asked.params, ...(asked.sweep && { [asked.sweep.param]: 0n }) }, loaded);
  const wanted = args.all('scenario');
  const plan = loaded.flatMap((one) => {
    const chosen = scenariosOf(one.program).filter(
      (scenario) =>
        (wanted.length === 0 || wanted.includes(scenario.title.value)) && (!asked.sweep || hasParam(one, scenario, asked.sweep.param)),
    );
    const variants = designsOf(args, one);
    return chosen.map((scenario) => ({ one, scenario, variants }));
  });
  if (asked.svg !== undefined && plan.length > 1)
    throw new WrongUse(`--svg draws one scenario, here are ${plan.length}: name one with --scenario TITLE`);
  if (asked.format === 'csv' && plan.length > 0) streams.out.write(`${csvHead(columnsOf(asked), csvMetrics(asked))}\n`);
  let ok = loaded.every((one) => sayErrors(one, streams));
  plan.forEach(({ one, scenario, variants }, i) => {
    if (i > 0 && (asked.format === 'text' || asked.format === 'markdown')) streams.out.write('\n');
    ok = compareScenario(one, scenario, variants, asked, streams) && ok;
  });
  return exitCode(unreadable, ok);
}

function askedFor(args: ParsedArguments): Asked {
  const format = args.one('format') ?? 'text';
  if (!isFormat(format)) throw new WrongUse(`there is no format ${format}${nearest(format, FORMATS)}`);
  const sweep = args.one('sweep');
  const svg = args.one('svg');
  if (svg !== undefined && sweep === undefined) throw new WrongUse('--svg draws curves over a param: say which with --sweep n=1..2000:100');
  const params = parseParams(args.all('param'));
  const values = sweep === undefined ? undefined : rangeIn(sweep);
  if (values && Object.hasOwn(params, values.param)) throw new WrongUse(`--sweep and --param both set ${values.param}`);
  const metrics = args.all('metric').map((name) => {
    const names = METRICS.map((metric) => metric.name);
    const metric = metricNamed(name);
    if (!metric) throw new WrongUse(`there is no metric ${name}${nearest(name, names)}`);
    return metric;
  });
  return { params, seed: parseSeed(args.one('seed')), sweep: values, metrics, format, svg };
}

function rangeIn(text: string): Range {
  const range = parseRange(text);
  if ('error' in range) throw new WrongUse(`--sweep ${text}: ${range.error}`);
  return range;
}

function isFormat(text: string): text is Format {
  return (FORMATS as readonly string[]).includes(text);
}

function designsOf(args: ParsedArguments, { file, program }: Loaded): WithVariants {
  const given = args.all('designs');
  const written = given.flatMap(splitDesigns);
  if (given.length > 0 && written.length === 0) throw new WrongUse('--designs names none');
  const found = withVariants(program, given.length > 0 ? written : comparable(program));
  if ('error' in found) throw new WrongUse(`${file}: ${found.error}`);
  return found;
}

/** Whether the file or the scenario declares the param. */
function hasParam({ program }: Loaded, { body }: Scenario, name: string): boolean {
  const declared = (list: readonly { readonly kind: string }[]) =>
    list.some((each) => each.kind === 'param' && (each as Param).name.text === name);
  return declared(body.statements) || program.sources.some(({ file }) => declared(file.items));
}

/** Errors that stand in the file, said once; true where there are none. */
function sayErrors(one: Loaded, { err }: Streams): boolean {
  const errors = one.found.filter(({ severity, code }) => severity === 'error' && code !== 'not-implemented');
  for (const line of diagnosticLines(one, placed(one.program, errors), err)) err.write(`${line}\n`);
  return errors.length === 0;
}

function compareScenario(
  { program: own, found }: Loaded,
  scenario: Scenario,
  { program, designs }: WithVariants,
  asked: Asked,
  { out }: Streams,
): boolean {
  const known = paramsOf(own);
  const options: CompareOptions = {
    scenario: scenario.title.value,
    params: Object.fromEntries(Object.entries(asked.params).filter(([name]) => known.includes(name))),
    seed: asked.seed,
    refused: (design) => {
      const [blocker] = blocking(own, found, scenario, design);
      return blocker && refusal(blocker);
    },
  };
  if (!asked.sweep) {
    const comparison = compareDesigns(program, designs, options);
    out.write(comparisonText(comparison, asked));
    return comparison.designs.every(({ ok }) => ok);
  }
  const sweep = sweepDesigns(program, designs, asked.sweep, options);
  out.write(sweepText(sweep, asked));
  if (asked.svg !== undefined) writeFile(asked.svg, sweepSvg(sweep, metricsOfSweep(sweep, asked)));
  return sweep.points.every(({ comparison }) => comparison.designs.every(({ ok }) => ok));
}

function refusal({ code, message, uri, start, end }: ReturnType<typeof blocking>[number]): RunError {
  return { kind: 'error', code, message, place: { uri, span: { start, end } } };
}

function comparisonText(comparison: Comparison, asked: Asked): string {
  if (asked.format === 'json') return `${JSON.stringify(comparison)}\n`;
  if (asked.format === 'csv') return lines(csvLines(comparison, columnsOf(asked), csvMetrics(asked)));
  const metrics = asked.metrics.length > 0 ? asked.metrics : metricsSeen([comparison]);
  return comparisonReport(comparison, metrics, asked.format, asked.metrics.length > 0 ? [] : metricsZero([comparison]));
}

function sweepText(sweep: Sweep, asked: Asked): string {
  if (asked.format === 'json') return `${JSON.stringify(sweep)}\n`;
  if (asked.format === 'csv')
    return lines(sweep.points.flatMap(({ comparison }) => csvLines(comparison, columnsOf(asked), csvMetrics(asked))));
  const zero = asked.metrics.length > 0 ? [] : metricsZero(sweep.points.map(({ comparison }) => comparison));
  return sweepReport(sweep, metricsOfSweep(sweep, asked), asked.format, zero);
}

function metricsOfSweep({ points }: Sweep, { metrics }: Asked): readonly Metric[] {
  return metrics.length > 0 ? metrics : metricsSeen(points.map(({ comparison }) => comparison));
}

function columnsOf({ params, sweep }: Asked): string[] {
  return [...Object.keys(params), ...(sweep ? [sweep.param] : [])];
}

function csvMetrics({ metrics }: Asked): readonly Metric[] {
  return metrics.length > 0 ? metrics : METRICS;
}

function lines(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join('');
}

function writeFile(name: string, text: string): void {
  try {
    fs.writeFileSync(name, text);
  } catch (error) {
    throw new WrongUse(`${name} can't be written: ${(error as Error).message}`);
  }
}

import type { Compared, Comparison, PartedAt } from '../../runtime/compare/compare';
import type { Metric } from '../../runtime/compare/metrics';
import type { Sweep } from '../../runtime/compare/sweep';
import { difference, titled } from '../../runtime/compare/amount';
import { alignedLines, comparisonTable, markdownLines, sweepTable, type Table } from './table';

/** What a report is written as for people. */
export type Style = 'text' | 'markdown';

interface Writing {
  heading(text: string, level: number): string;
  table(table: Table): string[];
  item(text: string, level?: number): string;
}

const WRITTEN: Readonly<Record<Style, Writing>> = {
  text: {
    heading: (text) => text,
    table: (table) => alignedLines(table).map((line) => `  ${line}`),
    item: (text, level = 0) => `    ${'  '.repeat(level)}${text}`,
  },
  markdown: {
    heading: (text, level) => `${'#'.repeat(level)} ${text}`,
    table: markdownLines,
    item: (text, level = 0) => `${'  '.repeat(level)}- ${text}`,
  },
};

/** The table of a comparison, beneath it `zero` (what is 0 everywhere), where the designs part, what failed and what ended early. */
export function comparisonReport(comparison: Comparison, metrics: readonly Metric[], style: Style, zero: readonly Metric[] = []): string {
  const { heading, table, item } = WRITTEN[style];
  const lines = [heading(comparison.scenario + paramsText(comparison), 2), '', ...table(comparisonTable(comparison, metrics))];
  lines.push(...zeroLines(zero, style));
  const parting = partingLines(comparison, metrics, item);
  if (parting.length > 0)
    lines.push(
      '',
      heading(style === 'text' ? `  parting from ${comparison.designs[0]!.design}` : `Parting from ${comparison.designs[0]!.design}`, 3),
      ...(style === 'text' ? [] : ['']),
      ...parting,
    );
  const problems = comparison.designs.flatMap((each) => problemLines(each, comparison.file));
  if (problems.length > 0) lines.push('', ...problems.map((line) => item(line)));
  return `${lines.join('\n')}\n`;
}

/** One table for each metric, and which are 0 everywhere. */
export function sweepReport(sweep: Sweep, metrics: readonly Metric[], style: Style, zero: readonly Metric[] = []): string {
  const { heading, table, item } = WRITTEN[style];
  const last = sweep.designs.flatMap((_, i) => {
    const point = sweep.points.find(({ comparison }) => !comparison.designs[i]!.ok);
    return point ? problemLines(point.comparison.designs[i]!, sweep.file, `at ${sweep.param} = ${point.value}: `) : [];
  });
  const lines = [heading(sweep.scenario, 2)];
  for (const metric of metrics)
    lines.push('', heading(titled(metric), 3), ...(style === 'markdown' ? [''] : []), ...table(sweepTable(sweep, metric)));
  lines.push(...zeroLines(zero, style));
  if (last.length > 0) lines.push('', ...last.map((line) => item(line)));
  return `${lines.join('\n')}\n`;
}

/** What parts first of these metrics and of what calls gave, all of it that parts at that step. */
function firstParts({ parts }: Compared, metrics: readonly Metric[]): PartedAt[] {
  const [first, ...others] = parts.filter(({ what }) => what === 'result' || metrics.some(({ name }) => name === what));
  return first ? [first, ...others.filter(({ step }) => step === first.step)] : [];
}

function zeroLines(zero: readonly Metric[], style: Style): string[] {
  if (zero.length === 0) return [];
  return ['', `${style === 'text' ? '  ' : ''}0 everywhere: ${zero.map(({ title }) => title).join(', ')}`];
}

/** The first step at which each design parts from the first one: designs with the same step together, and of those the ones with the same differences. */
function partingLines({ designs: [first, ...others], file }: Comparison, metrics: readonly Metric[], item: Writing['item']): string[] {
  const steps = new Map<string, Map<string, string[]>>();
  for (const each of others) {
    if (first!.steps === 0 || each.steps === 0) continue;
    const parts = firstParts(each, metrics);
    const [head, what] = parts.length === 0 ? ['nothing differs at any step', ''] : [stepText(parts[0]!, file), differences(parts)];
    const group = steps.get(head) ?? new Map<string, string[]>();
    steps.set(head, group.set(what, [...(group.get(what) ?? []), each.design]));
  }
  return [...steps].flatMap(([head, group]) => [
    item(head),
    ...[...group].map(([what, designs]) => item(`${designs.join(', ')}${what && `: ${what}`}`, 1)),
  ]);
}

function stepText(part: PartedAt, file: string): string {
  const { step, who, text } = part;
  return `${where(part, file)}, step ${step}: ${text.startsWith(`${who}:`) ? text : `${who} in ${text}`}`;
}

/** The peak is left out where it moves with what is used. */
function differences(parts: readonly PartedAt[]): string {
  const used = parts.some(({ what }) => what === 'memory.used');
  return parts
    .filter(({ what }) => what !== 'memory.peak' || !used)
    .map(difference)
    .join(', ');
}

function problemLines({ design, failed, error, steps }: Compared, file: string, at = ''): string[] {
  const failures = failed.map(
    (each) => `${design}: ${at}${where(each, file)} does not hold: ${each.text}, left ${each.left}, right ${each.right}`,
  );
  if (!error) return failures;
  return [
    ...failures,
    `${design}: ${at}${steps === 0 ? 'not run:' : 'ended early at'} ${where({ file, ...error }, file)}: ${error.message}`,
  ];
}

function where({ file, line }: { readonly file: string; readonly line: number }, main: string): string {
  return file === main ? `line ${line}` : `${file}:${line}`;
}

function paramsText({ params }: Comparison): string {
  const given = Object.entries(params).map(([name, value]) => `${name} = ${value}`);
  return given.length > 0 ? ` (${given.join(', ')})` : '';
}

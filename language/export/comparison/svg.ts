import type { Metric } from '../../runtime/compare/metrics';
import { curves, type Sweep } from '../../runtime/compare/sweep';
import { scaled, titled } from '../../runtime/compare/amount';

const WIDTH = 380;
const HEIGHT = 240;
const PLOT = { left: 70, right: 24, top: 34, bottom: 40 };
const LEGEND_ROW = 20;
/** Told apart without colour, too. */
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '12 4', '4 2 1 2', '1 4', '14 3 3 3'];
/** Okabe and Ito's colours, darker on light and lighter on dark. */
const LIGHT = ['#0b62a4', '#b8500b', '#00734d', '#9b3f7b', '#6b5a00', '#23728f', '#8f2d2d', '#4a4a4a'];
const DARK = ['#7ab8ef', '#f4a261', '#4fd3a5', '#e79ac9', '#e0cd57', '#8fd3ea', '#f08a8a', '#c4c4c4'];

/** Curves of a sweep, one chart a metric, as an SVG document that follows the viewer's dark or light scheme. */
export function sweepSvg(sweep: Sweep, metrics: readonly Metric[]): string {
  const columns = Math.min(2, Math.max(1, metrics.length));
  const perRow = Math.max(1, Math.floor((columns * WIDTH - 20) / legendWidth(sweep.designs)));
  const top = 40 + Math.ceil(sweep.designs.length / perRow) * LEGEND_ROW;
  const height = top + Math.ceil(metrics.length / columns) * HEIGHT;
  const charts = metrics.map((metric, i) => chart(sweep, metric, (i % columns) * WIDTH, top + Math.floor(i / columns) * HEIGHT));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${columns * WIDTH} ${height}" width="${columns * WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(`${sweep.scenario}: over ${sweep.param}`)}</title>`,
    `<style>${style(sweep.designs.length)}</style>`,
    `<rect class="ground" width="100%" height="100%"/>`,
    `<text class="title" x="14" y="24">${escaped(sweep.scenario)}</text>`,
    ...legend(sweep.designs, perRow),
    ...charts,
    '</svg>',
    '',
  ].join('\n');
}

function style(designs: number): string {
  const colours = (list: readonly string[]) =>
    Array.from({ length: designs }, (_, i) => `.d${i}{stroke:${list[i % list.length]}}.p${i}{fill:${list[i % list.length]}}`).join('');
  const scheme = (ground: string, text: string, line: string, list: readonly string[]) =>
    `.ground{fill:${ground}}text{fill:${text}}.grid{stroke:${line}}${colours(list)}`;
  return (
    'text{font:12px system-ui,sans-serif}.title{font-size:15px;font-weight:600}.name{font-weight:600}.grid{stroke-width:1}.curve{fill:none;stroke-width:2}' +
    scheme('#ffffff', '#1f1f1f', '#d8d8d8', LIGHT) +
    `@media (prefers-color-scheme:dark){${scheme('#1f1f1f', '#e6e6e6', '#454545', DARK)}}`
  );
}

function legendWidth(designs: readonly string[]): number {
  return 60 + 7 * Math.max(...designs.map((design) => design.length));
}

function legend(designs: readonly string[], perRow: number): string[] {
  return designs.map((design, i) => {
    const x = 14 + (i % perRow) * legendWidth(designs);
    const y = 46 + Math.floor(i / perRow) * LEGEND_ROW;
    return `<line class="curve d${i}"${dash(i)} x1="${x}" y1="${y - 4}" x2="${x + 30}" y2="${y - 4}"/><text x="${x + 36}" y="${y}">${escaped(design)}</text>`;
  });
}

function chart(sweep: Sweep, metric: Metric, x: number, y: number): string {
  const lists = curves(sweep, metric).map((list) => list.map((value) => (value === undefined ? undefined : scaled(metric, value))));
  const xs = sweep.points.map(({ value }) => value);
  const across = scale(Math.min(...xs), Math.max(...xs), PLOT.left, WIDTH - PLOT.right);
  const ticks = niceTicks(Math.max(1, ...lists.flat().filter((value) => value !== undefined)));
  const up = scale(0, ticks.at(-1)!, HEIGHT - PLOT.bottom, PLOT.top);
  const rules = ticks.map((tick) => {
    const at = round(up(tick));
    return (
      `<line class="grid" x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${at}" y2="${at}"/>` +
      `<text text-anchor="end" x="${PLOT.left - 6}" y="${round(at + 4)}">${short(tick)}</text>`
    );
  });
  const marks = [...new Set([xs[0]!, xs[Math.floor(xs.length / 2)]!, xs.at(-1)!])].map(
    (value) => `<text text-anchor="middle" x="${round(across(value))}" y="${HEIGHT - PLOT.bottom + 18}">${short(value)}</text>`,
  );
  return [
    `<g transform="translate(${x} ${y})"><title>${escaped(titled(metric))}</title>`,
    `<text class="name" x="${PLOT.left}" y="20">${escaped(titled(metric))}</text>`,
    ...rules,
    ...marks,
    `<text text-anchor="middle" x="${(PLOT.left + WIDTH - PLOT.right) / 2}" y="${HEIGHT - 6}">${escaped(sweep.param)}</text>`,
    ...lists.map((list, i) => curve(list, xs, i, across, up)),
    '</g>',
  ].join('\n');
}

/** Straight lines from value to value; a gap where a run came to nothing, a dot where a value stands alone. */
function curve(list: readonly (number | undefined)[], xs: readonly number[], i: number, across: Scale, up: Scale): string {
  let path = '';
  let dots = '';
  list.forEach((value, at) => {
    if (value === undefined) return;
    const point = `${round(across(xs[at]!))} ${round(up(value))}`;
    path += `${list[at - 1] === undefined ? 'M' : 'L'}${point}`;
    if (list[at - 1] === undefined && list[at + 1] === undefined)
      dots += `<circle class="p${i}" r="3" cx="${point.split(' ')[0]}" cy="${point.split(' ')[1]}"/>`;
  });
  return `<path class="curve d${i}"${dash(i)} d="${path}"/>${dots}`;
}

type Scale = (value: number) => number;

function scale(from: number, to: number, start: number, end: number): Scale {
  return (value) => (to === from ? (start + end) / 2 : start + ((value - from) / (to - from)) * (end - start));
}

/** 0 and up to five round numbers, the last at or above `most`. */
export function niceTicks(most: number): number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 2.5, 5, 10].find((each) => each * power >= rough) ?? 10) * power);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

function short(value: number): string {
  const [divisor, letter] =
    Math.abs(value) >= 1e9 ? [1e9, 'G'] : Math.abs(value) >= 1e6 ? [1e6, 'M'] : Math.abs(value) >= 1e4 ? [1e3, 'k'] : [1, ''];
  return `${round(value / divisor)}${letter}`;
}

function dash(i: number): string {
  const pattern = DASHES[i % DASHES.length]!;
  return pattern === '' ? '' : ` stroke-dasharray="${pattern}"`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

import type { Metric } from '../../runtime/compare/metrics';
import type { Sweep } from '../../runtime/compare/sweep';
import { CHART, type Chart, chartOf, DASHES } from './chart';

const { width: WIDTH, height: HEIGHT } = CHART;
const LEGEND_ROW = 20;
/** Okabe and Ito's colours, darker on light and lighter on dark. */
const LIGHT = ['#0b62a4', '#b8500b', '#00734d', '#9b3f7b', '#6b5a00', '#23728f', '#8f2d2d', '#4a4a4a'];
const DARK = ['#7ab8ef', '#f4a261', '#4fd3a5', '#e79ac9', '#e0cd57', '#8fd3ea', '#f08a8a', '#c4c4c4'];

/** Curves of a sweep, one chart a metric, as an SVG document that follows the viewer's dark or light scheme. */
export function sweepSvg(sweep: Sweep, metrics: readonly Metric[]): string {
  const columns = Math.min(2, Math.max(1, metrics.length));
  const perRow = Math.max(1, Math.floor((columns * WIDTH - 20) / legendWidth(sweep.designs)));
  const top = 40 + Math.ceil(sweep.designs.length / perRow) * LEGEND_ROW;
  const height = top + Math.ceil(metrics.length / columns) * HEIGHT;
  const charts = metrics.map((metric, i) => chart(chartOf(sweep, metric), (i % columns) * WIDTH, top + Math.floor(i / columns) * HEIGHT));
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

function chart({ title, param, across, up, curves }: Chart, x: number, y: number): string {
  const right = WIDTH - CHART.right;
  const rules = up.map(
    ({ at, text }) =>
      `<line class="grid" x1="${CHART.left}" x2="${right}" y1="${at}" y2="${at}"/>` +
      `<text text-anchor="end" x="${CHART.left - 6}" y="${at + 4}">${text}</text>`,
  );
  const marks = across.map(({ at, text }) => `<text text-anchor="middle" x="${at}" y="${HEIGHT - CHART.bottom + 18}">${text}</text>`);
  return [
    `<g transform="translate(${x} ${y})"><title>${escaped(title)}</title>`,
    `<text class="name" x="${CHART.left}" y="20">${escaped(title)}</text>`,
    ...rules,
    ...marks,
    `<text text-anchor="middle" x="${(CHART.left + right) / 2}" y="${HEIGHT - 6}">${escaped(param)}</text>`,
    ...curves.map(
      ({ path, dots }, i) =>
        `<path class="curve d${i}"${dash(i)} d="${path}"/>${dots.map(([cx, cy]) => `<circle class="p${i}" r="3" cx="${cx}" cy="${cy}"/>`).join('')}`,
    ),
    '</g>',
  ].join('\n');
}

function dash(i: number): string {
  const pattern = DASHES[i % DASHES.length]!;
  return pattern === '' ? '' : ` stroke-dasharray="${pattern}"`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

import { attribute, h } from '../picture/dom';
import type { SweepChart, SweepState } from '../protocol/comparison';

const SVG = 'http://www.w3.org/2000/svg';
/** Colours that there are for curves; more of them are told apart by their dashes. */
const COLOURS = 6;

/** The curves of one metric; in words only what it is about: the values are in the table beneath it. */
export function chartElement({ title, across, up, curves }: SweepChart, { param, designs, dashes, size }: SweepState): SVGElement {
  const { width, height, left, right, bottom } = size;
  const label = `${title} over ${param}, a curve for each of ${designs.join(', ')}`;
  const svg = element('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label });
  for (const { at, text } of up) {
    svg.append(element('line', { class: 'rule', x1: left, x2: width - right, y1: at, y2: at }));
    svg.append(element('text', { x: left - 6, y: at + 4, 'text-anchor': 'end' }, text));
  }
  for (const { at, text } of across) svg.append(element('text', { x: at, y: height - bottom + 18, 'text-anchor': 'middle' }, text));
  svg.append(element('text', { x: (left + width - right) / 2, y: height - 6, 'text-anchor': 'middle' }, param));
  curves.forEach(({ path, dots }, i) => {
    svg.append(element('path', { class: curveClass(i), d: path, 'stroke-dasharray': dashes[i] || undefined }));
    for (const { x, y } of dots) svg.append(element('circle', { class: curveClass(i), cx: x, cy: y, r: 3 }));
  });
  return svg;
}

/** A design's dash and its name. */
export function keyElement(design: string, dash: string, i: number): HTMLElement {
  const svg = element('svg', { class: 'dash', viewBox: '0 0 32 8', 'aria-hidden': 'true' });
  svg.append(element('path', { class: curveClass(i), d: 'M0 4L32 4', 'stroke-dasharray': dash || undefined }));
  const item = h('li', {});
  item.append(svg, design);
  return item;
}

function curveClass(i: number): string {
  return `curve c${i % COLOURS}`;
}

function element(tag: string, attributes: Readonly<Record<string, string | number | undefined>>, text = ''): SVGElement {
  const made = document.createElementNS(SVG, tag) as SVGElement;
  attribute(made, attributes);
  made.textContent = text;
  return made;
}

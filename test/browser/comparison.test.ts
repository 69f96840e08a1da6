import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparisonState } from '../../extension/compare/state';
import { panelHtml } from '../../extension/panel/html';
import { sweepState } from '../../extension/compare/sweepState';
import { titled } from '../../language/runtime/compare/amount';
import { compareDesigns } from '../../language/runtime/compare/compare';
import { METRICS } from '../../language/runtime/compare/metrics';
import { parseRange } from '../../language/runtime/compare/range';
import { sweepDesigns } from '../../language/runtime/compare/sweep';
import { comparable, withVariants } from '../../language/runtime/compare/variants';
import { checkFromComparison, type FromComparison, type ToComparison } from '../../webview/protocol/comparison';
import { program as programOf } from '../runtime/running';
import { openBrowser, type Browser } from '../vscode/chromium';
import { THEMES, type Theme } from './themes';

const ORIGIN = 'http://comparison.test';
const SAMPLE = 'reflinked-files-are-cached-twice';

let browser: Browser;
const complaints: string[] = [];
const received: FromComparison[] = [];

beforeAll(async () => {
  browser = await openBrowser(1100, 520);
  const { page } = browser;
  page.setDefaultTimeout(10_000);
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.exposeFunction('toHost', (message: unknown) => received.push(checkFromComparison(message, 'message')));
  await page.addInitScript(shim);
  await page.route('**/*', (route) => route.fulfill(resource(new URL(route.request().url()).pathname)));
  await page.goto(`${ORIGIN}/`);
  await useTheme('dark');
  const program = programOf(fs.readFileSync(`samples/${SAMPLE}.mmscn`, 'utf8'));
  const designs = comparable(program).map((name) => ({ label: name, name }));
  await send({
    kind: 'comparison',
    state: comparisonState(compareDesigns(program, designs, { scenario: 'reflinked files are cached twice' }), true),
  });
  await page.locator('tbody tr').first().waitFor();
});
afterAll(async () => {
  expect(complaints).toEqual([]);
  await browser.close();
});

describe('designs compared, beside the editor', () => {
  it('has a row for each design, the first one as it was asked for', async () => {
    expect((await texts('tbody th'))[0]).toBe('baseline ⚑');
    expect(await texts('thead th')).toContain('disk reads (pages)');
    expect(received[0]).toEqual({ kind: 'ready' });
  });
  it('is sorted by the keyboard: least first, most first, as they came', async () => {
    const reads = async () => browser.page.locator('tbody td:nth-child(5)').allTextContents();
    await browser.page.locator('thead th:nth-child(5) button').focus();
    await browser.page.keyboard.press('Enter');
    expect((await reads())[0]).toBe('4');
    expect(await browser.page.locator('th[aria-sort="ascending"]').innerText()).toContain('disk reads');
    await browser.page.keyboard.press('Enter');
    expect((await reads())[0]).toBe('8');
    await browser.page.keyboard.press('Enter');
    expect(await browser.page.locator('th[aria-sort="descending"]').count()).toBe(0);
  });
  it('leads from a cell to the step where its design parts', async () => {
    await browser.page.locator('tbody tr', { hasText: 'extent_cache' }).locator('td:nth-child(5) button').click();
    expect(received.at(-1)).toMatchObject({ kind: 'line', line: 15 });
    expect(await browser.page.locator('.detail').innerText()).toContain(
      'extent_cache parts from baseline in disk reads (pages) at line 15, step 4: q: buf = read(fb, 4 pages) (8 → 4)',
    );
    await browser.page.locator('.detail button', { hasText: 'Debug' }).click();
    expect(received.at(-1)).toEqual({ kind: 'debug', design: 'extent_cache', beside: 'baseline', statement: 3 });
  });
  it('names what is 0 everywhere, and shows it when it is asked for', async () => {
    expect(await browser.page.locator('.zero').innerText()).toMatch(/^0 everywhere: disk writes, .*stale reads/);
    expect(await texts('thead th')).not.toContain('stale reads');
    await browser.page.locator('.zero-toggle').focus();
    await browser.page.keyboard.press('Enter');
    const columns = await texts('thead th');
    for (const metric of METRICS) expect(columns).toContain(titled(metric));
    await browser.page.keyboard.press('Enter');
    expect(await texts('thead th')).not.toContain('stale reads');
  });
  it('holds the others against any design', async () => {
    await browser.page.locator('tbody th button', { hasText: 'extent_cache' }).click();
    expect(received.at(-1)).toEqual({ kind: 'against', design: 'extent_cache' });
  });
  it('offers what can be done next', async () => {
    for (const [text, kind] of Object.entries({
      'Run again': 'again',
      'Choose designs': 'choose',
      'Sweep a param': 'sweep',
      Save: 'save',
    })) {
      await browser.page.locator('.bar button', { hasText: text }).focus();
      await browser.page.keyboard.press('Enter');
      expect(received.at(-1)).toEqual({ kind });
    }
    await send({ kind: 'running', message: 'Runs under baseline …' });
    await browser.page.locator('.progress button', { hasText: 'Cancel' }).click();
    expect(received.at(-1)).toEqual({ kind: 'cancel' });
    await send({ kind: 'cancelled', message: 'Cancelled.' });
    await browser.page.locator('.status', { hasText: 'Cancelled.' }).waitFor();
    expect(await browser.page.locator('.progress button').isVisible()).toBe(false);
  });
  it.each(Object.keys(THEMES) as Theme[])('can be read by everybody in %s', (theme) => legible('comparison', theme));
  it.each([400, 700])('fits into %i pixels', (width) => fits('comparison', width));
  it('says what is wrong with a message', async () => {
    await browser.page.evaluate(() => window.postMessage({ kind: 'comparison', state: {} }, '*'));
    await expect.poll(() => received.at(-1)).toEqual({ kind: 'problem', message: 'message.state.scenario: expected a text, got nothing' });
  });
});

describe('designs over a param', () => {
  beforeAll(async () => {
    const program = programOf(SWEPT);
    const designs = ['baseline', 'extent_cache', 'extent_cache { key = logical }'];
    const variants = withVariants(program, designs);
    const range = parseRange('n=1..41:10');
    if ('error' in variants || 'error' in range) throw new Error('no range');
    const sweep = sweepDesigns(variants.program, variants.designs, range, { scenario: 'swept' });
    await send({ kind: 'sweep', state: sweepState({ ...sweep, points: sweep.points.slice(0, 4) }, 5) });
    await browser.page.locator('figure').first().waitFor();
  });
  it('has a chart for each metric, a dash for each design, and says what is missing', async () => {
    expect(await texts('figcaption')).toContain('disk reads (pages)');
    expect(await texts('.key li')).toEqual(['baseline', 'extent_cache', 'extent_cache { key = logical }']);
    const dashes = await browser.page
      .locator('figure', { hasText: 'disk reads' })
      .locator('path.curve')
      .evaluateAll((paths) => paths.map((path) => path.getAttribute('stroke-dasharray')));
    expect(new Set(dashes).size).toBe(3);
    expect(await browser.page.locator('.caption').innerText()).toBe('swept, n = 1 … 31. Cancelled: 4 of 5 values.');
  });
  it('has the values as a table beside each chart', async () => {
    const figure = browser.page.locator('figure', { hasText: 'disk reads' });
    await figure.locator('summary').focus();
    await browser.page.keyboard.press('Enter');
    await figure.locator('tr').first().waitFor();
    expect(await figure.locator('tr').evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)))).toEqual([
      ['n', 'baseline', 'extent_cache', 'extent_cache { key = logical }'],
      ['1', '2', '1', '1'],
      ['11', '22', '11', '11'],
      ['21', '42', '21', '21'],
      ['31', '62', '31', '31'],
    ]);
  });
  it.each(Object.keys(THEMES) as Theme[])('can be read by everybody in %s', (theme) => legible('sweep', theme));
  it.each([400, 700])('fits into %i pixels', (width) => fits('sweep', width));
});

const SWEPT = `scenario "swept" {
  param n = 1
  mount xfs at "/data"
  file "/data/a" { size = n pages; content = "A" }
  reflink "/data/a" to "/data/b"
  process p
  p: a = open("/data/a", O_RDONLY)
  p: read(a, n pages)
  p: b = open("/data/b", O_RDONLY)
  p: read(b, n pages)
}`;

async function legible(what: string, theme: Theme): Promise<void> {
  await useTheme(theme);
  await browser.page.evaluate(fs.readFileSync('node_modules/axe-core/axe.min.js', 'utf8'));
  const { violations } = (await browser.page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { failureSummary: string; html: string }[] }[];
  };
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html} ${nodes[0]!.failureSummary}`)).toEqual([]);
  await shot(`${what}-${theme.replaceAll(/\W+/g, '-')}`);
}

async function fits(what: string, width: number): Promise<void> {
  await browser.page.setViewportSize({ width, height: 800 });
  expect(await browser.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  await shot(`${what}-${width}`);
  await browser.page.setViewportSize({ width: 1100, height: 520 });
}

async function shot(name: string): Promise<void> {
  fs.mkdirSync('test-results/screenshots', { recursive: true });
  await browser.page.screenshot({ path: `test-results/screenshots/${name}.png` });
}

async function texts(selector: string): Promise<string[]> {
  return browser.page.locator(selector).allTextContents();
}

async function send(message: ToComparison): Promise<void> {
  await browser.page.evaluate((data) => window.postMessage(data, '*'), message);
}

async function useTheme(theme: Theme): Promise<void> {
  await browser.page.evaluate(({ body, variables }) => {
    const { style } = document.documentElement;
    for (const name of [...style]) style.removeProperty(name);
    for (const [name, value] of Object.entries(variables)) style.setProperty(`--vscode-${name}`, value);
    document.body.className = body;
  }, THEMES[theme]);
}

/** Runs in the page before its own script: what VS Code puts there. */
function shim(): void {
  let kept: unknown = null;
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (message: unknown) => void (window as unknown as { toHost(message: unknown): unknown }).toHost(message),
      getState: () => kept,
      setState: (state: unknown) => (kept = state),
    }),
  });
}

function resource(name: string): { body: string; contentType: string } {
  const of = (file: string) => `${ORIGIN}/${file}`;
  if (name === '/') {
    const html = panelHtml({
      title: 'Designs Compared',
      cspSource: ORIGIN,
      script: of('compare.js'),
      style: of('compare.css'),
      nonce: 'n0nce',
    });
    return { body: html, contentType: 'text/html' };
  }
  const file = path.join('dist/webview', path.basename(name));
  const contentType = name.endsWith('.js') ? 'text/javascript' : name.endsWith('.css') ? 'text/css' : 'text/plain';
  return { body: fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '', contentType };
}

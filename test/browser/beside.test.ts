import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PanelPage } from './panelPage';
import { accompanied, sample } from './recording';
import { THEMES, type Theme } from './themes';

const SAMPLE = 'reflinked-files-are-cached-twice';
const READ_TWICE = 4;

const reflinks = () => {
  const under = (design: string) => sample(SAMPLE, { design });
  return accompanied(under('baseline'), { extent_cache: under('extent_cache'), shared_folio: under('shared_folio') });
};

describe('two designs side by side', () => {
  let panel: PanelPage;
  beforeAll(async () => {
    panel = await PanelPage.open(reflinks());
  });
  beforeEach(() => panel.goto(READ_TWICE));
  afterAll(async () => {
    expect(panel.complaints).toEqual([]);
    await panel.close();
  });

  const cells = (side: 'own' | 'beside', pane: string, what = '.main') =>
    panel.page.locator(`.${pane}.${side} .line.cells .cell ${what}`).allTextContents();
  const differences = () =>
    panel.page
      .locator('.differences tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent).join(' | ')));
  const choose = async (design: string) => {
    await panel.page.locator('vscode-dropdown[aria-label="Design beside"]').click();
    await panel.page.locator('vscode-dropdown[aria-label="Design beside"] vscode-option', { hasText: design }).click();
    await panel.settled();
  };

  it('show the first that goes along, and what differs', async () => {
    expect(await panel.text('.pane.frames.own h2')).toMatch(/^Physical frames under baseline/);
    expect(await panel.text('.pane.frames.beside h2')).toMatch(/^Physical frames under extent_cache/);
    expect(await cells('own', 'files')).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    expect((await cells('beside', 'files')).slice(0, 8)).toEqual(['1', '2', '3', '4', '1', '2', '3', '4']);
    expect((await differences()).filter((row) => /disk reads|pages 0|^frame/.test(row))).toEqual([
      'frames used (pages) | 10 | 6',
      'disk reads (pages) | 8 | 4',
      '/data/a, pages 0–3 | page cache a[0–3] | design’s cache a[0–3] b[0–3]',
      '/data/b, pages 0–3 | page cache b[0–3] | design’s cache a[0–3] b[0–3]',
      expect.stringMatching(/^frames 1–4 \| page cache a\[0–3\].* \| design’s cache a\[0–3\] b\[0–3\]/),
      'frames 5–8 | page cache b[0–3] | free',
    ]);
  });

  it('are marked where they differ, in a sign, in words and in the sums', async () => {
    const cell = panel.page.locator('.files.own [data-at="0"]').nth(1);
    expect(await cell.getAttribute('class')).toContain('differs');
    expect(await cell.locator('.words').textContent()).toBe(
      'page 0, frame 5, page cache, uptodate; under extent_cache: design’s cache a[0] b[0]',
    );
    expect(await cell.locator('.main').evaluate((main) => getComputedStyle(main, '::before').content)).toBe('"≠"');
    expect(await panel.page.locator('.sum', { hasText: 'disk.reads' }).locator('.other').textContent()).toBe('≠ 16 kB');
    expect(await panel.page.locator('.processes .cell.differs').count()).toBe(0);
  });

  it('light up what is the same in the other one', async () => {
    await panel.page.locator('.files.own [data-at="2"]').nth(1).hover();
    await panel.page.locator('.detail.beside h2', { hasText: 'Frame 3' }).waitFor();
    expect(await panel.text('.detail.own h2')).toBe('baseline · Frame 7: page cache of /data/b, index 2');
    expect(await panel.texts('.detail.beside .holders li button')).toContain('read through of /data/b, index 2');
    await panel.page.locator('.frames.beside [data-frame="2"]').hover();
    await panel.page.locator('.detail.own h2', { hasText: 'Frame 2' }).waitFor();
    await panel.page.mouse.move(5, 5);
  });

  it('lead from a difference to its place, by keyboard', async () => {
    await panel.page.locator('.differences button', { hasText: '/data/b' }).focus();
    await panel.press('Enter');
    expect(await panel.page.evaluate(() => document.activeElement?.querySelector('.words')?.textContent)).toMatch(/^page 0, frame 5/);
    await panel.press('ArrowRight');
    await panel.page.locator('.detail.beside h2', { hasText: 'Frame 2' }).waitFor();
    await panel.page.evaluate(() => (document.activeElement as HTMLElement).blur());
  });

  it('go back and forth together', async () => {
    const before = await panel.page.locator('.board').innerText();
    await panel.goto(2);
    expect(await differences()).toEqual([
      '/data/a, pages 0–3 | page cache a[0–3] | design’s cache a[0–3] b[0–3]',
      '/data/b, pages 0–3 | not cached | design’s cache a[0–3] b[0–3]',
      expect.stringMatching(/^X of \/data/),
      expect.stringMatching(/^frames 1–4/),
    ]);
    await panel.goto(0);
    expect(await panel.text('.differences .nothing')).toBe('Nothing differs here: step on.');
    await panel.goto(READ_TWICE);
    expect(await panel.page.locator('.board').innerText()).toBe(before);
  });

  it('are two others when another one is chosen, and one when none is', async () => {
    await choose('shared_folio');
    expect(await panel.text('.pane.frames.beside h2')).toMatch(/under shared_folio/);
    await choose('nothing beside');
    expect(await panel.page.locator('.pane.beside:visible').count()).toBe(0);
    expect(await panel.text('.pane.frames.own h2')).toMatch(/^Physical frames16,384/);
    await panel.reload();
    expect(await panel.page.locator('.pane.beside:visible').count()).toBe(0);
    await choose('extent_cache');
    expect(await panel.page.locator('.pane.beside:visible').count()).toBe(4);
  });

  it('are told as text, and to those who listen', async () => {
    expect(await panel.text('[aria-live=polite]')).toMatch(
      /Under extent_cache \d+ things differ: frames used \(pages\): 10, there 6; page cache/,
    );
    await panel.page.locator('vscode-checkbox', { hasText: 'As text' }).click();
    const text = await panel.page.locator('.text-view').innerText();
    expect(text).toContain('/data/b, pages 0–3: page cache b[0–3], there design’s cache a[0–3] b[0–3]');
    expect(text).toContain('Beside it, under extent_cache');
    await panel.page.locator('vscode-checkbox', { hasText: 'As text' }).click();
    await panel.page.locator('.board').waitFor();
  });

  it.each(Object.keys(THEMES) as Theme[])('are legible and accessible in %s', async (theme) => {
    await panel.useTheme(theme);
    await panel.screenshot(`beside ${theme}`);
    expect(await panel.accessibilityProblems()).toEqual([]);
  });

  it.each([
    [400, 900],
    [720, 900],
    [1700, 1000],
  ])('fit into %i × %i', async (width, height) => {
    const other = await PanelPage.open(reflinks(), { width, height });
    await other.goto(READ_TWICE);
    await other.page.screenshot({ path: `test-results/screenshots/beside-${width}.png`, fullPage: true });
    expect(await other.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await other.accessibilityProblems()).toEqual([]);
    await other.close();
  });
});

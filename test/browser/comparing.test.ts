import * as fs from 'node:fs';
import * as path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectors } from './selectors';
import { THEMES, Workbench } from './workbench';

const CLONE = `design by_offset = extent_cache { key = logical }

scenario "a clone is read" {
  under baseline, extent_cache
  param n = 4
  mount xfs at "/data"
  file "/data/a" { size = n pages; content = "A" }
  reflink "/data/a" to "/data/b"
  process p
  p: a = open("/data/a", O_RDONLY)
  p: read(a, n pages)
  p: b = open("/data/b", O_RDONLY)
  p: read(b, n pages)
  expect disk.reads == 2 * n pages under baseline
}
`;
const PARTS_AT = 13;

const SEVERAL = `scenario "one" {
  process p
}
scenario "two" {
  process p
  p: x = 1
  expect p.x == 1
}`;

describe('a person who compares designs', () => {
  let vscode: Workbench;
  let page: FrameLocator;

  beforeAll(async () => {
    vscode = await Workbench.start({ 'clone.mmscn': CLONE, 'several.mmscn': SEVERAL });
    await vscode.open('clone.mmscn');
  });
  afterAll(() => vscode.stop());

  const designs = () => page.locator('tbody th').allTextContents();
  const row = (label: string) => vscode.page.locator(selectors.quickRow, { hasText: label }).first();

  it('sees them side by side, from the palette', async () => {
    await vscode.command('Memory Scenario: Compare Designs');
    page = await vscode.webview('table tbody tr');
    expect(await designs()).toEqual(expect.arrayContaining(['baseline ⚑', 'extent_cache', 'by_offset']));
    await vscode.screenshot('comparing table');
    expect(await vscode.accessibilityProblems()).toEqual([]);
  });

  it('chooses designs, the written one and a typed one among them, by keyboard; they are remembered', async () => {
    await vscode.command('Memory Scenario: Compare Chosen Designs…');
    await row('baseline').waitFor();
    await vscode.screenshot('comparing choice');
    const input = vscode.page.locator(selectors.quickInput).first();
    const title = (text: string) => vscode.page.locator(selectors.quickTitle, { hasText: text });
    const counter = vscode.page.locator(selectors.quickCounter).first();
    const toggle = vscode.page.locator(selectors.quickCheckAll).first();
    await toggle.focus();
    await vscode.press('Space');
    if ((await counter.textContent()) !== '0 Selected') await vscode.press('Space');
    const pick = async (text: string, total: number) => {
      await input.fill(text);
      await row(text).waitFor();
      await vscode.press('ArrowDown');
      await vscode.press('Space');
      await expect.poll(() => counter.textContent(), { timeout: 15_000 }).toBe(`${total} Selected`);
    };
    await pick('baseline', 1);
    await pick('by_offset', 2);
    await input.fill('extent_cache { key = lgical }');
    await title('did you mean `logical`?').waitFor();
    await vscode.press('Enter');
    await input.fill('extent_cache { key = logical; reads = shared_only }');
    await title('Enter adds extent_cache { key = logical; reads = shared_only }').waitFor();
    await vscode.press('Enter');
    await expect
      .poll(() => designs(), { timeout: 15_000 })
      .toEqual(['baseline ⚑', 'by_offset', 'extent_cache { key = logical; reads = shared_only }']);
    await page.locator('tbody').evaluate((table) => table.classList.add('earlier'));
    await vscode.focusEditor();
    await vscode.command('Memory Scenario: Compare Designs');
    await page.locator('tbody.earlier').waitFor({ state: 'detached' });
    await expect.poll(() => designs(), { timeout: 15_000 }).toHaveLength(3);
  });

  it('goes from a cell to the step where two part, and steps both from there, forwards and back', async () => {
    await page.locator('tbody tr', { hasText: 'by_offset' }).locator('button.part').nth(3).focus();
    await vscode.press('Enter');
    await page.locator('.detail', { hasText: `line ${PARTS_AT}` }).waitFor();
    await page.locator('.detail button', { hasText: 'Debug by_offset' }).focus();
    await vscode.press('Enter');
    await vscode.stoppedAt(PARTS_AT);
    const panel = await vscode.webview('.pane.frames.beside .cell');
    await panel.locator('.pane.frames.beside h2', { hasText: 'under baseline' }).waitFor();
    await vscode.focusEditor();
    await vscode.press('F10');
    await vscode.stoppedAt(PARTS_AT + 2);
    const differing = (what: string) => panel.locator('.differences tr', { hasText: what });
    await differing('disk reads').waitFor();
    expect(await differing('disk reads').innerText()).toMatch(/4\s+8/);
    expect(await vscode.accessibilityProblems()).toEqual([]);
    for (const theme of THEMES) {
      await vscode.useTheme(theme);
      await vscode.screenshot(`comparing beside ${theme}`);
    }
    await vscode.focusEditor();
    await vscode.press('Alt+F10');
    await vscode.stoppedAt(PARTS_AT);
    await differing('disk reads').waitFor({ state: 'detached' });
    expect(await vscode.variables()).toContain('Under other designs');
    await vscode.stopDebugging();
  });

  it('runs one over a param, sees curves and saves them', async () => {
    await vscode.focusEditor();
    await vscode.command('Memory Scenario: Sweep a Param…');
    const input = vscode.page.locator(selectors.quickInput).first();
    await expect.poll(() => input.inputValue(), { timeout: 15_000 }).toBe('1..4');
    await input.fill('9..1');
    await vscode.page.locator(selectors.quickMessage, { hasText: 'It goes upwards, from 1 to 9.' }).waitFor();
    await vscode.screenshot('comparing range');
    await input.fill('1..9:4');
    await vscode.press('Enter');
    page = await vscode.webview('figure .chart');
    expect(await page.locator('.caption').innerText()).toBe('a clone is read, n = 1 … 9.');
    await vscode.screenshot('comparing sweep');
    expect(await vscode.accessibilityProblems()).toEqual([]);
    await page.locator('.bar button', { hasText: 'Save' }).focus();
    await vscode.press('Enter');
    const name = vscode.page.locator(selectors.quickInput).first();
    await expect.poll(() => name.inputValue(), { timeout: 15_000 }).toMatch(/a-clone-is-read\.svg$/);
    await vscode.screenshot('comparing save');
    await vscode.press('Enter');
    const file = path.join(vscode.folder, 'a-clone-is-read.svg');
    await expect
      .poll(() => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''), { timeout: 15_000 })
      .toMatch(/^<svg [^]*disk reads[^]*<\/svg>\n$/);
  });

  it('ends a long one half-way and sees what there is of it', async () => {
    await vscode.focusEditor();
    await vscode.command('Memory Scenario: Sweep a Param…');
    const input = vscode.page.locator(selectors.quickInput).first();
    await expect.poll(() => input.inputValue(), { timeout: 15_000 }).toBe('1..9:4');
    await input.fill('1..1000');
    await vscode.press('Enter');
    page = await vscode.webview('.progress button');
    await page.locator('.status', { hasText: /[1-9]\d* of 1000 values done/ }).waitFor();
    await page.locator('.progress button', { hasText: 'Cancel' }).click();
    await page.locator('.caption', { hasText: /Cancelled: \d+ of 1000 values\./ }).waitFor();
  });

  it('compares the scenario at the cursor, as it is in the editor, saved or not', async () => {
    await vscode.focusEditor();
    await vscode.open('several.mmscn');
    for (const key of ['Control+End', 'ArrowUp', 'End', 'Backspace', '2']) await vscode.press(key);
    await vscode.page.locator(selectors.editorLine, { hasText: 'expect p.x == 2' }).waitFor();
    await vscode.command('Memory Scenario: Compare Designs');
    page = await vscode.webview('table caption');
    await page.locator('caption', { hasText: 'two' }).waitFor();
    await page.locator('.problems', { hasText: 'does not hold: p.x == 2, left 1, right 2' }).waitFor();
    await vscode.screenshot('comparing unsaved');
  });

  it('is there again after the window was reloaded', async () => {
    await vscode.page.reload();
    page = await vscode.webview('table caption');
    await page.locator('caption', { hasText: 'two' }).waitFor();
  });
});

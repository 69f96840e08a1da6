import * as fs from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { selectors } from './selectors';
import { THEMES, Workbench } from './workbench';

const FIRST = fs.readFileSync('test/host/first.mmscn', 'utf8');

describe.each(['node', 'worker'] as const)('a person with a scenario, the extension in a %s', (host) => {
  let vscode: Workbench;

  beforeAll(async () => {
    vscode = await Workbench.start({ 'first.mmscn': FIRST }, host);
  });
  afterAll(() => vscode.stop());

  beforeEach(async () => {
    await vscode.open('first.mmscn');
    await vscode.press('F5');
    await vscode.stoppedAt(11);
  });
  afterEach(async ({ task }) => {
    await vscode.screenshot(`${host} ${task.name}`);
    await vscode.stopDebugging();
  });

  it('steps over statements and back', async () => {
    await vscode.press('F10');
    await vscode.stoppedAt(12);
    await expect.poll(() => vscode.variables(), { timeout: 10_000 }).toContain('fa =3');
    const before = await vscode.variables();
    await vscode.press('F10');
    await vscode.stoppedAt(13);
    await vscode.press('Alt+F10');
    await vscode.stoppedAt(12);
    await expect.poll(() => vscode.variables(), { timeout: 10_000 }).toEqual(before);
    expect(vscode.extensionHost).toBe(host);
  });

  it('steps into the kernel and out', async () => {
    await vscode.press('F10');
    await vscode.stoppedAt(12);
    await vscode.press('F11');
    await expect
      .poll(() => vscode.callStack(), { timeout: 10_000 })
      .toEqual(expect.arrayContaining([expect.stringContaining('path of read'), expect.stringContaining('first.mmscn')]));
    await vscode.screenshot(`${host} in the kernel`);
    await vscode.press('Shift+F11');
    await vscode.stoppedAt(13);
  });

  it('sees frames in the panel', async () => {
    await vscode.press('F10');
    await vscode.stoppedAt(12);
    await vscode.press('F10');
    await vscode.stoppedAt(13);
    const panel = await vscode.panel('[data-frame]');
    expect(await panel.locator('[data-frame]').count()).toBeGreaterThanOrEqual(4);
    expect(await vscode.accessibilityProblems()).toEqual([]);
    for (const theme of THEMES) {
      await vscode.useTheme(theme);
      await vscode.screenshot(`${host} panel ${theme}`);
    }
  });
});

describe('a person with a wrong expectation', () => {
  let vscode: Workbench;

  beforeAll(async () => {
    vscode = await Workbench.start({ 'wrong.mmscn': FIRST.replace('disk.reads == 8 pages', 'disk.reads == 7 pages') });
    await vscode.open('wrong.mmscn');
  });
  afterAll(() => vscode.stop());

  it('sees where and why it fails', async () => {
    await vscode.press('F5');
    await vscode.stoppedAt(11);
    await vscode.press('F5');
    await vscode.stoppedAt(17);
    const why = vscode.page.locator(selectors.exception);
    await why.waitFor();
    await expect.poll(() => vscode.variables(), { timeout: 10_000 }).toContain('Processes');
    await vscode.screenshot('wrong expectation');
    expect(await why.textContent()).toMatch(/disk\.reads == 7 pages[^]*32768[^]*28672/);
  });
});

describe.each(['node', 'worker'] as const)('a person without a scenario, the extension in a %s', (host) => {
  let vscode: Workbench;

  beforeAll(async () => {
    vscode = await Workbench.start({}, host);
  });
  afterAll(() => vscode.stop());

  it('runs a sample from the palette', async () => {
    await vscode.command('Memory Scenario: Run Sample…');
    const samples = vscode.page.locator(selectors.quickRow, { hasText: '.mmscn' });
    await expect.poll(() => samples.count(), { timeout: 15_000 }).toBeGreaterThanOrEqual(6);
    await vscode.screenshot(`${host} samples`);
    await vscode.press('Enter');
    await vscode.page.locator(selectors.frame).first().waitFor();
    await vscode.page.locator(selectors.currentLine).first().waitFor();
  });
});

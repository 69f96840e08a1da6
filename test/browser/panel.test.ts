import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PanelPage } from './panelPage';
import { answered, sample } from './recording';
import { THEMES, type Theme } from './themes';

const themes = Object.keys(THEMES) as Theme[];

describe('shots', () => {
  it('fork', async () => {
    const panel = await PanelPage.open(answered(sample('fork-and-copy-on-write')));
    for (const position of [1, 2, 5, 10]) {
      await panel.goto(position);
      await panel.screenshot(`fork ${position}`);
    }
    for (const theme of themes) {
      await panel.useTheme(theme);
      await panel.goto(5);
      await panel.screenshot(`fork ${theme}`);
      expect(await panel.accessibilityProblems()).toEqual([]);
    }
    expect(panel.complaints).toEqual([]);
    await panel.close();
  });
  it('reflink', async () => {
    const panel = await PanelPage.open(answered(sample('reflinked-files-are-cached-twice')), { width: 400, height: 1400 });
    await panel.goto(4);
    await panel.screenshot(`reflink narrow`);
    await panel.page.setViewportSize({ width: 520, height: 480 });
    await panel.settled();
    await panel.screenshot(`reflink small`);
    await panel.page.setViewportSize({ width: 800, height: 700 });
    await panel.settled();
    await panel.screenshot(`reflink middle`);
    await panel.page.setViewportSize({ width: 1400, height: 900 });
    await panel.settled();
    await panel.screenshot(`reflink wide`);
    await panel.close();
  });
  it('huge', async () => {
    const panel = await PanelPage.open(answered(sample('page-tables-outgrow-the-region')));
    await panel.goto(4504);
    await panel.screenshot(`huge`);
    await panel.close();
  });
});

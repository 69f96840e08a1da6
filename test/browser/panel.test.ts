import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as forkCow from './fixtures/forkCow';
import * as reflink from './fixtures/reflink';
import { show, type ToyMachine, type ToyStep } from './fixtures/toy';
import { PanelPage, type Recording } from './panelPage';
import { THEMES, type Theme } from './themes';

function recording({ title, start, steps }: { title: string; start: ToyMachine; steps: readonly ToyStep[] }): Recording {
  return { steps: steps.length, state: (position, want) => show(title, start, steps, position, want.frame) };
}

const themes = Object.keys(THEMES) as Theme[];

describe('the panel on a recorded fork', () => {
  let panel: PanelPage;
  beforeAll(async () => {
    panel = await PanelPage.open(recording(forkCow));
    await panel.goto(3);
  });
  afterAll(() => panel.close());

  it('shots', async () => {
    for (const position of [0, 2, 3, 4, 6]) {
      await panel.goto(position);
      await panel.screenshot(`fork ${position}`);
    }
    for (const theme of themes) {
      await panel.useTheme(theme);
      await panel.goto(4);
      await panel.screenshot(`fork ${theme}`);
      expect(await panel.accessibilityProblems()).toEqual([]);
    }
    expect(panel.complaints).toEqual([]);
  });
});

describe('reflink', () => {
  it('narrow', async () => {
    const panel = await PanelPage.open(recording(reflink), { width: 400, height: 1400 });
    await panel.goto(4);
    await panel.screenshot(`reflink narrow`);
    await panel.page.setViewportSize({ width: 800, height: 900 });
    await panel.settled();
    await panel.screenshot(`reflink middle`);
    await panel.close();
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../runtime/running';
import { PanelPage } from './panelPage';
import { answered } from './recording';
import type { Theme } from './themes';

const REGION = `
scenario "three processes and a region" {
  machine { memory = 1M }
  mount msharefs at "/sys/fs/mshare"
  process p, q, r
  p: fd = open("/sys/fs/mshare/db", O_RDWR | O_CREAT, 0600)
  p: m = mmap(0x10000000000, 512G, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0)
  p: store(m, "A" * 4 pages)
  q: fd = open("/sys/fs/mshare/db", O_RDWR)
  q: m = mmap(p.m, 512G, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0)
  q: load(m, 1)
  q: mprotect(m, 2 pages, PROT_READ)
}`;
const LINKED = 6;
const PROTECTED = 7;

describe('the panel on a region whose page tables are shared', () => {
  let panel: PanelPage;
  beforeAll(async () => {
    panel = await PanelPage.open(answered(start(REGION)), { height: 1100 });
  });
  afterAll(() => panel.close());

  it('has the host among the address spaces, with those who map it', async () => {
    await panel.goto(LINKED);
    const heads = await panel.texts('.processes .head.level-1 .title');
    expect(heads).toEqual(['p', 'q', 'r', 'host of /sys/fs/mshare/db']);
    expect(await panel.text('.processes .head.level-1:has(.title:text-is("host of /sys/fs/mshare/db")) .detail')).toContain(
      'no task; mapped by p, q',
    );
  });

  it('says whose step changed what all of them see', async () => {
    await panel.goto(PROTECTED);
    expect(await panel.text('.processes .head.level-1:has(.title:text-is("host of /sys/fs/mshare/db")) .detail')).toContain(
      "q's step changed what all 2 see",
    );
    expect(await panel.accessibilityProblems()).toEqual([]);
    expect(panel.complaints).toEqual([]);
  });

  it.each<Theme>(['dark', 'light', 'high contrast'])('can be read: %s', async (theme) => {
    await panel.useTheme(theme);
    await panel.screenshot(`region ${theme}`);
    expect(await panel.accessibilityProblems()).toEqual([]);
  });
});

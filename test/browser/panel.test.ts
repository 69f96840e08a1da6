import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FIRST_CHOICE, wantOf } from '../../webview/model/want';
import { start } from '../runtime/running';
import { PanelPage } from './panelPage';
import { answered, recorded, sample } from './recording';
import { THEMES, type Theme } from './themes';

const FORK = `
scenario "fork and copy on write" {
  machine { memory = 64M }
  process p
  p: a = mmap(NULL, 6 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  p: store(a, "A" * 4 pages)
  p: fork() as child
  child: store(a, "Q")
  p: store(a, "P")
  child: exit(0)
  p: munmap(a, 6 pages)
}`;

const fork = () => answered(start(FORK));
const BEFORE_FORK = 2;
const FORKED = 3;
const COPIED = 4;
const EXITED = 6;

describe('the panel on a fork', () => {
  let panel: PanelPage;
  beforeAll(async () => {
    panel = await PanelPage.open(fork());
  });
  beforeEach(async () => {
    await panel.page.keyboard.press('Escape');
    await panel.goto(FORKED);
  });
  afterEach(() => expect(panel.complaints).toEqual([]));
  afterAll(() => panel.close());

  it('shows sharing first: one frame, as many edges as its map count says', async () => {
    expect(await panel.text('.detail .counts')).toBe('mapcount = 2 (was 1), refcount = 2 (was 1)');
    expect(await panel.texts('.detail .holders li button')).toEqual(['p 0x7ffff7ff9000 P-ADS-----', 'child 0x7ffff7ff9000 P--DS-----']);
    expect(await panel.page.locator('.edges path.pte').count()).toBe(2);
    expect(await panel.page.locator('.frames .related').count()).toBe(1);
    expect(await panel.page.locator('.processes .related').count()).toBe(2);
  });

  it('shows what points at the frame under the pointer', async () => {
    await panel.page.hover('.frames [data-frame="3"]');
    await panel.page.locator('.detail h2', { hasText: 'Frame 3' }).waitFor();
    expect(await panel.texts('.detail .holders li button')).toEqual(['p 0x7ffff7ffb000 P-ADS-----', 'child 0x7ffff7ffb000 P--DS-----']);
    expect(await panel.page.locator('.processes .related .main').allTextContents()).toEqual(['3', '3']);
    await panel.page.mouse.move(5, 5);
    await panel.page.locator('.detail h2', { hasText: 'Frame 1' }).waitFor();
  });

  it('keeps a frame that was clicked, from step to step, until Escape', async () => {
    await panel.page.click('.frames [data-frame="2"]');
    await panel.page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await panel.page.mouse.move(5, 5);
    await panel.goto(COPIED);
    expect(await panel.text('.detail h2')).toBe('Frame 2: anonymous "AAAA"');
    await panel.page.keyboard.press('Escape');
    await panel.page.locator('.detail h2', { hasText: 'Frame 5' }).waitFor();
  });

  it('marks what the step changed, the value before in place', async () => {
    expect(await panel.text('.frames [data-frame="1"] .sub')).toBe('×1→2 refcount 1→2 anon-exclusive 1→0');
    const pte = panel.page.locator('.processes [data-at="34359705593"]').first();
    expect(await pte.getAttribute('class')).toContain('mark-M');
    expect(await pte.locator('.sub').textContent()).toBe('W 1→0 X 1→0');
    await panel.goto(COPIED);
    const copied = panel.page.locator('.processes [data-at="34359705593"]').nth(1);
    expect([await copied.locator('.main').textContent(), await copied.locator('.sub').textContent()]).toEqual(['5', '1→5 +W +A +X']);
  });

  it('shows what has just gone as ghosts, and not any more after the next step', async () => {
    await panel.goto(EXITED);
    expect(await panel.page.locator('.processes .head.ghost .title').allTextContents()).toContain('child');
    expect(await panel.page.locator('.frames .cell.ghost').count()).toBeGreaterThan(0);
    await panel.goto(EXITED + 1);
    expect(await panel.page.locator('.processes .head.ghost .title').allTextContents()).not.toContain('child');
    expect(await panel.page.locator('.processes .head.ghost .detail').allTextContents()).toEqual(['rw-p [anon]']);
  });

  it('goes back to exactly what was there', async () => {
    const text = () => panel.page.locator('.board').innerText();
    const before = await text();
    await panel.goto(EXITED);
    expect(await text()).not.toBe(before);
    await panel.goto(FORKED);
    expect(await text()).toBe(before);
  });

  it('says what a step did', async () => {
    await panel.goto(COPIED);
    expect(await panel.text('[aria-live=polite]')).toMatch(
      /^Step 4 of 7, before line 9\. child: store\(a, "Q"\)\. line 8 did: .*wp_page_copy\)\. 3 changes: child, PTE 0x7ffff7ff9000: frame 1→5/,
    );
  });

  it('has a text view of everything', async () => {
    await panel.page.locator('vscode-checkbox', { hasText: 'As text' }).click();
    await panel.page.locator('.text-view h3', { hasText: 'Physical frames' }).waitFor();
    const text = await panel.page.locator('.text-view').innerText();
    expect(text).toContain('0x7ffff7ff9000, frame 1, anonymous, mapcount 2, present, accessed, dirty, soft-dirty; changed: W 1→0, X 1→0');
    expect(await panel.page.locator('.board').isVisible()).toBe(false);
    expect(await panel.accessibilityProblems()).toEqual([]);
    await panel.page.locator('vscode-checkbox', { hasText: 'As text' }).click();
    await panel.page.locator('.board').waitFor();
  });

  it.each(Object.keys(THEMES) as Theme[])('is legible and accessible in %s', async (theme) => {
    await panel.useTheme(theme);
    await panel.goto(COPIED);
    await panel.page.locator('.legend summary').click();
    await panel.screenshot(`fork ${theme}`);
    expect(await panel.accessibilityProblems()).toEqual([]);
    await panel.page.locator('.legend summary').click();
  });

  it('shows what it has when a message is none', async () => {
    await panel.send({ kind: 'state', id: 1, state: { summary: 7 } });
    await panel.page.locator('[role=alert]', { hasText: 'message.state.summary: expected an object, got number 7' }).waitFor();
    expect(panel.received.at(-1)).toEqual({ kind: 'problem', message: 'message.state.summary: expected an object, got number 7' });
    await panel.goto(FORKED);
    expect(await panel.page.locator('[role=alert]').isVisible()).toBe(false);
  });
});

describe('by keyboard', () => {
  let panel: PanelPage;
  beforeAll(async () => {
    panel = await PanelPage.open(fork());
  });
  afterAll(() => panel.close());
  beforeEach(() => panel.goto(FORKED));
  const focused = () =>
    panel.page.evaluate(() => document.activeElement?.querySelector('.words')?.textContent ?? document.activeElement?.textContent ?? '');

  it('one tab stop a grid, and arrows inside of it', async () => {
    expect(await panel.page.locator('.frames [role=gridcell][tabindex="0"]').count()).toBe(1);
    await panel.page.locator('.frames [role=gridcell][tabindex="0"]').focus();
    await panel.press('Home', 'Control+Home');
    expect(await focused()).toMatch(/^frame 0, zero page/);
    await panel.press('ArrowRight', 'ArrowRight');
    expect(await focused()).toMatch(/^frame 2, anonymous/);
    await panel.press('ArrowDown');
    expect(await focused()).toMatch(/free frames/);
    await panel.press('Control+End');
    expect(await focused()).toMatch(/^frame 16384, page table, p/);
    await panel.press('ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp');
    expect(await focused()).toMatch(/^frame 0|^frame \d, anonymous/);
  });

  it('the focus shows who points at a frame, Enter keeps it, and the list leads there', async () => {
    await panel.page.locator('.frames [data-frame="2"]').focus();
    await panel.page.locator('.detail h2', { hasText: 'Frame 2' }).waitFor();
    await panel.press('Enter');
    await panel.page.locator('.detail .holders button', { hasText: 'child' }).focus();
    await panel.press('Enter');
    expect(await focused()).toMatch(/^0x7ffff7ffa000, frame 2/);
    await panel.press('Escape');
  });

  it('Enter lays a run out and folds it again, rows that are far away included', async () => {
    const run = panel.page.locator('.frames .line.run [role=gridcell]').first();
    await run.focus();
    await panel.press('Enter');
    await panel.press('ArrowDown', 'PageDown', 'PageDown');
    expect(await focused()).toMatch(/^frame \d+, free/);
    await panel.press('Control+Home', 'ArrowDown');
    while (!/free frames/.test(await focused())) await panel.press('ArrowDown');
    await panel.press('Enter');
    await panel.page.locator('.frames [data-frame="16380"]').waitFor();
  });

  it('Enter folds a process and opens it again', async () => {
    await panel.page.locator('.processes .head.level-1').first().focus();
    await panel.press('Enter');
    await panel.settled();
    expect(await panel.page.locator('.processes .head.level-2').count()).toBe(1);
    await panel.press('Enter');
    await panel.settled();
    expect(await panel.page.locator('.processes .head.level-2').count()).toBe(2);
  });

  it('the timeline moves by steps, pages and to its ends', async () => {
    const slider = panel.page.locator('[role=slider]');
    await slider.focus();
    const now = async () => Number(await slider.getAttribute('aria-valuenow'));
    const moved = async (key: string) => {
      await panel.press(key);
      await panel.settled();
      return now();
    };
    expect([await moved('ArrowLeft'), await moved('ArrowRight'), await moved('End'), await moved('PageDown'), await moved('Home')]).toEqual(
      [2, 3, 7, 6, 0],
    );
    expect(await slider.getAttribute('aria-valuetext')).toBe('after step 0 of 7, before line 5');
  });

  it('the field finds frames, addresses and processes, and says what it cannot find', async () => {
    const find = async (text: string) => {
      const field = panel.page.locator('vscode-text-field input');
      await field.fill(text);
      await field.press('Enter');
      return focused();
    };
    expect(await find('16384')).toMatch(/^frame 16384/);
    expect(await find('0x7ffff7ffa000')).toMatch(/^0x7ffff7ffa000/);
    expect(await find('child')).toMatch(/child/);
    await find('nobody');
    expect(await panel.page.locator('vscode-text-field').getAttribute('title')).toBe('Nothing here is called nobody');
  });
});

describe('by pointer', () => {
  it('the timeline can be dragged; the run follows', async () => {
    const panel = await PanelPage.open(fork());
    const box = (await panel.page.locator('[role=slider]').boundingBox())!;
    const at = (part: number) => [box.x + box.width * part, box.y + box.height / 2] as const;
    await panel.page.mouse.move(...at(0));
    await panel.page.mouse.down();
    await panel.page.mouse.move(...at(0.5), { steps: 5 });
    await panel.page.mouse.move(...at(1), { steps: 5 });
    await panel.page.mouse.up();
    await panel.settled();
    expect(await panel.page.locator('[role=slider]').getAttribute('aria-valuenow')).toBe('7');
    await panel.page.locator('.tick[data-step="3"]').click();
    await panel.settled();
    expect(await panel.page.locator('[role=slider]').getAttribute('aria-valuenow')).toBe('3');
    await panel.page.locator('vscode-button', { hasText: 'Back' }).click();
    await panel.settled();
    expect(await panel.page.locator('[role=slider]').getAttribute('aria-valuenow')).toBe('2');
    expect(panel.received).toContainEqual({ kind: 'do', action: 'stepBack' });
    await panel.close();
  });
});

describe('a machine of two terabytes', () => {
  let panel: PanelPage;
  beforeAll(async () => {
    const run = start(`scenario "huge" {
      machine { memory = 2T }
      mount tmpfs at "/dev/shm"
      file "/dev/shm/region" { size = 300G }
      process db[150]
      db[*] {
        fd = open("/dev/shm/region", O_RDWR)
        m = mmap(NULL, 300G, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
      }
      db[*]: touch(m, 300G, PROT_READ | PROT_WRITE)
    }`);
    const recording = answered(run);
    panel = await PanelPage.open(recording);
    await panel.goto(recording.steps);
  });
  afterAll(() => panel.close());

  it('shows runs, and nothing is cut without a number', async () => {
    await panel.screenshot('huge');
    expect(await panel.text('.frames .line.run .flags')).toBe('78,643,200 frames: shmem of /dev/shm/region ×150');
    expect(await panel.texts('.detail.own button.more')).toEqual(['121 more']);
    await panel.page
      .locator('.processes .grid')
      .first()
      .evaluate((grid) => grid.scrollTo(0, 1e9));
    await panel.settled();
    await panel.page.locator('.processes [role=gridcell].more', { hasText: '50 more processes: show' }).click();
    await panel.settled();
    await panel.page
      .locator('.processes .grid')
      .first()
      .evaluate((grid) => grid.scrollTo(0, 1e9));
    await panel.settled();
    expect(await panel.page.locator('.processes .head .title').allTextContents()).toContain('db[149]');
  });

  it('scrolls through millions of lines, and to any frame', async () => {
    await panel.page.locator('.frames .line.run [role=gridcell]').first().click();
    await panel.settled();
    const field = panel.page.locator('vscode-text-field input');
    await field.fill('70000001');
    await field.press('Enter');
    await panel.settled();
    expect(await panel.page.evaluate(() => document.activeElement?.getAttribute('data-frame'))).toBe('70000001');
    expect(await panel.page.locator('.frames .line').count()).toBeLessThan(60);
    await panel.page.keyboard.press('ArrowRight');
    expect(await panel.page.evaluate(() => document.activeElement?.getAttribute('data-frame'))).toBe('70000002');
    await panel.page.keyboard.press('Control+End');
    await panel.settled();
    expect(await panel.page.evaluate(() => document.activeElement?.textContent)).toContain('frames: page table');
  });
});

describe('a page with recorded messages', () => {
  it('steps without a machine behind it', async () => {
    const panel = await PanelPage.open(recorded(answered(sample('reflinked-files-are-cached-twice')), wantOf(FIRST_CHOICE, [], null)));
    const sums: string[] = [];
    for (const position of [1, 2, 4]) {
      await panel.goto(position);
      sums.push(await panel.page.locator('.sum', { hasText: 'memory.cached' }).locator('.value').innerText());
    }
    expect(sums).toEqual(['0 kB', '16 kB', '32 kB']);
    expect(await panel.text('.detail .twins')).toMatch(/^the same bytes again: frames 1, 2, 3, 4/);
    await panel.close();
  });

  it.each([
    [400, 900],
    [520, 480],
    [800, 700],
    [1400, 900],
  ])('fits into %i × %i', async (width, height) => {
    const panel = await PanelPage.open(answered(sample('reflinked-files-are-cached-twice')), { width, height });
    await panel.goto(4);
    await panel.screenshot(`reflink ${width} ${height}`);
    expect(await panel.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await panel.accessibilityProblems()).toEqual([]);
    await panel.close();
  });
});

describe('a panel that is hidden', () => {
  it('keeps what was chosen and shows everything again from one message', async () => {
    const panel = await PanelPage.open(fork());
    await panel.goto(FORKED);
    await panel.page.locator('.processes .head.level-1').first().click();
    await panel.page.locator('vscode-checkbox', { hasText: 'Edges' }).click();
    await panel.settled();
    await panel.reload();
    expect(await panel.page.locator('.processes .head.level-2').count()).toBe(1);
    expect(await panel.page.locator('.edges path').count()).toBe(0);
    expect(await panel.page.locator('[role=slider]').getAttribute('aria-valuenow')).toBe('3');
    await panel.close();
  });

  it('says that there is no session, and not that a question was cut off by its end, and offers to start one', async () => {
    const panel = await PanelPage.open(fork());
    await panel.goto(BEFORE_FORK);
    await panel.send({ kind: 'failed', id: null, message: 'canceled' });
    await panel.page.locator('[role=alert]', { hasText: 'canceled' }).waitFor();
    await panel.send({ kind: 'ended' });
    await panel.page.locator('[role=alert]').waitFor({ state: 'hidden' });
    await panel.page.locator('vscode-button', { hasText: 'Start debugging' }).click();
    await panel.settled();
    expect(panel.received).toContainEqual({ kind: 'do', action: 'start' });
    await panel.close();
  });
});

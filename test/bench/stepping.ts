import * as fs from 'node:fs';
import * as path from 'node:path';
import { selectors } from '../browser/selectors';
import { Workbench } from '../browser/workbench';
import { packaged } from './packaged';
import { print, type Row } from './table';

/** In each round every subject gets a session of its own, with this many steps over and as many back. */
const ROUNDS = 3;
const STEPS = 15;

const BUTTONS = { 'Step Over': selectors.stepOver, 'Step Back': selectors.stepBack } as const;
type Button = keyof typeof BUTTONS;

/** What is stepped: a file, and the line at which to begin. */
interface Subject {
  readonly what: string;
  readonly file: string;
  readonly line: number;
}

const NOTHING: Subject = { what: 'an extension that only answers stopped', file: 'floor.nothing', line: 1 };
const OURS = [10, 10_000].map((history): Subject & { history: number } => ({
  what: `${history.toLocaleString('en')} steps of history`,
  file: `steps-${history}.mmscn`,
  line: 8,
  history,
}));

/** `history` steps that touch memory, then the lines to step through: a process that reads and writes pages, from line 8 on. */
function scenario(history: number): string {
  const body = Array.from(
    { length: STEPS + 2 },
    (_, i) => `  p: ${i % 2 ? `x = load(a + ${i} pages, 8)` : `store(a + ${i} pages, "step")`}`,
  );
  return `scenario "steps" {
  process p
  p: a = mmap(NULL, 64 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  repeat ${history / 2} {
    p: store(a, "before")
    p: x = load(a + 40 pages, 8)
  }
${body.join('\n')}
}
`;
}

/** Step Over and Step Back in the embedded VS Code, from the click on the button to the highlighted line, ours and nothing's by turns. */
export async function stepping(): Promise<void> {
  const missing = whatIsMissing();
  if (missing) return console.log(`\n!!!! NOT MEASURED HERE: stepping in VS Code: ${missing}`);
  const files = Object.fromEntries(OURS.map(({ file, history }) => [file, scenario(history)]));
  const vsixes = [packaged('.'), packaged('dist-test/bench/nothing')];
  const vscode = await Workbench.start({ ...files, [NOTHING.file]: 'nothing\n'.repeat(STEPS + 2) }, 'node', vsixes);
  const times = new Map([NOTHING, ...OURS].map((subject) => [subject, { 'Step Over': [] as number[], 'Step Back': [] as number[] }]));
  try {
    for (const subject of OURS) await breakpoint(vscode, subject);
    for (let round = 0; round < ROUNDS; round++)
      for (const [subject, taken] of times) {
        await begin(vscode, subject);
        for (const button of Object.keys(BUTTONS) as Button[]) taken[button].push(...(await clicks(vscode, button)));
        await vscode.stoppedAt(subject.line);
        await vscode.stopDebugging();
      }
  } catch (error) {
    await vscode.screenshot('bench stepping');
    throw error;
  } finally {
    await vscode.stop();
  }
  const title = `VS Code, click to highlighted line, ${ROUNDS * STEPS} clicks each (aim: at most 10 ms more than nothing)`;
  const floor = times.get(NOTHING)!;
  const rows = (Object.keys(BUTTONS) as Button[]).flatMap((button) =>
    [...times].map(([subject, taken]) => row(button, subject.what, taken[button], subject === NOTHING ? undefined : floor[button])),
  );
  print(title, rows);
}

/** Undefined where the embedded VS Code and a Chromium are there. */
function whatIsMissing(): string | undefined {
  const host = process.env.VSCODE_HOST_DIR ?? '.vscode-host';
  if (!fs.existsSync(path.join(host, '.complete'))) return `no embedded VS Code in ${host} (npm test installs it)`;
  const chromium = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  return fs.existsSync(chromium) ? undefined : `no Chromium at ${chromium} (set CHROMIUM_PATH)`;
}

/** A new session, stopped at the subject's line, its panel open as it opens by itself. */
async function begin(vscode: Workbench, { file, line }: Subject): Promise<void> {
  await vscode.command('View: Close All Editors');
  await vscode.open(file);
  await vscode.press('F5');
  if (line > 1) {
    await vscode.stoppedAt(3);
    await vscode.press('F5');
    await vscode.panel('[data-frame]');
  }
  await vscode.stoppedAt(line);
  await vscode.page.locator(selectors.currentLine).first().waitFor();
}

async function breakpoint(vscode: Workbench, { file, line }: Subject): Promise<void> {
  await vscode.open(file);
  await vscode.press('Control+G');
  await vscode.page.keyboard.type(String(line));
  await vscode.press('Enter');
  await vscode.press('F9');
}

/** Clicks a button as often as there are steps; milliseconds until each time another line is highlighted, within the page's own clock. */
function clicks(vscode: Workbench, button: Button): Promise<number[]> {
  return vscode.page.evaluate(measure, { button: BUTTONS[button], highlight: selectors.currentLine, count: STEPS });
}

/** Runs in the page. */
async function measure({ button, highlight, count }: { button: string; highlight: string; count: number }): Promise<number[]> {
  const rest = (ms: number) => new Promise((done) => setTimeout(done, ms));
  const place = () => document.querySelector(highlight)?.parentElement?.offsetTop;
  const ready = () => place() !== undefined && document.querySelector(button)?.classList.contains('disabled') === false;
  const taken: number[] = [];
  for (let i = 0; i < count; i++) {
    // As a person does: look first, then click again. A click on a button that is still disabled would be lost.
    do await rest(200);
    while (!ready());
    const from = place();
    await new Promise<void>((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`click ${i}: no other line highlighted`)), 20_000);
      const start = performance.now();
      const observer = new MutationObserver(() => {
        const to = place();
        if (to === undefined || to === from) return;
        taken.push(performance.now() - start);
        clearTimeout(timer);
        observer.disconnect();
        done();
      });
      observer.observe(document.body, { subtree: true, childList: true, attributes: true });
      document.querySelector<HTMLElement>(button)!.click();
    });
  }
  return taken;
}

function row(button: Button, what: string, taken: readonly number[], floor: readonly number[] | undefined): Row {
  const [p50, p95] = [percentile(taken, 50), percentile(taken, 95)];
  const figure = `min ${Math.min(...taken).toFixed(1)}, p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)} ms`;
  if (!floor) return { what: `${button}, ${what}`, figure };
  const than = (value: number, percent: number): string => {
    const beside = percentile(floor, percent);
    return `p${percent} ${value < beside ? '' : '+'}${(value - beside).toFixed(1)} ms (×${(value / beside).toFixed(2)})`;
  };
  return { what: `${button}, ${what}`, figure, beside: `than nothing: ${than(p50, 50)}, ${than(p95, 95)}` };
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1]!;
}

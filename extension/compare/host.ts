import * as vscode from 'vscode';
import { loadProgram } from '../../language/analysis/program';
import { type Program, scenarios } from '../../language/runtime/program';
import type { Scenario } from '../../language/syntax/ast';
import { checkFromComparison, type FromComparison, type ToComparison } from '../../webview/protocol/comparison';
import { textOf, uriOf } from '../documents';
import type { Subject } from '../subject';
import { chooseDesigns } from './choose';
import type { Memory } from './memory';
import { ComparisonPage } from './page';
import { paramsOf } from './params';
import { chooseRange } from './ranges';
import { type Asked, type GoOn, runComparison, runSweep } from './run';
import { save, type Shown } from './save';
import { showLine } from './showLine';
import { comparisonState } from './state';
import { sweepState } from './sweepState';

/** Compares designs and shows what comes out on a page beside the editor; what was chosen is remembered. */
export class ComparisonHost implements vscode.Disposable {
  private readonly page: ComparisonPage;
  private subject: Subject | undefined;
  /** What the page shows is made of, and how it is made again. */
  private shown: Shown | undefined;
  private again: () => Promise<void> = () => Promise.resolve();
  private round = 0;

  constructor(
    folder: vscode.Uri,
    private readonly memory: Memory,
  ) {
    this.page = new ComparisonPage(
      folder,
      (message) => this.receive(message),
      () => this.round++,
    );
  }

  /** Runs the scenario under the designs that were last chosen for it. */
  async compare(subject: Subject): Promise<void> {
    this.begin(subject, () => this.compare(subject));
    await this.work(async (goOn) => {
      const found = await runComparison(this.asked(subject), goOn);
      if (!found) return undefined;
      return {
        shown: { comparison: found.comparison },
        message: { kind: 'comparison', state: comparisonState(found.comparison, found.sweepable) },
      };
    });
  }

  /** Lets designs be chosen, then compares. */
  async choose(subject: Subject): Promise<void> {
    const found = await this.loaded(subject);
    if (!found) return;
    const designs = await chooseDesigns(found.program, this.memory.of(subject.program, subject.scenario).designs);
    if (!designs) return;
    await this.memory.keep(subject.program, subject.scenario, { designs });
    await this.compare(subject);
  }

  /** Lets a param and its values be chosen, then runs the scenario for each of them. */
  async sweep(subject: Subject): Promise<void> {
    const found = await this.loaded(subject);
    if (!found) return;
    const params = paramsOf(found.program, found.node);
    if (params.length === 0)
      return void vscode.window.showErrorMessage(
        `"${subject.scenario}" has no param to go through values of: declare one, as in param n = 10.`,
      );
    const range = await chooseRange(params, this.memory.of(subject.program, subject.scenario).range);
    if (range === undefined) return;
    await this.memory.keep(subject.program, subject.scenario, { range });
    await this.sweepOver(subject, range);
  }

  /** Saves what the page shows. */
  async save(): Promise<void> {
    if (this.shown) await save(this.shown);
    else void vscode.window.showErrorMessage('There is no comparison to save: compare designs first.');
  }

  /** A page that VS Code has kept over a reload of the window. */
  async adopt(panel: vscode.WebviewPanel): Promise<void> {
    this.page.adopt(panel);
    const last = this.memory.last;
    if (last) await this.compare(last);
  }

  dispose(): void {
    this.page.dispose();
  }

  private async sweepOver(subject: Subject, range: string): Promise<void> {
    this.begin(subject, () => this.sweepOver(subject, range));
    const title = `${subject.scenario}, ${range}`;
    const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title };
    await vscode.window.withProgress(options, async (progress, token) => {
      await this.work(async (goOn) => {
        const told = (at: string) => {
          progress.report({ message: at });
          return goOn(at) && !token.isCancellationRequested;
        };
        const { sweep, total } = await runSweep(this.asked(subject), range, told);
        if (sweep.points.length === 0) return undefined;
        return { shown: { sweep }, message: { kind: 'sweep', state: sweepState(sweep, total) } };
      });
    });
  }

  private begin(subject: Subject, again: () => Promise<void>): void {
    this.subject = subject;
    this.again = again;
    this.page.show();
  }

  private asked(subject: Subject): Asked {
    const { designs } = this.memory.of(subject.program, subject.scenario);
    return { ...subject, ...(designs && { designs }) };
  }

  /** Long work, told of on the page. Another question gives it up; so does Cancel, which keeps what was shown or what there is of it. */
  private async work(run: (goOn: GoOn) => Promise<{ shown: Shown; message: ToComparison } | undefined>): Promise<void> {
    const round = ++this.round;
    const isLast = () => round === this.round;
    let cancelled = false;
    this.cancel = () => (cancelled = true);
    const goOn = (at: string) => {
      if (isLast()) this.page.tell({ kind: 'running', message: at });
      return isLast() && !cancelled;
    };
    try {
      const found = await run(goOn);
      if (!isLast()) return;
      if (!found) return this.page.tell({ kind: 'cancelled', message: 'Cancelled.' });
      this.shown = found.shown;
      this.page.keep(found.message);
      if (this.subject) await this.memory.keepLast(this.subject);
    } catch (error) {
      if (isLast()) this.page.tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  }

  private cancel: () => void = () => undefined;

  /** Everything that the page says comes in here, whatever it is. */
  private receive(data: unknown): void {
    try {
      const message = checkFromComparison(data, 'message');
      void this.answer(message);
    } catch (error) {
      console.error(`mmscn comparison: ${String(error)}`);
    }
  }

  private async answer(message: FromComparison): Promise<void> {
    switch (message.kind) {
      case 'ready':
        return this.page.greet();
      case 'again':
        return this.again();
      case 'cancel':
        return this.cancel();
      case 'line':
        return void (await showLine(message.file, message.line, true));
      case 'problem':
        return console.warn(`mmscn comparison: ${message.message}`);
      case 'save':
        return this.save();
      case 'choose':
        return this.subject && this.choose(this.subject);
      case 'sweep':
        return this.subject && this.sweep(this.subject);
      case 'against':
        return this.subject && this.against(this.subject, message.design);
      case 'debug':
        return this.subject && this.debug(this.subject, message.design, message.beside, message.statement);
    }
  }

  private async against(subject: Subject, design: string): Promise<void> {
    if (!this.shown || !('comparison' in this.shown)) return;
    const others = this.shown.comparison.designs.map((each) => each.design).filter((name) => name !== design);
    await this.memory.keep(subject.program, subject.scenario, { designs: [design, ...others] });
    await this.compare(subject);
  }

  /** The editor takes the focus first: the memory panel opens beside what has it. */
  private async debug({ program, scenario }: Subject, design: string, beside: string, statement: number): Promise<void> {
    await vscode.window.showTextDocument(uriOf(program), { viewColumn: vscode.ViewColumn.One });
    const name = `${scenario} under ${design}`;
    const launch = { type: 'mmscn', request: 'launch', name, program, scenario, design, compare: [beside], statement };
    await vscode.debug.startDebugging(undefined, launch);
  }

  /** The file and the scenario in it; says so where there are none. */
  private async loaded({ program: uri, scenario }: Subject): Promise<{ program: Program; node: Scenario } | undefined> {
    try {
      const { program } = await loadProgram(uri, (name) => textOf(uriOf(name)));
      const node = scenarios(program).find((each) => each.node.title.value === scenario)?.node;
      if (node) return { program, node };
      void vscode.window.showErrorMessage(`The file has no scenario "${scenario}" any more.`);
    } catch (error) {
      void vscode.window.showErrorMessage(`${uri} can't be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    return undefined;
  }
}

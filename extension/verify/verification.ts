import * as vscode from 'vscode';
import { grouped } from '../../language/export/compare';
import { type Verified, verifyTrace } from '../../language/export/verify';
import type * as Live from '../cli/live/live';
import { VerifyReport } from '../cli/live/report';
import { uriOf } from '../documents';
import type { Subject } from '../subject';
import { traced } from './traced';

/** Whether the extension runs where programs can be started: not in a browser. */
export const CAN_VERIFY = typeof process === 'object' && typeof process.versions?.node === 'string';

/** What became of a scenario: steps that were compared, and what differs; or why not. */
export interface Answer {
  readonly steps: number;
  readonly differences: number;
  readonly refused?: string | undefined;
  readonly problem?: string | undefined;
}

/** Asks this kernel, and shows what it does otherwise: as diagnostics at the lines, and as a report. */
export class Verification implements vscode.Disposable {
  private readonly found = vscode.languages.createDiagnosticCollection('mmscn.verify');
  private readonly report = vscode.window.createOutputChannel('Memory Scenario: Verify');
  private busy = false;

  /** `live`: the part that runs programs, which only a host with Node can load. */
  constructor(private readonly live: vscode.Uri) {}

  /** Does the steps of a scenario on this kernel; gives what became of it, for whoever ran the command. */
  async verify(subject: Subject): Promise<Answer> {
    const nothing = { steps: 0, differences: 0 };
    const refused = this.refusal();
    if (refused !== undefined) {
      void vscode.window.showErrorMessage(`"${subject.scenario}" is not verified: ${refused}.`);
      return { ...nothing, refused };
    }
    this.busy = true;
    try {
      const verified = await this.run(subject);
      void this.show(subject, verified);
      return { steps: verified.steps.length, differences: verified.differences, refused: verified.refused, problem: verified.problem };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      void vscode.window.showErrorMessage(`"${subject.scenario}" is not verified: ${message}`);
      return { ...nothing, problem: message };
    } finally {
      this.busy = false;
    }
  }

  /** The text differs from the one that was verified. */
  forget(uri: vscode.Uri): void {
    this.found.delete(uri);
  }

  dispose(): void {
    this.found.dispose();
    this.report.dispose();
  }

  private refusal(): string | undefined {
    if (!vscode.workspace.isTrusted) return 'nothing is executed in a workspace that is not trusted';
    if (!CAN_VERIFY) return 'the extension runs in a browser, which has no kernel of its own to ask';
    return this.busy ? 'another scenario is being verified' : undefined;
  }

  private async run({ program, scenario }: Subject): Promise<Verified> {
    const loaded = (await import(this.live.toString(true))) as { default: typeof Live };
    const { thisKernel, hostOptions } = loaded.default;
    const trace = await traced(program, scenario, hostOptions());
    const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title: `Verifying "${scenario}" on this kernel` };
    return vscode.window.withProgress(options, (_progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      return verifyTrace(trace, { file: vscode.workspace.asRelativePath(uriOf(program)), scenario }, thisKernel, stop.signal);
    });
  }

  private async show({ scenario }: Subject, verified: Verified): Promise<void> {
    this.report.clear();
    const report = new VerifyReport({ write: (text) => this.report.append(text), colour: false }, false, true);
    report.scenario(verified);
    report.total();
    await this.mark(verified);
    const { ask, what } = verdict(verified);
    if ((await ask(`"${scenario}" ${what}.`, 'Show Report')) === 'Show Report') this.report.show(true);
  }

  private async mark({ steps }: Verified): Promise<void> {
    this.found.clear();
    for (const { step, index, differences } of steps) {
      if (differences.length === 0) continue;
      const { uri, line } = step;
      const message = [`This kernel does otherwise (step ${index}):`, ...grouped(differences)].join('\n');
      const document = await vscode.workspace.openTextDocument(uriOf(uri));
      this.found.set(document.uri, [...(this.found.get(document.uri) ?? []), diagnostic(document, line, message)]);
    }
  }
}

type Ask = (message: string, ...items: string[]) => Thenable<string | undefined>;

function verdict({ refused, problem, differences, stopped, steps }: Verified): { ask: Ask; what: string } {
  const { showErrorMessage, showWarningMessage, showInformationMessage } = vscode.window;
  if (refused !== undefined) return { ask: showErrorMessage, what: `is not verified: ${refused}` };
  if (problem !== undefined) return { ask: showErrorMessage, what: `broke off on this kernel: ${problem}` };
  const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
  const until = stopped ? `${count}, up to line ${stopped.line}: ${stopped.why}` : count;
  return differences > 0
    ? { ask: showWarningMessage, what: `is otherwise on this kernel: ${until}` }
    : { ask: showInformationMessage, what: `is the same on this kernel: ${until}` };
}

function diagnostic(document: vscode.TextDocument, line: number, message: string): vscode.Diagnostic {
  const { text, range, firstNonWhitespaceCharacterIndex } = document.lineAt(Math.min(line, document.lineCount) - 1);
  const place = range.with(range.start.translate(0, firstNonWhitespaceCharacterIndex), range.start.translate(0, text.trimEnd().length));
  const found = new vscode.Diagnostic(place, message, vscode.DiagnosticSeverity.Warning);
  found.source = 'mmscn verify';
  return found;
}

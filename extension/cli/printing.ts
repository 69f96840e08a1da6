import type { RunReport } from '../../language/runtime/report';
import type { Streams } from './command';
import { diagnosticLines } from './printDiagnostics';
import type { Loaded } from './program';
import { PeopleReport } from './report';

/** Where the results of `run` go. */
export interface Printer {
  /** The file can't be run. */
  diagnostics(loaded: Loaded): void;
  begin(loaded: Loaded, scenario: string): void;
  report(report: RunReport): void;
  /** The scenario has been run under all its designs. */
  end(reports: readonly RunReport[]): void;
  total(): void;
}

/** One object a line, nothing else on standard output. */
export class JsonLines implements Printer {
  constructor(private readonly streams: Streams) {}

  diagnostics(loaded: Loaded): void {
    for (const line of diagnosticLines(loaded, this.streams.err)) this.streams.err.write(`${line}\n`);
  }

  begin(): void {}

  report(report: RunReport): void {
    this.streams.out.write(`${JSON.stringify(report)}\n`);
  }

  end(): void {}

  total(): void {}
}

export { PeopleReport };

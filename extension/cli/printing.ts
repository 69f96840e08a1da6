import type { RunReport } from '../../language/runtime/report';
import type { Streams } from './command';
import type { Diagnostic } from './diagnostics';
import { diagnosticLines } from './printDiagnostics';
import type { Loaded } from './program';
import { PeopleReport } from './report';

/** Where the results of `run` go. */
export interface Printer {
  /** A file, with the errors that keep scenarios from being run. */
  begin(loaded: Loaded, errors: readonly Diagnostic[]): void;
  /** A scenario under each of its designs. */
  scenario(title: string, reports: readonly RunReport[]): void;
  total(): void;
}

/** One object a line, nothing else on standard output. */
export class JsonLines implements Printer {
  constructor(private readonly streams: Streams) {}

  begin(loaded: Loaded, errors: readonly Diagnostic[]): void {
    for (const line of diagnosticLines(loaded, errors, this.streams.err)) this.streams.err.write(`${line}\n`);
  }

  scenario(_title: string, reports: readonly RunReport[]): void {
    for (const report of reports) this.streams.out.write(`${JSON.stringify(report)}\n`);
  }

  total(): void {}
}

export { PeopleReport };

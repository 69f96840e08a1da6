import type { DiagnosticCode } from '../catalogue/diagnostics';
import type { Span } from '../syntax/ast';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** Something to say about a place in a file. Offsets are UTF-16 units, the end exclusive. */
export interface Diagnostic extends Span {
  readonly uri: string;
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  readonly message: string;
}

/** What the simulator can do so far, under the catalogue's names (`process.rss`, `machine.memory`, `mount.xfs.size`). */
export interface Implemented {
  readonly calls: ReadonlySet<string>;
  readonly designs: ReadonlySet<string>;
  readonly observables: ReadonlySet<string>;
  readonly mounts: ReadonlySet<string>;
  readonly options: ReadonlySet<string>;
  /** Kinds of statements, as the syntax tree has them; all of them where it is left out. */
  readonly statements?: ReadonlySet<string>;
  /** Constants that the language knows and calls refuse as not simulated. */
  readonly refused?: ReadonlySet<string>;
  /** Kernel functions that it enters, and other events that it counts; any where it is left out. */
  readonly functions?: ReadonlySet<string>;
  /** By kernel function what it can come to, where that is counted. */
  readonly outcomes?: ReadonlyMap<string, ReadonlySet<string>>;
  /** Invariants whose violations it counts; any where it is left out. */
  readonly violations?: ReadonlySet<string>;
}

export type Report = (span: Span, code: DiagnosticCode, message: string, severity?: Severity) => void;

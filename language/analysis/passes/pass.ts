import type { Diagnostic, Implemented, Report } from '../diagnostic';
import type { Program, Source } from '../program';
import { type Globals, globalsOf, unitNames, type UnitNames } from '../symbols';
import { type Scope, type Visitor, walk } from '../walk';

/** What every pass sees. One file is checked at a time, in its program. */
export interface Pass {
  readonly program: Program;
  readonly source: Source;
  readonly globals: Globals;
  readonly implemented: Implemented | undefined;
  readonly report: Report;
  walk(visitor: Visitor): void;
  names(scope: Scope): UnitNames;
  /** Whether a name stands for a process or an array of them at a place. */
  isProcess(scope: Scope): (name: string) => boolean;
}

export function passOver(program: Program, source: Source, implemented: Implemented | undefined, into: Diagnostic[]): Pass {
  const globals = globalsOf(program);
  const names = (scope: Scope) => unitNames(scope.source, scope.unit);
  return {
    program,
    source,
    globals,
    implemented,
    report: ({ start, end }, code, message, severity = 'error') => into.push({ uri: source.uri, start, end, severity, code, message }),
    walk: (visitor) => walk(source, globals.params, visitor),
    names,
    isProcess: (scope) => (name) => names(scope).processes.has(name) || globals.born.has(name),
  };
}

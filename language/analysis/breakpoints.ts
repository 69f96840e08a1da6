import type { Block, SourceFile, Statement } from '../syntax/ast';
import type { LineMap } from '../syntax/positions';
import { isDeclaration } from './passes/placement';

/** The statements where a run can stop, in the order of the text. Declarations and step labels are none. */
export function stoppable(file: SourceFile): Statement[] {
  const found: Statement[] = [];
  const block = (b: Block) => b.statements.forEach(statement);
  const statement = (s: Statement): void => {
    if (s.kind === 'process-block') return block(s.body);
    if (s.kind === 'parallel') return s.branches.forEach(statement);
    if (s.kind === 'broken' || s.kind === 'step' || isDeclaration(s)) return;
    found.push(s);
    if (s.kind === 'for' || s.kind === 'repeat') block(s.body);
    else if (s.kind === 'if') {
      block(s.then);
      if (s.else) {
        if ('kind' in s.else) statement(s.else);
        else block(s.else);
      }
    }
  };
  for (const item of file.items) if (item.kind === 'scenario' || item.kind === 'routine') block(item.body);
  return found;
}

/** The lines where a breakpoint can stand, from 1, ascending. */
export function breakpointLines(file: SourceFile, lines: LineMap): number[] {
  return [...new Set(stoppable(file).map((s) => lines.line(s.start)))].sort((a, b) => a - b);
}

/** The line that a breakpoint on `line` stops at: a declaration's or a comment's moves down to the next statement of its scenario or routine. */
export function breakpointLine(file: SourceFile, lines: LineMap, line: number): number | undefined {
  const at = breakpointLines(file, lines).find((candidate) => candidate >= line);
  if (at === undefined) return undefined;
  const unit = file.items.find((item) => lines.line(item.start) <= at && at <= lines.line(item.end));
  return unit && line >= lines.line(unit.start) ? at : undefined;
}

import type { Block, Item, SourceFile, Statement } from '../../language/syntax/ast';

/** A statement that a run can stop at. */
export interface StopPlace {
  readonly start: number;
  /** Exclusive; of a block statement the end of its head. */
  readonly end: number;
  /** The scenario or routine that it belongs to. */
  readonly item: Item;
}

/** The statements of a file that a run can stop at, in the order of the text. */
export function stopPlaces(file: SourceFile): StopPlace[] {
  const places: StopPlace[] = [];
  for (const item of file.items) {
    if (item.kind === 'scenario' || item.kind === 'routine') visit(item.body, (start, end) => places.push({ start, end, item }));
  }
  return places.sort((a, b) => a.start - b.start);
}

function visit(block: Block, found: (start: number, end: number) => void): void {
  for (const statement of block.statements) {
    const bodies = bodiesOf(statement);
    if (!isDeclaration(statement)) found(statement.start, bodies[0]?.start ?? statement.end);
    for (const body of bodies) visit(body, found);
  }
}

function bodiesOf(statement: Statement): readonly Block[] {
  switch (statement.kind) {
    case 'for':
    case 'repeat':
    case 'process-block':
      return [statement.body];
    case 'if': {
      const otherwise = statement.else;
      if (!otherwise) return [statement.then];
      return 'kind' in otherwise ? [statement.then, ...bodiesOf(otherwise)] : [statement.then, otherwise];
    }
    case 'parallel':
      return statement.branches.map((branch) => branch.body);
    default:
      return [];
  }
}

function isDeclaration(statement: Statement): boolean {
  switch (statement.kind) {
    case 'under':
    case 'machine':
    case 'host':
    case 'mount':
    case 'file':
    case 'directory':
    case 'reflink':
    case 'snapshot':
    case 'dedupe':
    case 'process':
    case 'cgroup':
    case 'param':
    case 'step':
    case 'broken':
      return true;
    default:
      return false;
  }
}

/**
 * Where a breakpoint on a line stands: the first statement that starts on it, else the one that it lies in the middle of, else the next one
 * below in the same scenario or routine; outside all of them the next one in the file.
 * `from` and `to` are the line's offsets; `from` lies further right for a breakpoint on a column.
 */
export function placeFor(places: readonly StopPlace[], file: SourceFile, from: number, to: number): StopPlace | undefined {
  const on = places.find(({ start }) => start >= from && start < to);
  if (on) return on;
  const inside = places.findLast(({ start, end }) => start < from && end > from);
  if (inside) return inside;
  const item = file.items.find(
    (candidate) => candidate.start < to && candidate.end > from && (candidate.kind === 'scenario' || candidate.kind === 'routine'),
  );
  return places.find((place) => place.start >= to && (item === undefined || place.item === item));
}

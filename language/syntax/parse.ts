import type { Broken, Comment, DesignDeclaration, Expr, Item, Routine, Scenario, SourceFile, Span, Statement, SyntaxProblem } from './ast';
import { parse as parseRule, SyntaxError as Unreadable } from './generated/parser';
import { numberValue, stringValue } from './literals';
import { whyBroken } from './messages';
import { unclosedProblems } from './braces';
import { LINE_LIMIT, NESTING_LIMIT, scan } from './scan';

/** An expression has at most so many levels: a chain of operators is as many levels as it has operators. */
const HEIGHT_LIMIT = 1000;
/** More problems than this help nobody. */
const PROBLEM_LIMIT = 200;

export { LINE_LIMIT, NESTING_LIMIT };

/** Reads a whole file. Never throws: what cannot be read is a `broken` item or statement, and `problems` says why, in the order of the text. */
export function parse(text: string): SourceFile {
  const { text: readable, comments, problems } = scan(text);
  const hooks = new Hooks();
  const nothing = readable.trim() === '';
  const file = (nothing ? { items: [] } : parseRule(readable, { startRule: 'File', ...hooks.options })) as { items: Item[] };
  const broken = brokenParts(file.items);
  const found = [
    ...problems,
    ...problemsOf(readable, broken),
    ...outside([...hooks.literals.values()].slice(0, 10 * PROBLEM_LIMIT), broken),
    ...(problems.some((problem) => problem.message.startsWith('this comment'))
      ? []
      : unclosedProblems(readable, outside(hooks.unclosed.values(), broken))),
  ].sort((a, b) => a.start - b.start || a.end - b.end);
  return {
    kind: 'file',
    items: withDocs(text, file.items, comments),
    comments,
    problems: limited(withoutCovered(found, problems)),
    start: 0,
    end: text.length,
  };
}

export type ParsedExpression =
  { readonly expr: Expr; readonly problems: readonly SyntaxProblem[] } | { readonly problems: readonly SyntaxProblem[] };

/** Reads a single expression, as a watch or a condition of a breakpoint is. */
export function parseExpression(text: string): ParsedExpression {
  return parsePart<Expr>(text, 'Expression', 'expr') as ParsedExpression;
}

export type ParsedStatement =
  { readonly statement: Statement; readonly problems: readonly SyntaxProblem[] } | { readonly problems: readonly SyntaxProblem[] };

/** Reads a single statement, as the debug console takes it. */
export function parseStatement(text: string): ParsedStatement {
  return parsePart<Statement>(text, 'StatementLine', 'statement') as ParsedStatement;
}

function parsePart<T>(text: string, startRule: string, field: string): Record<string, unknown> {
  const { text: scanned, problems } = scan(text);
  if (problems.length > 0) return { problems };
  const readable = scanned.trimEnd();
  const hooks = new Hooks();
  try {
    const value = parseRule(readable, { startRule, ...hooks.options }) as T;
    return { [field]: value, problems: [...hooks.literals.values()] };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { problems: [whyBroken(readable, { start: 0, end: readable.length }, [startRule]).problem] };
  }
}

/** What the grammar calls while it reads; it may read the same place twice. */
class Hooks {
  readonly literals = new Map<number, SyntaxProblem>();
  readonly unclosed = new Map<number, Span>();
  readonly options = {
    heightLimit: HEIGHT_LIMIT,
    tooHigh: ({ start, end }: Span) =>
      this.literals.set(start, {
        start,
        end,
        message: `nested too deeply: at most ${HEIGHT_LIMIT} operators, members and branches on end`,
      }),
    number: (text: string, { start, end }: Span) => {
      const { value, problem } = numberValue(text);
      if (problem !== undefined) this.literals.set(start, { start, end, message: problem });
      return { value, text };
    },
    string: (text: string, { start, end }: Span) => {
      const { value, problem } = stringValue(text);
      if (problem !== undefined) this.literals.set(start, { start, end, message: problem });
      return { ...value, text };
    },
    unclosed: (span: Span) => this.unclosed.set(span.start, { start: span.start, end: span.end }),
  };
}

interface BrokenPart extends Broken {
  readonly top: boolean;
}

function brokenParts(items: readonly Item[]): BrokenPart[] {
  const found: BrokenPart[] = [];
  const inBlock = (statements: readonly Statement[]): void => {
    for (const s of statements) {
      if (s.kind === 'broken') found.push({ ...s, top: false });
      else if (s.kind === 'if') {
        inBlock(s.then.statements);
        if (s.else) inBlock('kind' in s.else ? [s.else] : s.else.statements);
      } else if (s.kind === 'for' || s.kind === 'repeat' || s.kind === 'process-block') inBlock(s.body.statements);
      else if (s.kind === 'parallel') inBlock(s.branches);
    }
  };
  for (const item of items) {
    if (item.kind === 'broken') found.push({ ...item, top: true });
    else if (item.kind === 'scenario' || item.kind === 'routine') inBlock(item.body.statements);
  }
  return found;
}

/** One problem for each broken part, but none for the lines that only follow from another: the rest of an open bracket, what stands behind a stray brace. */
function problemsOf(text: string, broken: readonly BrokenPart[]): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  let covered = 0;
  let stray = false;
  let outsideUnit = false;
  let before = 0;
  for (const part of broken) {
    if (part.start >= covered && problems.length < PROBLEM_LIMIT + 1) {
      const adjacent = text.slice(before, part.start).trim() === '';
      if (!adjacent) stray = outsideUnit = false;
      const isStray = part.top && text[part.start] === '}';
      if (!isStray && !(stray && part.top)) {
        const { problem, end, misplaced } = whyBroken(text, part, part.top ? ['ItemLine', 'StatementLine'] : ['StatementLine', 'ItemLine']);
        if (!(misplaced && outsideUnit)) problems.push(problem);
        outsideUnit = misplaced && part.top;
        covered = end;
      } else if (isStray && !outsideUnit) {
        if (!stray)
          problems.push({
            start: part.start,
            end: part.end,
            message: 'this `}` closes nothing: there is one too many, or a `{` is missing before it',
          });
        stray = true;
      }
    }
    before = part.end;
  }
  return problems;
}

function outside<T extends Span>(spans: Iterable<T>, broken: readonly Span[]): T[] {
  return [...spans].filter((span) => !broken.some((part) => part.start <= span.start && span.start < part.end));
}

/** What the scan blanked out is said once. */
function withoutCovered(found: readonly SyntaxProblem[], scanned: readonly SyntaxProblem[]): SyntaxProblem[] {
  return found.filter((p) => scanned.includes(p) || !scanned.some((s) => s.start <= p.start && p.start <= s.end));
}

function limited(problems: readonly SyntaxProblem[]): readonly SyntaxProblem[] {
  if (problems.length <= PROBLEM_LIMIT) return problems;
  const { start, end } = problems[PROBLEM_LIMIT]!;
  return [
    ...problems.slice(0, PROBLEM_LIMIT),
    { start, end, message: `and more mistakes from here on: only the first ${PROBLEM_LIMIT} are listed` },
  ];
}

/** `///` lines directly above an item document it. */
function withDocs(text: string, items: readonly Item[], comments: readonly Comment[]): Item[] {
  const docs = comments.filter((comment) => comment.text.startsWith('///'));
  if (docs.length === 0) return [...items];
  const byEnd = new Map(docs.map((comment) => [lineBreakAfter(text, comment.end), comment]));
  return items.map((item) => {
    if (item.kind !== 'scenario' && item.kind !== 'routine' && item.kind !== 'design') return item;
    const doc = docAbove(text, item, byEnd);
    return doc === undefined ? item : { ...item, doc };
  });
}

function docAbove(text: string, item: Scenario | Routine | DesignDeclaration, byEnd: ReadonlyMap<number, Comment>): string | undefined {
  const lines: string[] = [];
  let at = startOfLine(text, item.start);
  for (let comment = byEnd.get(at); comment !== undefined; comment = byEnd.get(at)) {
    lines.unshift(comment.text.replace(/^\/\/\/ ?/, '').trimEnd());
    at = startOfLine(text, comment.start);
  }
  return lines.length === 0 ? undefined : lines.join('\n');
}

function startOfLine(text: string, offset: number): number {
  let i = offset;
  while (i > 0 && (text[i - 1] === ' ' || text[i - 1] === '\t')) i--;
  return i;
}

function lineBreakAfter(text: string, offset: number): number {
  return text.startsWith('\r\n', offset) ? offset + 2 : offset + 1;
}

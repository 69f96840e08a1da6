import type { Block, Comment, Item, Option, SourceFile, Span, Statement } from './ast';
import { parse } from './parse';
import { printExpr } from './printExpr';
import { printHead } from './printHead';

const INDENT = '  ';
const WIDTH = 140;
/** More blank lines than this in a row become this many. */
const BLANK_LINES = 2;

/** The text with the usual layout. Comments and blank lines stay, what cannot be read stays as it is; a second time changes nothing. */
export function format(text: string): string {
  const file = parse(text);
  if (file.items.length === 0 && file.comments.length === 0) return file.problems.length > 0 ? text : '';
  const newline = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  const printed = print(file, text.replace(/^\uFEFF/, ' '));
  return (text.startsWith('\uFEFF') ? '\uFEFF' : '') + (newline === '\n' ? printed : printed.replace(/\r\n|\n|\r/g, newline));
}

/** A file as text. `text` is what it was parsed from: comments' neighbours, line breaks and broken parts are taken from there. */
export function print(file: SourceFile, text = ''): string {
  return new Printer(file, text).file();
}

/** One statement on its own, in one line where it has no block. */
export function printStatement(statement: Statement): string {
  const { start, end } = statement;
  return new Printer({ kind: 'file', items: [], comments: [], problems: [], start, end }, '').statement(statement, 0);
}

type Part = Item | Statement;

class Printer {
  private readonly troubles: readonly Span[];
  /** The next comment to print, in the order of the text. */
  private next = 0;

  constructor(
    private readonly source: SourceFile,
    private readonly text: string,
  ) {
    this.troubles = source.problems;
  }

  file(): string {
    const lines = this.parts(this.source.items, { start: 0, end: this.text.length }, 0);
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  /** Items or statements with the comments and blank lines between them, one to a line. */
  private parts(parts: readonly Part[], inside: Span, depth: number): string[] {
    const lines: string[] = [];
    let before: number | undefined;
    const put = (line: string, at: Span) => {
      if (before !== undefined) lines.push(...this.blankLines(before, at.start));
      lines.push(line);
      before = at.start + this.text.slice(at.start, at.end).trimEnd().length;
    };
    for (const part of parts) {
      for (const comment of this.commentsBefore(part.start)) {
        if (before !== undefined && lines.length > 0 && this.sameLine(before, comment.start)) {
          lines.push(`${lines.pop() ?? ''} ${comment.text.trimEnd()}`);
          before = comment.end;
        } else put(INDENT.repeat(depth) + comment.text.trimEnd(), comment);
      }
      put(INDENT.repeat(depth) + this.statement(part, depth), part);
    }
    for (const comment of this.commentsBefore(inside.end)) {
      if (before !== undefined && this.sameLine(before, comment.start)) {
        lines.push(`${lines.pop() ?? ''} ${comment.text.trimEnd()}`);
        before = comment.end;
      } else put(INDENT.repeat(depth) + comment.text.trimEnd(), comment);
    }
    return lines;
  }

  private commentsBefore(offset: number): Comment[] {
    const found: Comment[] = [];
    for (let c = this.source.comments[this.next]; c !== undefined && c.start < offset; c = this.source.comments[this.next]) {
      found.push(c);
      this.next++;
    }
    return found;
  }

  private sameLine(from: number, to: number): boolean {
    return !/[\r\n]/.test(this.text.slice(from, to));
  }

  private blankLines(from: number, to: number): string[] {
    const breaks = this.text.slice(from, to).match(/\r\n|\n|\r/g)?.length ?? 1;
    return new Array<string>(Math.max(0, Math.min(breaks - 1, BLANK_LINES))).fill('');
  }

  /** Without the indentation of its first line. */
  statement(part: Part, depth: number): string {
    if (part.kind === 'broken' || this.asWritten(part)) return this.verbatim(part);
    switch (part.kind) {
      case 'scenario':
        return `scenario ${printExpr(part.title)} ${this.block(part.body, depth)}`;
      case 'routine':
        return `routine ${part.name.text}(${part.params.map((p) => p.text).join(', ')}) ${this.block(part.body, depth)}`;
      case 'process-block':
        return `${printHead(part)} ${this.block(part.body, depth)}`;
      case 'for':
      case 'repeat':
        return `${printHead(part)} ${this.block(part.body, depth)}`;
      case 'if': {
        const head = `${printHead(part)} ${this.block(part.then, depth)}`;
        if (!part.else) return head;
        return `${head} else ${'kind' in part.else ? this.statement(part.else, depth) : this.block(part.else, depth)}`;
      }
      case 'parallel':
        return `parallel ${this.block({ statements: part.branches, start: part.start, end: part.end }, depth)}`;
      default:
        return 'options' in part && part.options.length > 0
          ? `${printHead(part)} ${this.options(part.options, part, depth)}`
          : printHead(part);
    }
  }

  private block(block: Block, depth: number): string {
    const head = this.commentOnHead(block);
    const first = this.next;
    const lines = this.parts(block.statements, { start: block.start, end: block.end - 1 }, depth + 1);
    if (head !== undefined) return [`{ ${head}`, ...lines, `${INDENT.repeat(depth)}}`].join('\n');
    if (lines.length === 0) return '{}';
    const oneLine = `{ ${lines.map((line) => line.trim()).join('; ')} }`;
    const fits = lines.every((line) => !line.includes('\n') && line.trim() !== '') && oneLine.length + depth * INDENT.length <= WIDTH;
    const writtenSo = this.next === first && this.sameLine(this.text.indexOf('{', block.start), block.end) && this.text !== '';
    if (fits && writtenSo) return oneLine;
    return `{\n${lines.join('\n')}\n${INDENT.repeat(depth)}}`;
  }

  /** A comment on the line of the opening brace stays there. */
  private commentOnHead(block: Block): string | undefined {
    const comment = this.source.comments[this.next];
    if (
      !comment ||
      comment.start >= Math.min(block.end, block.statements[0]?.start ?? block.end) ||
      !this.sameLine(block.start, comment.start)
    )
      return undefined;
    if (this.sameLine(comment.end, block.statements[0]?.start ?? block.end)) return undefined;
    this.next++;
    return comment.text.trimEnd();
  }

  private options(options: readonly Option[], part: Span, depth: number): string {
    const printed = options.map(({ name, value }) => `${name.text} = ${value.kind === 'word' ? value.text : printExpr(value)}`);
    const oneLine = `{ ${printed.join('; ')} }`;
    const first = options[0]!;
    const broken = this.text !== '' && !this.sameLine(this.text.lastIndexOf('{', first.start), part.end);
    if (!broken) return oneLine;
    const inner = INDENT.repeat(depth + 1);
    return `{\n${printed.map((line) => inner + line).join('\n')}\n${INDENT.repeat(depth)}}`;
  }

  /** A part keeps its layout where a comment, a mistake or a line break stands in the midst of it, outside of its blocks. */
  private asWritten(part: Part): boolean {
    if (this.text === '') return false;
    const blocks = blocksOf(part);
    if (blocks.some((block) => block.unclosed)) return true;
    const own = (at: number) => part.start < at && at < part.end && !blocks.some((block) => block.start < at && at < block.end);
    if (commentsWithin(this.source.comments, part).some((comment) => own(comment.start))) return true;
    if (this.troubles.some((problem) => (own(problem.start) || problem.start === part.start) && problem.start < part.end)) return true;
    if (blocks.length > 0 || part.kind === 'scenario' || part.kind === 'routine') return false;
    return !('options' in part && part.options.length > 0) && /[\r\n]/.test(this.text.slice(part.start, part.end));
  }

  private verbatim(part: Part): string {
    while ((this.source.comments[this.next]?.start ?? Infinity) < part.end) this.next++;
    return this.text.slice(part.start, part.end).trimEnd();
  }
}

function commentsWithin(comments: readonly Comment[], { start, end }: Span): Comment[] {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comments[middle]!.start < start) low = middle + 1;
    else high = middle;
  }
  const found: Comment[] = [];
  for (let c = comments[low]; c !== undefined && c.start < end; c = comments[++low]) found.push(c);
  return found;
}

/** The blocks of a part, those of `else` included. */
function blocksOf(part: Part): Block[] {
  switch (part.kind) {
    case 'scenario':
    case 'routine':
    case 'process-block':
    case 'for':
    case 'repeat':
      return [part.body];
    case 'if':
      return [part.then, ...(part.else === undefined ? [] : 'kind' in part.else ? blocksOf(part.else) : [part.else])];
    case 'parallel':
      return part.branches.map((branch) => branch.body);
    default:
      return [];
  }
}

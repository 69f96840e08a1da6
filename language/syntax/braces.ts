import type { Span, SyntaxProblem } from './ast';

/** One problem for the blocks that are never closed up to the same place, at the brace whose partner is most likely the missing one. */
export function unclosedProblems(text: string, unclosed: readonly Span[]): SyntaxProblem[] {
  const byEnd = new Map<number, Span[]>();
  for (const block of unclosed) byEnd.set(block.end, [...(byEnd.get(block.end) ?? []), block]);
  return [...byEnd.values()].map((blocks) => {
    const outermost = blocks.reduce((a, b) => (a.start <= b.start ? a : b));
    const innermost = blocks.reduce((a, b) => (a.start >= b.start ? a : b));
    const start = suspect(text, outermost) ?? innermost.start;
    const others = blocks.length > 1 ? ` (${blocks.length} are missing up to here)` : '';
    return { start, end: start + 1, message: `this \`{\` is never closed: a \`}\` is missing${others}` };
  });
}

/** The first brace whose closing partner stands further to the left than its line: that partner was meant for a brace around it. */
function suspect(text: string, { start, end }: Span): number | undefined {
  const open: { readonly at: number; readonly indent: number }[] = [];
  for (let i = start; i < end; i++) {
    const c = text[i];
    if (c === '"') i = skipString(text, i);
    else if (c === '/' && text[i + 1] === '/') i = skipTo(text, '\n', i);
    else if (c === '/' && text[i + 1] === '*') i = skipTo(text, '*/', i);
    else if (c === '{') open.push({ at: i, indent: indentOf(text, i) });
    else if (c === '}') {
      const partner = open.pop();
      if (partner && firstOnLine(text, i) && indentOf(text, i) < partner.indent) return partner.at;
    }
  }
  return undefined;
}

function skipString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"' && text[i] !== '\n') i += text[i] === '\\' ? 2 : 1;
  return i;
}

function skipTo(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from);
  return found < 0 ? text.length : found;
}

function indentOf(text: string, at: number): number {
  const line = text.lastIndexOf('\n', at - 1) + 1;
  return text.slice(line).search(/[^ \t]/);
}

function firstOnLine(text: string, at: number): boolean {
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim() === '';
}

import type { Span, SyntaxProblem } from './ast';
import { parse as parseRule, SyntaxError as Unreadable } from './generated/parser';
import { didYouMean, nearest } from './nearest';

/** Words that begin an item of the file, and words that begin a statement. */
export const ITEM_WORDS = ['scenario', 'routine', 'import', 'design', 'param'];
export const STATEMENT_WORDS = [
  ...['under', 'machine', 'host', 'mount', 'file', 'directory', 'reflink', 'snapshot', 'dedupe', 'process', 'cgroup', 'param'],
  ...['expect', 'invariant', 'let', 'if', 'for', 'repeat', 'step', 'parallel', 'return'],
];
/** Lines that a statement with open brackets is followed over. */
const LONGEST_STATEMENT = 200;
const WORDS = new Set([...ITEM_WORDS, ...STATEMENT_WORDS]);

const silent = {
  number: () => ({ value: 0n }),
  string: () => ({ value: '' }),
  unclosed: () => undefined,
  tooHigh: () => undefined,
  heightLimit: 1000,
};

/**
 * Why a part of the text could not be read, in the language's own words. `startRules`: the rule that should have matched, then the one that
 * it may have been meant for. `end`: how far the mistake reaches, where brackets are open at the end of the first line. `misplaced`: it could be read elsewhere.
 */
export function whyBroken(
  text: string,
  part: Span,
  startRules: readonly string[],
): { readonly problem: SyntaxProblem; readonly end: number; readonly misplaced: boolean } {
  const end = endOfBrackets(text, part);
  const chunk = text.slice(part.start, end);
  const isTop = startRules[0] === 'ItemLine';
  const first = /^[A-Za-z_]\w*/.exec(chunk)?.[0] ?? '';
  const at = (from: number, to: number, message: string) => ({
    problem: { start: part.start + from, end: part.start + to, message },
    end,
    misplaced: false,
  });
  const word = aboutFirstWord(first, chunk, isTop);
  if (word !== undefined) return at(0, first.length, word);
  const failures = startRules.map((rule) => failure(chunk, rule));
  if (failures[0] !== undefined && failures[1] === undefined && startRules.length > 1) {
    const where = isTop
      ? 'this stands inside a scenario or a routine, not outside of them'
      : `\`${first}\` stands outside of scenarios and routines`;
    return { ...at(0, first.length || 1, where), misplaced: isTop };
  }
  const failed = isTop && !ITEM_WORDS.includes(first) ? failures[1] : failures[0];
  if (failed === undefined) return at(0, chunk.length, 'this statement cannot be read');
  const found = tokenAt(chunk, failed.at);
  return at(failed.at, failed.at + Math.max(1, found.length), describe(chunk, failed, found));
}

interface Failure {
  /** Offset in the chunk. */
  readonly at: number;
  readonly expected: readonly string[];
}

function failure(chunk: string, startRule: string): Failure | undefined {
  try {
    parseRule(chunk, { startRule, ...silent });
    return undefined;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const expected = (error.expected ?? []).map((e) =>
      e.type === 'literal' ? `\`${e.text}\`` : e.type === 'end' ? 'the end of the line' : (e.description ?? ''),
    );
    return { at: skipBlanks(chunk, error.location.start.offset), expected: [...new Set(expected)] };
  }
}

function aboutFirstWord(first: string, chunk: string, isTop: boolean): string | undefined {
  const next = chunk.slice(first.length).trimStart();
  if (first === '') return undefined;
  if (first === 'else') return '`else` follows the `}` of an `if`';
  if (first === 'while') return 'there is no `while`; `for` and `repeat` loop';
  const known = isTop ? ITEM_WORDS : STATEMENT_WORDS;
  if (ITEM_WORDS.includes(first) || STATEMENT_WORDS.includes(first)) {
    const isName =
      /^(=(?!=)|:|\{)/.test(next) && !(first === 'machine' && next.startsWith('{')) && !(first === 'parallel' && next.startsWith('{'));
    return isName && !['scenario', 'routine'].includes(first)
      ? `\`${first}\` begins a statement of its own here; what is meant needs another name`
      : undefined;
  }
  if (/^["A-Za-z0-9]/.test(next) && nearest(first, known) !== undefined)
    return `\`${first}\` begins no ${isTop ? 'item' : 'statement'}${didYouMean(first, known)}`;
  return undefined;
}

function describe(chunk: string, { at, expected }: Failure, found: string): string {
  const c = chunk[at];
  if (c === '"' && !/^"(\\[^\r\n]|[^"\\\r\n])*"/.test(chunk.slice(at))) return 'this string is never closed: `"` is missing';
  if (c === "'") return "unexpected `'`: strings stand in double quotes";
  if (c === '#') return 'unexpected `#`: comments begin with `//`';
  if (found === '=' && /^(expect|invariant|if)\b/.test(chunk)) return 'unexpected `=`: to compare, write `==`';
  if (found === ',' && !expected.includes('`)`') && /\{[^}]*$/.test(chunk.slice(0, at)))
    return 'unexpected `,`: options are separated by `;` or line ends';
  if (c === '"' && expected.includes('an operator') && /^(expect|invariant)\b/.test(chunk))
    return 'unexpected string: the reason stands behind `:`';
  if (found === 'under' && /^(expect|invariant)\b/.test(chunk)) return 'unexpected `under`: it stands before the reason';
  const what = found === '' ? 'the end of the line' : `\`${found}\``;
  const wanted = phrase(expected.filter((e) => e !== what));
  if (wanted === '') return `unexpected ${what}`;
  const words = expected.map((e) => e.replaceAll('`', '')).filter((e) => /^[a-z]+$/.test(e));
  return `expected ${wanted}, found ${what}${/^\w+$/.test(found) ? didYouMean(found, words) : ''}`;
}

/** The expectations in the language's words: a value, an operator, a statement … rather than each token. */
function phrase(expected: readonly string[]): string {
  const has = (...all: string[]) => all.every((e) => expected.includes(e));
  const parts: string[] = [];
  const value = has('a number', 'a string');
  const statement = has('`expect`', '`let`');
  const item = !statement && has('`scenario`', '`import`');
  const operator = has('an operator');
  const inBrackets = has('`)`') || has('`]`');
  const plain = expected
    .map((e) => e.replaceAll('`', ''))
    .filter((e) => {
      if (e === '' || e === '"' || e === 'any character') return false;
      if (value && (e === 'a name' || e === 'a number' || e === 'a string' || /^[!([]$/.test(e) || e.startsWith('['))) return false;
      if (
        operator &&
        (e === 'an operator' || e === '=' || /^[.([]$/.test(e) || e === '..' || e.startsWith('[') || e === 'page' || e === 'pages')
      )
        return false;
      if (statement && STATEMENT_WORDS.includes(e)) return false;
      if (item && ITEM_WORDS.includes(e)) return false;
      if (e === ';' || e === '}' || e === 'the end of the line') return false;
      return !e.startsWith('[');
    });
  if (item) parts.push('`scenario`, `routine`, `import`, `design` or `param`');
  if (statement) parts.push('a statement');
  if (value) parts.push('a value');
  for (const e of plain) parts.push(e.startsWith('a ') || e.startsWith('an ') ? e : `\`${e}\``);
  if (operator) parts.push('an operator');
  if (operator && !inBrackets) parts.push('the end of the statement');
  if (has('`}`')) parts.push('`}`');
  const short = parts.length > 4 ? parts.slice(0, 4) : parts;
  return short.length < 2 ? short.join('') : `${short.slice(0, -1).join(', ')} or ${short.at(-1)}`;
}

function tokenAt(chunk: string, at: number): string {
  const rest = chunk.slice(at, at + 80);
  const token = /^(?:[A-Za-z_0-9]+|"(?:\\.|[^"\\\n])*"?|[=!<>]=|&&|\|\||<<|>>|\.\.|[\r\n]|[^\s])/u.exec(rest)?.[0] ?? '';
  return /^[\r\n]/.test(token) ? '' : token;
}

function skipBlanks(chunk: string, from: number): number {
  let i = from;
  while (chunk[i] === ' ' || chunk[i] === '\t') i++;
  return i;
}

/** A statement whose brackets are open at the end of its first line goes on to where they close, unless the next line begins another one. */
function endOfBrackets(text: string, { start, end }: Span): number {
  let depth = depthOf(text.slice(start, end));
  let at = end;
  for (let lines = 0; depth > 0 && at < text.length && lines < LONGEST_STATEMENT; lines++) {
    const next = text.indexOf('\n', at + 1);
    const lineEnd = next < 0 ? text.length : next;
    const line = text.slice(at, lineEnd);
    if (/^\s*(}|[A-Za-z_]\w*(\[[^\]]*\])?\s*[:{])/.test(line) || WORDS.has(/^\s*(\w*)/.exec(line)?.[1] ?? '')) return end;
    depth += depthOf(line);
    at = lineEnd;
  }
  return depth > 0 ? end : at;
}

function depthOf(line: string): number {
  const code = line.replace(/"(\\.|[^"\\\r\n])*"?|\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g, '');
  return (code.match(/[([]/g)?.length ?? 0) - (code.match(/[)\]]/g)?.length ?? 0);
}

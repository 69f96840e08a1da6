import { keywords } from '../../catalogue/keywords';
import type { Span } from '../../syntax/ast';
import type { Program, Source } from '../program';
import { globalsOf } from '../symbols';
import { wordAt } from './words';
import { documentation } from './documentation';
import { allOccurrences, type Occurrence, occurrenceAt } from './occurrences';

export interface Hover extends Span {
  readonly markdown: string;
}

const OWN: Readonly<Partial<Record<Occurrence['kind'], string>>> = {
  process: 'process',
  host: 'host',
  variable: 'process variable',
  param: 'param',
  let: 'let',
  loop: 'loop variable',
  parameter: 'parameter of the routine',
};

/** What is to be known about the name at an offset; nothing elsewhere. */
export function hover(program: Program, source: Source, offset: number): Hover | undefined {
  const occurrence = occurrenceAt(program, source, offset);
  if (occurrence) {
    const markdown = documentation(occurrence.key) ?? ownDoc(program, occurrence);
    return markdown === undefined ? undefined : { start: occurrence.start, end: occurrence.end, markdown };
  }
  return keywordHover(source, offset) ?? numberHover(source, offset);
}

function ownDoc(program: Program, { kind, key, name }: Occurrence): string | undefined {
  const { routines, designs } = globalsOf(program);
  const routine = kind === 'routine' ? routines.get(name)?.node : undefined;
  if (routine)
    return `\`\`\`mmscn\nroutine ${name}(${routine.params.map((p) => p.text).join(', ')})\n\`\`\`\n\n${routine.doc ?? ''}`.trimEnd();
  const design = kind === 'design' ? designs.get(name)?.node : undefined;
  if (design) return `\`\`\`mmscn\ndesign ${name} = ${design.base.text}\n\`\`\`\n\n${design.doc ?? ''}`.trimEnd();
  const what = OWN[kind];
  if (what === undefined) return undefined;
  const definition = allOccurrences(program).find((o) => o.key === key && o.definition);
  const line = definition
    ? lineOf(
        program.sources.find(({ uri }) => uri === definition.uri)!,
        definition.start,
      )
    : name;
  return `\`\`\`mmscn\n${line}\n\`\`\`\n\n${what}`;
}

function lineOf({ text }: Source, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end < 0 ? text.length : end).trim();
}

function keywordHover(source: Source, offset: number): Hover | undefined {
  const word = wordAt(source.text, offset);
  if (!word || !Object.hasOwn(keywords, word.text) || !/(^|[\n;{}])\s*$/.test(source.text.slice(Math.max(0, word.start - 200), word.start)))
    return undefined;
  return { start: word.start, end: word.end, markdown: documentation(`keyword:${word.text}`)! };
}

/** What a size or a hexadecimal number amounts to. */
function numberHover(source: Source, offset: number): Hover | undefined {
  const word = wordAt(source.text, offset);
  if (!word || !/^[0-9]/.test(word.text) || /^[0-9]$/.test(word.text)) return undefined;
  const value = numberOf(source, word);
  if (value === undefined) return undefined;
  const pages = value >= 4096n && value % 4096n === 0n ? `, ${value / 4096n} pages` : '';
  return {
    start: word.start,
    end: word.end,
    markdown: `\`${word.text}\` = ${value.toLocaleString('en-US')} (0x${value.toString(16)})${pages}`,
  };
}

function numberOf(source: Source, { text }: { readonly text: string }): bigint | undefined {
  const match = /^(0x[0-9a-fA-F_]+|[0-9_]+)([KMGTPE]?)$/i.exec(text);
  if (!match || source.text.length === 0) return undefined;
  const digits = match[1]!.replaceAll('_', '');
  const octal = /^0[0-7]+$/.test(digits);
  if (/^0[0-9]+$/.test(digits) && !octal) return undefined;
  return BigInt(octal ? `0o${digits.slice(1)}` : digits) * 1024n ** BigInt('KMGTPE'.indexOf(match[2] || '?') + 1);
}

import type { Span } from '../../syntax/ast';
import type { Program, Source } from '../program';
import { type OccurrenceKind, occurrencesOf } from './occurrences';

/** The types and modifiers of semantic tokens, in the order of the legend. All are LSP's own. */
export const TOKEN_TYPES = [
  'namespace',
  'class',
  'variable',
  'parameter',
  'function',
  'method',
  'enumMember',
  'property',
  'type',
  'enum',
] as const;
export const TOKEN_MODIFIERS = ['definition', 'readonly', 'defaultLibrary'] as const;

const TYPE_OF: Readonly<Record<OccurrenceKind, (typeof TOKEN_TYPES)[number]>> = {
  process: 'class',
  host: 'namespace',
  variable: 'variable',
  param: 'parameter',
  let: 'variable',
  loop: 'variable',
  parameter: 'parameter',
  routine: 'function',
  design: 'type',
  call: 'method',
  function: 'function',
  constant: 'enumMember',
  observable: 'property',
  filesystem: 'type',
  option: 'property',
  value: 'enumMember',
};

export interface Token extends Span {
  readonly type: (typeof TOKEN_TYPES)[number];
  readonly modifiers: readonly (typeof TOKEN_MODIFIERS)[number][];
}

/** What each name of a file is, where the grammar alone cannot tell. */
export function semanticTokens(program: Program, source: Source): Token[] {
  return occurrencesOf(program, source).map(({ start, end, kind, definition, key }) => ({
    start,
    end,
    type: TYPE_OF[kind],
    modifiers: [
      ...(definition ? (['definition'] as const) : []),
      ...(['let', 'param', 'loop', 'constant'].includes(kind) ? (['readonly'] as const) : []),
      ...(/^(call|function|constant|observable|filesystem|option):/.test(key) ? (['defaultLibrary'] as const) : []),
    ],
  }));
}

import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceFile } from '../../language/syntax/ast';
import { parse } from '../../language/syntax/parse';
import { format, print } from '../../language/syntax/print';
import { sourceFiles } from './generated';

/** A tree without its positions and without what only the text knows. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (value instanceof Uint8Array) return [...value];
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'start' && key !== 'end' && key !== 'comments')
      .map(([key, part]) => [key, shape(part)]),
  );
}

const samples = ['samples', 'test/simulator/live', 'test/host'].flatMap((folder) =>
  fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.mmscn'))
    .map((name) => path.join(folder, name)),
);

/** Every token's middle, in offsets. */
function tokenMiddles(text: string): number[] {
  return [...text.matchAll(/[A-Za-z_0-9]+|"(?:\\.|[^"\\\n])*"|\/\/[^\n]*|[^\s\w]+/g)].map(
    (match) => match.index + Math.ceil(match[0].length / 2),
  );
}

describe('parse and print', () => {
  it('read back every tree as it was', () => {
    fc.assert(
      fc.property(sourceFiles, (file) => {
        const text = print(file);
        const again = parse(text);
        expect(again.problems).toEqual([]);
        expect(shape(again)).toEqual(shape(file));
        expect(print(again, text)).toBe(print(parse(print(again, text)), print(again, text)));
      }),
      { numRuns: 200, interruptAfterTimeLimit: 8000 },
    );
  });

  it.each(samples)('change nothing in the meaning of %s, and nothing the second time', (name) => {
    const text = fs.readFileSync(name, 'utf8');
    const neat = format(text);
    expect(parse(text).problems).toEqual([]);
    expect(shape(parse(neat))).toEqual(shape(parse(text)));
    expect(format(neat)).toBe(neat);
    expect(commentsOf(parse(neat))).toEqual(commentsOf(parse(text)));
  });

  it('read a sample cut in the middle of every token, and format it to the same twice', () => {
    const text =
      fs.readFileSync('samples/reflinked-files-are-cached-twice.mmscn', 'utf8') +
      fs.readFileSync('samples/fork-and-copy-on-write.mmscn', 'utf8');
    for (const at of tokenMiddles(text)) {
      const cut = text.slice(0, at);
      const neat = format(cut);
      expect(format(neat)).toBe(neat);
      expect(words(neat)).toBe(words(cut));
    }
  }, 60_000);

  it('lose nothing of texts with random damage', () => {
    const text = fs.readFileSync('samples/fork-and-copy-on-write.mmscn', 'utf8').slice(0, 1500);
    const damage = fc.array(
      fc.record({
        at: fc.nat(text.length),
        cut: fc.nat(20),
        put: fc.constantFrom('', '{', '}', '(', ')', '"', '/*', '*/', '//', ';', '\n', '=', 'scenario', '§', 'else', ':', '\r\n'),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(damage, (edits) => {
        let broken = text;
        for (const { at, cut, put } of edits) broken = broken.slice(0, at) + put + broken.slice(at + cut);
        const neat = format(broken);
        expect(format(neat)).toBe(neat);
        expect(words(neat)).toBe(words(broken));
      }),
      { numRuns: 300, interruptAfterTimeLimit: 8000 },
    );
  }, 60_000);
});

function commentsOf(file: SourceFile): string[] {
  return file.comments.map(({ text }) => text.trimEnd());
}

/** What must survive formatting: everything but layout, separators and parentheses that say nothing. */
function words(text: string): string {
  return text.replace(/[\s;()]+/g, '');
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Content } from '../../language/simulator/state/content';

const PB = 2 ** 50;
const text = Content.text;

/** A content built at random, and beside it the same as plain bytes. */
interface Pair {
  readonly content: Content;
  readonly bytes: readonly number[];
}

const { pair } = fc.letrec<{ pair: Pair }>((tie) => ({
  pair: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 12 }).map((bytes) => ({ content: Content.of(Uint8Array.from(bytes)), bytes })),
    fc.integer({ min: 0, max: 90 }).map((n) => ({ content: Content.zeros(n), bytes: new Array<number>(n).fill(0) })),
    fc.tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 2 })).map(([n, seed]) => {
      const content = Content.random(n, seed);
      return { content, bytes: [...content.bytes()] };
    }),
    fc.tuple(tie('pair'), tie('pair')).map(([a, b]) => ({ content: a.content.concat(b.content), bytes: [...a.bytes, ...b.bytes] })),
    fc
      .tuple(tie('pair'), fc.integer({ min: 0, max: 300 }))
      .map(([a, n]) =>
        a.bytes.length === 0
          ? a
          : { content: a.content.repeat(n), bytes: Array.from({ length: n }, (_, i) => a.bytes[i % a.bytes.length]!) },
      ),
    fc.tuple(tie('pair'), fc.nat(300), fc.nat(300)).map(([a, x, y]) => {
      const from = Math.min(x, y, a.bytes.length);
      const to = Math.min(Math.max(x, y), a.bytes.length);
      return { content: a.content.slice(from, to), bytes: a.bytes.slice(from, to) };
    }),
  ),
}));

describe('Content is what its bytes are', () => {
  it('in length, bytes, zero test and single bytes', () => {
    fc.assert(
      fc.property(pair, ({ content, bytes }) => {
        expect(content.length).toBe(bytes.length);
        expect([...content.bytes()]).toEqual(bytes);
        expect(content.isZero()).toBe(bytes.every((byte) => byte === 0));
        if (bytes.length > 0) expect(content.byteAt(bytes.length >> 1)).toBe(bytes[bytes.length >> 1]);
      }),
      { numRuns: 2000 },
    );
  });

  it('in equality and hash, whatever it was made of', () => {
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const same = a.bytes.length === b.bytes.length && a.bytes.every((byte, i) => byte === b.bytes[i]);
        expect(a.content.equals(b.content)).toBe(same);
        const literal = Content.of(Uint8Array.from(a.bytes));
        expect(a.content.equals(literal)).toBe(true);
        expect(literal.equals(a.content)).toBe(true);
        expect(a.content.hash()).toBe(literal.hash());
      }),
      { numRuns: 2000 },
    );
  });
});

describe('Content', () => {
  it('repeats a pattern to a length in bytes', () => expect(text('abc').repeat(4).asText()).toBe('abca'));

  it('compares petabytes without enumerating them', () => {
    const a = text('ab').repeat(PB);
    expect(a.equals(text('abab').repeat(PB))).toBe(true);
    expect(a.equals(text('aba').repeat(PB))).toBe(false);
    expect(a.hash()).toBe(text('abababab').repeat(PB).hash());
    expect(a.slice(1, PB).concat(text('a')).equals(text('ba').repeat(PB))).toBe(true);
    expect(
      a
        .slice(0, PB - 1)
        .concat(text('c'))
        .equals(a),
    ).toBe(false);
  });

  it('repeats and compares what is long itself', () => {
    const block = text('A')
      .repeat(2 ** 30)
      .concat(Content.random(2 ** 30, 7));
    const twice = block.concat(block);
    expect(block.repeat(2 ** 60).equals(twice.repeat(2 ** 60))).toBe(true);
    expect(
      block
        .repeat(2 ** 60)
        .slice(2 ** 31, 2 ** 32)
        .equals(block),
    ).toBe(true);
    expect(block.repeat(2 ** 60).equals(text('A').repeat(2 ** 60))).toBe(false);
    expect(
      text('A')
        .repeat(2 ** 31)
        .repeat(2 ** 60)
        .equals(text('A').repeat(2 ** 60)),
    ).toBe(true);
  });

  it('is one piece again when its pages are put together', () => {
    const file = text('abc').repeat(2 ** 20);
    const pages = Array.from({ length: 256 }, (_, i) => file.slice(i * 4096, (i + 1) * 4096));
    expect(Content.join(pages).pieces).toHaveLength(1);
    const noise = Content.random(2 ** 20, 3);
    expect(Content.join([noise.slice(0, 4096), noise.slice(4096, 2 ** 20)]).pieces).toHaveLength(1);
  });

  it('refuses to grow without bound', () => {
    let doubled = text('A').repeat(5000).concat(Content.random(5000, 1));
    expect(() => {
      for (let i = 0; i < 40; i++) doubled = doubled.concat(doubled);
    }).toThrow(RangeError);
    expect(() => Content.empty.repeat(1)).toThrow(RangeError);
    expect(() =>
      text('A')
        .repeat(2 ** 60)
        .concat(text('b')),
    ).toThrow(RangeError);
  });

  it('knows random bytes by seed and position', () => {
    expect(Content.random(4096, 1).equals(Content.random(4096, 2))).toBe(false);
    expect(Content.random(4096, 1n).slice(100, 200).equals(Content.random(200, 1).slice(100, 200))).toBe(true);
    const counts = new Map<number, number>();
    for (const byte of Content.random(1 << 16, 5).bytes()) counts.set(byte, (counts.get(byte) ?? 0) + 1);
    expect(counts.size).toBe(256);
    expect(Math.max(...counts.values())).toBeLessThan(350);
  });

  it('is text only where it is UTF-8', () => {
    expect(text('/data/ä').asText()).toBe('/data/ä');
    expect(Content.of(Uint8Array.of(0xff)).asText()).toBeUndefined();
  });
});

describe('a content in few words', () => {
  function check(content: Content, expected: string, width?: number): void {
    it(expected, () => expect(content.toString(width)).toBe(expected));
  }
  check(Content.empty, '""');
  check(text('say "ä"\n'), '"say \\"ä\\"\\n"');
  check(Content.of(Uint8Array.of(255, 65)), '"\\xffA"');
  check(text('abc').repeat(4096), '"abc" * 4096');
  check(Content.zeros(4096), 'zeros(4096)');
  check(Content.random(8192, 7).slice(4096, 8192), 'random(8192, 7) from 4096');
  check(text('A').repeat(100).concat(Content.zeros(4096)), '"A" * 100 + zeros(4096)');
  check(Content.join([1, 2, 3, 4, 5, 6].map((n) => Content.random(4096, n))), 'random(4096, 1) + … (24576 bytes)', 16);
});

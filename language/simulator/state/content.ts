import { byteOf, cut, hashPieces, merged, period, samePieces, type Piece } from './pieces';
import { hashNumber, type Hash } from './polynomial';
import { noiseSeed } from './noise';
import { preview } from './preview';

/** What is no longer than this is looked at byte by byte when it is made. */
const SMALL = 65536;
/** A content of a page or less in more pieces than this is written out. */
const FEW = 12;
/** More pieces than this are refused: joins of joins would otherwise grow without bound. */
export const MAX_PIECES = 1048576;

/**
 * An immutable string of bytes, kept as what it is made of: patterns, random bytes, joins, repetitions. Nothing here takes time or memory
 * in proportion to `length`, except `bytes` and the hash and comparison of random bytes. Lengths and positions are bytes; above 2^53 they
 * have to be exact in a double (multiples of a page are).
 */
export class Content {
  private hash52: Hash | undefined;
  /** Where each piece ends; only where there are several. */
  private ends: Float64Array | undefined;

  private constructor(
    readonly length: number,
    readonly pieces: readonly Piece[],
  ) {}

  static readonly empty = new Content(0, []);

  /** These bytes. They must not be changed afterwards. */
  static of(bytes: Uint8Array): Content {
    if (bytes.length === 0) return Content.empty;
    const word = bytes.length <= SMALL ? bytes.subarray(0, period(bytes)) : bytes;
    return new Content(bytes.length, [{ kind: 'bytes', word, phase: 0, length: bytes.length }]);
  }

  /** The text in UTF-8. */
  static text(text: string): Content {
    return Content.of(new TextEncoder().encode(text));
  }

  static zeros(length: number): Content {
    return length === 0 ? Content.empty : new Content(length, [{ kind: 'bytes', word: ZERO, phase: 0, length }]);
  }

  /** Bytes that depend on the seed and their position alone. */
  static random(length: number, seed: number | bigint): Content {
    return length === 0 ? Content.empty : new Content(length, [{ kind: 'random', seed: noiseSeed(seed), offset: 0, length }]);
  }

  /** All of them, end to end. Throws a RangeError where that takes more than MAX_PIECES pieces, or bytes beyond 2^53 could not be told apart. */
  static join(parts: readonly Content[]): Content {
    const pieces: Piece[] = [];
    let length = 0;
    for (const part of parts) {
      length += part.length;
      for (const piece of part.pieces) {
        const last = pieces[pieces.length - 1];
        const one = last && merged(last, piece);
        if (one) pieces[pieces.length - 1] = one;
        else pieces.push(piece);
      }
      if (pieces.length > MAX_PIECES) throw new RangeError(`a content of more than ${MAX_PIECES} different pieces`);
    }
    if (!Number.isSafeInteger(length) && parts.some((part) => part.length % 4096 !== 0))
      throw new RangeError('a content of more than 2^53 bytes can only be joined from whole pages');
    return new Content(length, pieces).tidy();
  }

  concat(other: Content): Content {
    if (this.length === 0) return other;
    return other.length === 0 ? this : Content.join([this, other]);
  }

  /** Repeated, the last copy cut, to `length` bytes in all. Throws a RangeError where there is nothing to repeat. */
  repeat(length: number): Content {
    if (length <= this.length) return this.slice(0, length);
    if (this.length === 0) throw new RangeError('an empty content has nothing to repeat');
    const [only, ...more] = this.pieces;
    if (only && more.length === 0 && only.kind !== 'random') {
      const unit = only.kind === 'bytes' ? only.word.length : only.of.length;
      if (only.length % unit === 0) return new Content(length, [{ ...only, length }]);
    }
    if (this.length <= SMALL) return new Content(length, [{ kind: 'bytes', word: this.bytes(), phase: 0, length }]);
    return new Content(length, [{ kind: 'cycle', of: this, phase: 0, length }]);
  }

  /** Bytes from `from` (in the content) to `to` (at most `length`), exclusive. */
  slice(from: number, to: number): Content {
    const end = Math.min(to, this.length);
    if (from <= 0 && end === this.length) return this;
    if (from >= end) return Content.empty;
    const pieces: Piece[] = [];
    for (let k = this.find(from), start = this.startOf(k); start < end; start += this.pieces[k++]!.length) {
      const piece = this.pieces[k]!;
      const first = Math.max(from - start, 0);
      pieces.push(cut(piece, first, Math.min(end - start, piece.length) - first));
    }
    return new Content(end - from, pieces).tidy();
  }

  /** Compares by value, byte for byte. */
  equals(other: Content): boolean {
    if (this === other) return true;
    if (this.length !== other.length) return false;
    if (this.hash52 && other.hash52 && hashNumber(this.hash52) !== hashNumber(other.hash52)) return false;
    const mine = this.pieces;
    const theirs = other.pieces;
    for (let i = 0, j = 0, inMine = 0, inTheirs = 0; i < mine.length && j < theirs.length;) {
      const a = mine[i]!;
      const b = theirs[j]!;
      const step = Math.min(a.length - inMine, b.length - inTheirs);
      if (!samePieces(cut(a, inMine, step), cut(b, inTheirs, step), step)) return false;
      inMine += step;
      inTheirs += step;
      if (inMine === a.length) [i, inMine] = [i + 1, 0];
      if (inTheirs === b.length) [j, inTheirs] = [j + 1, 0];
    }
    return true;
  }

  equalsPiece(piece: Piece): boolean {
    return this.equals(new Content(piece.length, [piece]));
  }

  /** The same number (below 2^52) for equal bytes, however they came about. */
  hash(): number {
    return hashNumber(this.hashed());
  }

  hashed(): Hash {
    return (this.hash52 ??= hashPieces(this.pieces));
  }

  byteAt(index: number): number {
    const k = this.find(index);
    return byteOf(this.pieces[k]!, index - this.startOf(k));
  }

  /** The bytes themselves; the caller keeps the range small. */
  bytes(from = 0, to = this.length): Uint8Array {
    const end = Math.min(to, this.length);
    const out = new Uint8Array(Math.max(end - from, 0));
    let at = 0;
    for (let k = this.find(from), start = this.startOf(k); at < out.length; start += this.pieces[k++]!.length) {
      const piece = this.pieces[k]!;
      const stop = Math.min(end - start, piece.length);
      for (let i = Math.max(from - start, 0); i < stop; i++) out[at++] = byteOf(piece, i);
    }
    return out;
  }

  isZero(): boolean {
    return this.pieces.every((piece) => (piece.kind === 'bytes' && piece.word === ZERO) || sameAsZeros(piece));
  }

  /** The text that these bytes are in UTF-8; undefined where they are none, or longer than a page. */
  asText(): string | undefined {
    if (this.length > 4096) return undefined;
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes());
    } catch {
      return undefined;
    }
  }

  /** As one would write it in a scenario, shortened to about `width` characters. */
  toString(width = 60): string {
    return preview(this, width);
  }

  /** Writes out a short content that has come to many pieces. */
  private tidy(): Content {
    if (this.pieces.length > FEW && this.length <= 4096) return Content.of(this.bytes());
    if (this.pieces.length > 1 && this.length <= 64) return Content.of(this.bytes());
    return this;
  }

  /** Index of the piece that the byte is in. */
  private find(index: number): number {
    if (this.pieces.length <= 1) return 0;
    const ends = (this.ends ??= this.sums());
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (ends[middle]! > index) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private startOf(piece: number): number {
    return piece === 0 ? 0 : this.ends![piece - 1]!;
  }

  private sums(): Float64Array {
    const ends = new Float64Array(this.pieces.length);
    let sum = 0;
    this.pieces.forEach((piece, k) => (ends[k] = sum += piece.length));
    return ends;
  }
}

const ZERO = new Uint8Array(1);

function sameAsZeros(piece: Piece): boolean {
  return samePieces(piece, { kind: 'bytes', word: ZERO, phase: 0, length: piece.length }, piece.length);
}

import { EMPTY, hashBytes, hashJoin, hashRepeat, type Hash } from './polynomial';
import { noiseByte, type NoiseSeed } from './noise';
import type { Content } from './content';

/** What a content is made of, end to end. Immutable; a slice shares the word, the seed or the cycle. */
export type Piece =
  /** `word` repeated without end, from byte `phase` of it. */
  | { readonly kind: 'bytes'; readonly word: Uint8Array; readonly phase: number; readonly length: number }
  /** Random bytes of a seed, from its byte `offset` on. */
  | { readonly kind: 'random'; readonly seed: NoiseSeed; readonly offset: number; readonly length: number }
  /** A long content repeated without end, from byte `phase` of it. */
  | { readonly kind: 'cycle'; readonly of: Content; readonly phase: number; readonly length: number };

/** The piece's bytes from `from`, `length` of them. */
export function cut(piece: Piece, from: number, length: number): Piece {
  if (from === 0 && length === piece.length) return piece;
  switch (piece.kind) {
    case 'bytes':
      return { ...piece, phase: (piece.phase + from) % piece.word.length, length };
    case 'random':
      return { ...piece, offset: piece.offset + from, length };
    case 'cycle':
      return { ...piece, phase: (piece.phase + from) % piece.of.length, length };
  }
}

export function byteOf(piece: Piece, index: number): number {
  switch (piece.kind) {
    case 'bytes':
      return piece.word[(piece.phase + index) % piece.word.length]!;
    case 'random':
      return noiseByte(piece.seed, piece.offset + index);
    case 'cycle':
      return piece.of.byteAt((piece.phase + index) % piece.of.length);
  }
}

/** Both as one piece, where the second goes on as the first would have. */
export function merged(a: Piece, b: Piece): Piece | undefined {
  const length = a.length + b.length;
  if (a.kind === 'bytes' && b.kind === 'bytes')
    return sameWord(a.word, b.word) && (a.phase + a.length) % a.word.length === b.phase ? { ...a, length } : undefined;
  if (a.kind === 'random' && b.kind === 'random')
    return sameSeed(a.seed, b.seed) && a.offset + a.length === b.offset ? { ...a, length } : undefined;
  if (a.kind === 'cycle' && b.kind === 'cycle')
    return a.of === b.of && (a.phase + a.length) % a.of.length === b.phase ? { ...a, length } : undefined;
  return undefined;
}

/**
 * Equality of `length` bytes. Two periodic words that agree on as many bytes as their periods together agree for ever
 * (Fine and Wilf), so never more than that is compared, however long they are.
 */
export function samePieces(a: Piece, b: Piece, length: number): boolean {
  if (a.kind === 'bytes' && b.kind === 'bytes') {
    if (a.word === b.word && a.phase === b.phase) return true;
    return sameBytes(a, b, Math.min(length, a.word.length + b.word.length));
  }
  if (a.kind === 'random' && b.kind === 'random' && sameSeed(a.seed, b.seed) && a.offset === b.offset) return true;
  if (a.kind === 'cycle' && b.kind === 'cycle') {
    if (a.of === b.of && a.phase === b.phase) return true;
    const enough = Math.min(length, a.of.length + b.of.length);
    return a.of.length >= b.of.length ? sameCycle(a, b, enough) : sameCycle(b, a, enough);
  }
  if (a.kind === 'cycle') return sameCycle(a, b, b.kind === 'bytes' ? Math.min(length, a.of.length + b.word.length) : length);
  if (b.kind === 'cycle') return samePieces(b, a, length);
  return sameBytes(a, b, length);
}

/** Compares copy by copy with what stands beside it. */
function sameCycle(cycle: Piece & { kind: 'cycle' }, other: Piece, length: number): boolean {
  const period = cycle.of.length;
  for (let at = 0; at < length;) {
    const phase = (cycle.phase + at) % period;
    const step = Math.min(period - phase, length - at);
    if (!cycle.of.slice(phase, phase + step).equalsPiece(cut(other, at, step))) return false;
    at += step;
  }
  return true;
}

function sameBytes(a: Piece, b: Piece, length: number): boolean {
  for (let i = 0; i < length; i++) if (byteOf(a, i) !== byteOf(b, i)) return false;
  return true;
}

function sameSeed(a: NoiseSeed, b: NoiseSeed): boolean {
  return a.low === b.low && a.high === b.high;
}

function sameWord(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function hashPiece(piece: Piece): Hash {
  if (piece.kind === 'random') return hashBytes(piece.length, (index) => byteOf(piece, index));
  const period = piece.kind === 'bytes' ? piece.word.length : piece.of.length;
  if (piece.length <= period) return hashPart(piece, 0, piece.length);
  const rest = piece.length % period;
  const whole = hashRepeat(hashPart(piece, 0, period), period, (piece.length - rest) / period);
  return rest === 0 ? whole : hashJoin(whole, hashPart(piece, 0, rest), rest);
}

/** Hash of at most one period of a repeated piece. */
function hashPart(piece: Piece, from: number, length: number): Hash {
  if (piece.kind !== 'cycle') return hashBytes(length, (index) => byteOf(piece, from + index));
  const first = Math.min(length, piece.of.length - piece.phase);
  const head = piece.of.slice(piece.phase, piece.phase + first).hashed();
  return first === length ? head : hashJoin(head, piece.of.slice(0, length - first).hashed(), length - first);
}

/** Hash of pieces laid end to end. */
export function hashPieces(pieces: readonly Piece[]): Hash {
  let hash = EMPTY;
  for (const piece of pieces) hash = hashJoin(hash, hashPiece(piece), piece.length);
  return hash;
}

/** Length of the shortest word that the bytes are a repetition of (the last copy may be cut): Knuth, Morris and Pratt's failure function. */
export function period(bytes: Uint8Array): number {
  const border = new Int32Array(bytes.length + 1);
  border[0] = -1;
  let k = -1;
  for (let i = 0; i < bytes.length; i++) {
    while (k >= 0 && bytes[k] !== bytes[i]) k = border[k]!;
    border[i + 1] = ++k;
  }
  return bytes.length - k;
}

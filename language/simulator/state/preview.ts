import type { Content } from './content';
import type { Piece } from './pieces';

/** A content as one would write it in a scenario: `"abc" * 4096`, `zeros(8192) + random(4096, 7)`; shortened to about `width` characters. */
export function preview(content: Content, width: number): string {
  if (content.length === 0) return '""';
  let text = '';
  for (const [k, piece] of content.pieces.entries()) {
    if (k > 0) text += ' + ';
    if (text.length >= width) return `${text}… (${content.length} bytes)`;
    text += previewPiece(piece, Math.max(width - text.length, 16));
  }
  return text;
}

function previewPiece(piece: Piece, width: number): string {
  switch (piece.kind) {
    case 'random': {
      const seed = BigInt(piece.seed.high) * 0x1_0000_0000n + BigInt(piece.seed.low);
      const all = `random(${piece.offset + piece.length}, ${seed})`;
      return piece.offset === 0 ? all : `${all} from ${piece.offset}`;
    }
    case 'cycle':
      return `(${preview(piece.of, width)}) * ${piece.length}`;
    case 'bytes': {
      const { word, phase, length } = piece;
      if (word.length === 1 && word[0] === 0) return `zeros(${length})`;
      const shown = Math.min(length, word.length, width);
      const bytes = Uint8Array.from({ length: shown }, (_, i) => word[(phase + i) % word.length]!);
      const cut = shown < Math.min(length, word.length) ? '…' : '';
      return length > word.length || cut ? `${quote(bytes, cut)} * ${length}` : quote(bytes, '');
    }
  }
}

const ESCAPES: Record<number, string> = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\' };

/** A string literal of the language: UTF-8 as it is, everything that is none as `\xNN`. */
function quote(bytes: Uint8Array, cut: string): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    text = Array.from(bytes, (byte) => String.fromCharCode(byte > 126 ? 0xfffd : byte)).join('');
    let i = 0;
    text = text.replace(/[^]/gu, (c) => (bytes[i++]! > 126 ? hex(bytes[i - 1]!) : plain(c)));
    return `"${text}${cut}"`;
  }
  return `"${Array.from(text, plain).join('')}${cut}"`;
}

function plain(character: string): string {
  const code = character.codePointAt(0)!;
  return ESCAPES[code] ?? (code < 32 || code === 127 ? hex(code) : character);
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

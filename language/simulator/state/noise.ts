/* eslint-disable no-bitwise -- a 32-bit mixing function: cutting to 32 bits is what it is made of */

/** Which stream of random bytes: the seed's two halves. */
export interface NoiseSeed {
  readonly low: number;
  readonly high: number;
}

/** `seed` counts modulo 2^64. */
export function noiseSeed(seed: number | bigint): NoiseSeed {
  const bits = BigInt.asUintN(64, BigInt(seed));
  return { low: Number(bits & 0xffffffffn), high: Number(bits >> 32n) };
}

/** Byte `position` of the stream: a function of the two and nothing else, so that any part can be had without the ones before it. */
export function noiseByte(seed: NoiseSeed, position: number): number {
  const word = Math.floor(position / 4);
  return (noiseWord(seed, word) >>> ((position - word * 4) * 8)) & 255;
}

function noiseWord(seed: NoiseSeed, word: number): number {
  let h = mix(seed.low ^ Math.imul(word >>> 0, 0x9e3779b1));
  h = mix((h + seed.high) ^ Math.imul(Math.floor(word / 0x1_0000_0000), 0x85ebca77));
  return mix(h ^ (word >>> 0));
}

/** A bijection of 32-bit words in which every bit of the input moves every bit of the output. */
function mix(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  return h ^ (h >>> 16);
}

/** Values that a param goes through. */
export interface Range {
  readonly param: string;
  readonly values: readonly bigint[];
}

/** More runs than this are not made in one go. */
const MOST_POINTS = 1000;

/** `n=1..2000:100`: from 1 in steps of 100 (1 without it) as long as it is at most 2000; or a sentence on what is wrong with it. */
export function parseRange(text: string): Range | { readonly error: string } {
  const match = /^\s*([A-Za-z_]\w*)\s*=\s*([^.:]+)\.\.([^.:]+)(?::([^.:]+))?$/.exec(text);
  const [, param, ...written] = match ?? [];
  const [from, to, step] = [written[0], written[1], written[2] ?? '1'].map((number) => parseInteger(number ?? ''));
  if (param === undefined || from === undefined || to === undefined || step === undefined)
    return { error: 'it is written as name=from..to:step, as in n=1..2000:100' };
  const outside = [from, to].find((value) => value < -(2n ** 63n) || value >= 2n ** 64n);
  if (outside !== undefined) return { error: `${outside} is outside −2^63 … 2^64−1` };
  if (step <= 0n) return { error: 'the step has to be at least 1' };
  if (from > to) return { error: `it goes upwards, from ${to} to ${from}` };
  const points = (to - from) / step + 1n;
  if (points > MOST_POINTS) return { error: `that is ${points} values, at most ${MOST_POINTS}; take larger steps` };
  return { param, values: Array.from({ length: Number(points) }, (_, i) => from + BigInt(i) * step) };
}

/** An integer as the language writes it: `1500`, `0x1000`, `1_000`, `4K`, also below 0. */
export function parseInteger(text: string): bigint | undefined {
  const match = /^\s*(-?)(0x[\da-f_]+|[\d_]*\d[\d_]*)([KMGTPE]?)\s*$/i.exec(text);
  if (!match) return undefined;
  const [, sign, digits, suffix] = match;
  const value = BigInt(digits!.replaceAll('_', '')) * (suffix ? 1024n ** BigInt('KMGTPE'.indexOf(suffix.toUpperCase()) + 1) : 1n);
  return sign ? -value : value;
}

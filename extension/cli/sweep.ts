import { parseParams, WrongUse } from './arguments';

/** Values that a param goes through. */
export interface SweepValues {
  readonly param: string;
  readonly values: readonly bigint[];
}

/** More runs than this are not made in one go. */
const MOST_POINTS = 1000;

/** `n=1..2000:100`: from 1 in steps of 100 (1 without it) as long as it is at most 2000. Numbers as `--param` takes them. */
export function parseSweep(text: string): SweepValues {
  const match = /^([A-Za-z_]\w*)=([^.:]+)\.\.([^.:]+)(?::([^.:]+))?$/.exec(text);
  if (!match) throw new WrongUse(`--sweep takes name=from..to:step, as in --sweep n=1..2000:100, not ${text}`);
  const [, param, ...written] = match as unknown as [string, string, string, string, string | undefined];
  const [from, to, step] = [written[0], written[1], written[2] ?? '1'].map((number) => numberIn(text, param, number)) as [
    bigint,
    bigint,
    bigint,
  ];
  if (step <= 0n) throw new WrongUse(`--sweep ${text}: the step has to be at least 1`);
  if (from > to) throw new WrongUse(`--sweep ${text}: it goes upwards, from ${to} to ${from}`);
  const points = (to - from) / step + 1n;
  if (points > MOST_POINTS) throw new WrongUse(`--sweep ${text}: that is ${points} values, at most ${MOST_POINTS}; take larger steps`);
  return { param, values: Array.from({ length: Number(points) }, (_, i) => from + BigInt(i) * step) };
}

function numberIn(text: string, param: string, number: string): bigint {
  try {
    return parseParams([`${param}=${number}`])[param]!;
  } catch (error) {
    if (!(error instanceof WrongUse)) throw error;
    throw new WrongUse(`--sweep takes name=from..to:step, as in --sweep n=1..2000:100, not ${text}`);
  }
}

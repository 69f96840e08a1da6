import assert from 'node:assert/strict';

/** What the pair of machine and reference model uses of vitest, for a program of its own. */
export const expect = (value: unknown): { toBe(expected: unknown): void; toEqual(expected: unknown): void } => ({
  toBe: (expected) => assert.equal(value, expected),
  toEqual: (expected) => assert.deepEqual(value, expected),
});

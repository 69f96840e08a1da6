/**
 * A polynomial hash modulo two primes below 2^26, so that products stay exact in a double.
 * The hash of a join and of a repetition follow from the hashes of the parts: what is petabytes long is hashed in a few multiplications.
 */

export interface Hash {
  readonly a: number;
  readonly b: number;
}

const A = { modulus: 67108859, base: 40503001 };
const B = { modulus: 67108837, base: 28147497 };
type Field = typeof A;

export const EMPTY: Hash = { a: 0, b: 0 };

/** Exact for factors below 2^26. */
function times(x: number, y: number, modulus: number): number {
  const product = x * y;
  const rest = product - Math.floor(product / modulus) * modulus;
  return rest < 0 ? rest + modulus : rest >= modulus ? rest - modulus : rest;
}

function power(field: Field, exponent: number): number {
  let result = 1;
  for (let square = field.base, rest = exponent; rest > 0; square = times(square, square, field.modulus)) {
    if (rest % 2 === 1) result = times(result, square, field.modulus);
    rest = Math.floor(rest / 2);
  }
  return result;
}

/** Hash of `count` bytes that `byteAt` gives. Each counts one more than its value, so that zeros are not nothing. */
export function hashBytes(count: number, byteAt: (index: number) => number): Hash {
  let a = 0;
  let b = 0;
  for (let i = 0; i < count; i++) {
    const value = byteAt(i) + 1;
    a = (times(a, A.base, A.modulus) + value) % A.modulus;
    b = (times(b, B.base, B.modulus) + value) % B.modulus;
  }
  return { a, b };
}

/** Hash of a join, from the hashes of its sides and the second one's length. */
export function hashJoin(left: Hash, right: Hash, rightLength: number): Hash {
  return {
    a: (times(left.a, power(A, rightLength), A.modulus) + right.a) % A.modulus,
    b: (times(left.b, power(B, rightLength), B.modulus) + right.b) % B.modulus,
  };
}

/** Hash of `times` repetitions of what is `length` long. */
export function hashRepeat(hash: Hash, length: number, repetitions: number): Hash {
  return { a: geometric(A, hash.a, length, repetitions), b: geometric(B, hash.b, length, repetitions) };
}

function geometric(field: Field, hash: number, length: number, repetitions: number): number {
  let result = 0;
  let unit = hash;
  let shift = power(field, length);
  for (let rest = repetitions; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = (times(result, shift, field.modulus) + unit) % field.modulus;
    unit = (times(unit, shift, field.modulus) + unit) % field.modulus;
    shift = times(shift, shift, field.modulus);
  }
  return result;
}

/** The two halves as one number below 2^52. */
export function hashNumber(hash: Hash): number {
  return hash.a * 67108864 + hash.b;
}

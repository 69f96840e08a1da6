/**
 * A reference from one consecutive run of numbers to another (page → frame, file block → disk block) is stored as its distance,
 * so that a run of references is one value. The bias keeps 0 free for "none".
 */
const BIAS = 2 ** 50;

export const NONE = 0;

/** What a column holds at `at` to refer to `target`. */
export const refer = (at: number, target: number): number => target - at + BIAS;

/** What a column that holds `value` at `at` refers to. */
export const target = (at: number, value: number): number => value + at - BIAS;

/** The same for references that descend while their index ascends (page tables, handed out from the top of memory). */
export const referDown = (at: number, to: number): number => to + at + BIAS;
export const targetDown = (at: number, value: number): number => value - at - BIAS;

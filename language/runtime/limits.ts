/** What a run may use before it ends with an error that names the limit. The settings are `mmscn.limits.*`. */
export interface Limits {
  /** Steps, and statements, each. */
  readonly steps: number;
  /** Routines open at once. */
  readonly nesting: number;
  /** Bytes of history. */
  readonly history: number;
}

export const LIMITS: Limits = { steps: 10_000_000, nesting: 200, history: 2 ** 30 };

/**
 * Thrown where the simulation can't go on (never for what a kernel would answer with an errno or a signal).
 * `Machine.step` catches it, undoes the step and reports it.
 */
export class Impossible extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

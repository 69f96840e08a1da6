import type { OptionSpec, ParsedArguments } from './arguments';
import type { Output } from './terminal';

export interface Streams {
  readonly out: Output;
  readonly err: Output;
}

export interface Command {
  readonly name: string;
  /** What stands after the name: `FILE… [--json]`. */
  readonly usage: string;
  readonly doc: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Gives the exit code; throws `WrongUse` only. */
  run(args: ParsedArguments, streams: Streams): number | Promise<number>;
}

import type { DebugProtocol } from '@vscode/debugprotocol';

/** An error that the client is told in one sentence; anything else that is thrown is a bug of ours, and told as one. */
export class RequestError extends Error {}

/** One request being answered. */
export interface Call {
  readonly command: string;
  /** Does something once the reply is on its way: what must not overtake it, as `stopped` must not overtake the reply to `next`. */
  after(action: () => void): void;
  /** Set by a `cancel` request. */
  readonly cancelled: boolean;
}

export type Message = DebugProtocol.ProtocolMessage;

/** What a client sends is whatever it sends: the handlers read it through these. */
export type Arguments = Readonly<Record<string, unknown>>;

export function numberIn(args: Arguments, name: string): number {
  const value = args[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new RequestError(`The argument \`${name}\` must be a number.`);
  return value;
}

export function stringIn(args: Arguments, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw new RequestError(`The argument \`${name}\` must be a text.`);
  return value;
}

export function optionalNumber(args: Arguments, name: string): number | undefined {
  return args[name] === undefined || args[name] === null ? undefined : numberIn(args, name);
}

export function optionalString(args: Arguments, name: string): string | undefined {
  return args[name] === undefined || args[name] === null ? undefined : stringIn(args, name);
}

export function objectIn(args: Arguments, name: string): Arguments {
  const value = args[name];
  if (typeof value !== 'object' || value === null) throw new RequestError(`The argument \`${name}\` must be an object.`);
  return value as Arguments;
}

/** A list of objects; one that is absent is empty. */
export function listIn(args: Arguments, name: string): readonly Arguments[] {
  const value = args[name] ?? [];
  if (!Array.isArray(value)) throw new RequestError(`The argument \`${name}\` must be a list.`);
  return value.map((item) => (typeof item === 'object' && item !== null ? (item as Arguments) : {}));
}

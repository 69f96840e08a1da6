import { Content } from '../simulator/state/content';
import type { Value } from '../simulator/value';
import type { Call } from '../syntax/ast';
import type { World } from './evaluate';
import { fail } from './problem';
import { content, integer, size, text } from './values';

type Builtin = (args: readonly Value[], call: Call, world: World) => Value;

/** Random bytes have to be looked at one by one where they are hashed or compared with others. */
const MOST_RANDOM = 64 * 1024 * 1024;

/** What an expression can call beside the observables. */
export const builtins: Readonly<Record<string, Builtin>> = {
  zeros: (args, call) => Content.zeros(size(argument(args, 0, call), 'The length', call)),
  random: (args, call) => {
    const length = size(argument(args, 0, call), 'The length', call);
    if (length > MOST_RANDOM)
      fail('wrong-value', `random(${length}, …): at most ${MOST_RANDOM} random bytes; repeat them with \`*\``, call);
    return Content.random(length, integer(argument(args, 1, call), 'The seed', call));
  },
  len: (args, call) => BigInt(content(argument(args, 0, call), 'What `len` measures', call).length),
  file: (args, call, world) => world.machine.file(text(argument(args, 0, call), 'A path', call)) ?? 0n,
  cgroup: (args, call, world) => world.machine.cgroup(text(argument(args, 0, call), 'A path', call)) ?? 0n,
};

function argument(args: readonly Value[], index: number, call: Call): Value {
  return args[index] ?? fail('wrong-value', `\`${call.callee.text}\` takes more arguments`, call);
}

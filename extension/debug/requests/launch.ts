import type { Debugger } from '../debugger';
import { launchOptions, type LaunchOptions } from '../launch';
import { start } from '../loading';
import { type Arguments, type Call, RequestError } from '../protocol';
import { toClient } from './breakpoints';
import { Shadows } from '../shadows';
import { starting, toStatement, toTheEnd } from '../stops';

/** Loads the program and sets the machine up. The client is asked for its breakpoints only then; the run begins when it has told them. */
export async function launch(debug: Debugger, args: Arguments, call: Call): Promise<void> {
  if (!debug.fresh) throw new RequestError('A scenario has already been launched in this session.');
  await load(debug, launchOptions(args), call);
  call.after(() => {
    debug.event('initialized');
    beginIfReady(debug);
  });
}

/** VS Code sends it before it has the reply to `launch`. */
export function configurationDone(debug: Debugger, _args: Arguments, call: Call): void {
  debug.configure();
  call.after(() => beginIfReady(debug));
}

/** Reads the files again: the run begins anew with what they say now. */
export async function restart(debug: Debugger, args: Arguments, call: Call): Promise<void> {
  const previous = debug.launch;
  if (!previous || debug.isOver) throw new RequestError('Nothing has been launched that could be restarted.');
  const given = args['arguments'];
  const options = typeof given === 'object' && given !== null && 'program' in given ? launchOptions(given as Arguments) : previous;
  await load(debug, options, call);
  call.after(() => beginIfReady(debug));
}

async function load(debug: Debugger, options: LaunchOptions, call: Call): Promise<void> {
  const program = debug.host.absolute?.(options.program) ?? options.program;
  const { run: loaded, others } = await start({ ...options, program }, (uri) => debug.host.readText(uri));
  if (call.cancelled) throw new RequestError('cancelled');
  if (debug.isOver) throw new RequestError('The session has ended.');
  debug.load(loaded, options, new Shadows(loaded, others));
  const lines = debug.breakpoints.resolveAll(loaded.program).map(({ reply }) => toClient(debug, reply));
  for (const breakpoint of [...lines, ...debug.functions.resolveAll(loaded)]) debug.event('breakpoint', { reason: 'changed', breakpoint });
}

function beginIfReady(debug: Debugger): void {
  if (!debug.canBegin) return;
  const { stopOnEntry, noDebug, statement } = debug.launch!;
  if (statement !== undefined && !noDebug) return debug.begin((run) => toStatement(run, statement));
  if (stopOnEntry && !noDebug) debug.enter({ reason: 'entry' });
  else debug.begin((run) => (noDebug ? toTheEnd(run) : starting(debug, run)));
}

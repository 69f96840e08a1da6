import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Run } from '../../language/runtime/run';
import type { Debugger } from './debugger';
import type { Frame } from './stack';
import { changesSince } from './variables/changes';
import { childrenOf, Container } from './variables/container';
import { filesContainer } from './variables/files';
import { itemOf, observablesOf } from './variables/object';
import { processContainer, processItem } from './variables/process';

/** What a frame shows: its process first, then everything else that there is. */
export function scopesOf(debug: Debugger, run: Run, frame: Frame): DebugProtocol.Scope[] {
  const processes = run.processes();
  const acting = processes.find(({ pid }) => pid === frame.actor);
  const scopes: DebugProtocol.Scope[] = [];
  const add = (name: string, container: Container, expensive = false) => scopes.push({ name, expensive, ...childrenOf(debug, container) });
  if (acting) add(`Process ${acting.name}`, processContainer(run, acting));
  const locals = [...run.locals(frame.level ?? 0)];
  if (locals.length > 0)
    add('Locals', new Container((format) => locals.map(([name, value]) => itemOf(run, name, value, format, undefined, name))));
  const slice = (start: number, count: number) => processes.slice(start, start + count).map((process) => processItem(run, process));
  add('Processes', new Container(() => [], { count: processes.length, slice }));
  add('Machine', new Container((format) => observablesOf(run, 'run', undefined, '', format)));
  add('Files', filesContainer(run));
  for (let host = 1; host < run.machine.kernel.hosts.length; host++) {
    const name = run.machine.hostName(host);
    const subject = run.machine.host(name);
    add(`Host ${name}`, new Container((format) => observablesOf(run, 'host', subject, name, format)));
    add(`Files on ${name}`, filesContainer(run, host));
  }
  if (debug.shadows?.any) add('Under other designs', debug.shadows.container());
  add('Changed since the last stop', changesSince(run, debug.stopBefore), true);
  return scopes;
}

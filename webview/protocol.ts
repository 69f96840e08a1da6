/**
 * What passes between the panel and its host: two unions told apart by `kind`, each message checked where it arrives.
 * The host sends a `state` at every stop, for the last `want` it was told, and one for each new `view` request.
 */
import { count, nullable, object, oneOf, text, union } from './protocol/check';
import { panelState, want } from './protocol/stateCheck';
import type { PanelState, Want } from './protocol/state';

export { ProtocolError } from './protocol/check';
export type * from './protocol/state';

export const ACTIONS = ['stepBack', 'stepOver', 'stepInto', 'stepOut', 'reverseContinue', 'continue', 'start'] as const;
/** What the debugger can be told from the panel; `start` begins a session where there is none. */
export type Action = (typeof ACTIONS)[number];

export type FromPanel =
  /** The page is there (again) and shows nothing. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'view'; readonly id: number; readonly want: Want }
  /** Move the run to after `step` steps. */
  | { readonly kind: 'goto'; readonly step: number }
  | { readonly kind: 'do'; readonly action: Action }
  /** A message from the host was not what it should be. */
  | { readonly kind: 'problem'; readonly message: string };

export type ToPanel =
  /** `id` is that of the `view` it answers; null when the run has moved. */
  | { readonly kind: 'state'; readonly id: number | null; readonly state: PanelState }
  | { readonly kind: 'failed'; readonly id: number | null; readonly message: string }
  /** There is a session, running. */
  | { readonly kind: 'running' }
  /** There is no session (any more); what is shown is the last of it. */
  | { readonly kind: 'ended' };

/** The body of the debug adapter's custom request `mmscn/panel`. */
export interface PanelRequest {
  readonly kind: 'state';
  readonly want: Want;
}

export type PanelReply =
  | { readonly kind: 'state'; readonly state: PanelState }
  /** The run moves, or has not started: an `mmscn/changed` event will tell when to ask again. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed'; readonly message: string };

export const checkFromPanel = union<FromPanel>({
  ready: object({ kind: oneOf('ready') }),
  view: object({ kind: oneOf('view'), id: count, want }),
  goto: object({ kind: oneOf('goto'), step: count }),
  do: object({ kind: oneOf('do'), action: oneOf(...ACTIONS) }),
  problem: object({ kind: oneOf('problem'), message: text }),
});

export const checkToPanel = union<ToPanel>({
  state: object({ kind: oneOf('state'), id: nullable(count), state: panelState }),
  failed: object({ kind: oneOf('failed'), id: nullable(count), message: text }),
  running: object({ kind: oneOf('running') }),
  ended: object({ kind: oneOf('ended') }),
});

export const checkReply = union<PanelReply>({
  state: object({ kind: oneOf('state'), state: panelState }),
  busy: object({ kind: oneOf('busy') }),
  failed: object({ kind: oneOf('failed'), message: text }),
});

export const checkRequest = union<PanelRequest & { kind: 'state' }>({ state: object({ kind: oneOf('state'), want }) });

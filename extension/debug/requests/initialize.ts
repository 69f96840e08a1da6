import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debugger } from '../debugger';
import { EXCEPTION_FILTERS } from '../exceptions';
import { type Arguments, RequestError } from '../protocol';

const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsStepBack: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsFunctionBreakpoints: true,
  supportsDataBreakpoints: true,
  supportsBreakpointLocationsRequest: true,
  supportsExceptionInfoRequest: true,
  exceptionBreakpointFilters: [...EXCEPTION_FILTERS],
  supportsEvaluateForHovers: true,
  supportsClipboardContext: true,
  supportsCompletionsRequest: true,
  completionTriggerCharacters: ['.', '(', ',', '['],
  supportsSetVariable: true,
  supportsGotoTargetsRequest: true,
  supportsRestartRequest: true,
  supportsTerminateRequest: true,
  supportsLoadedSourcesRequest: true,
  supportsDelayedStackTraceLoading: true,
  supportsReadMemoryRequest: true,
  supportsCancelRequest: true,
  supportsValueFormattingOptions: true,
};

export function initialize(debug: Debugger, args: Arguments): DebugProtocol.Capabilities {
  if (args['pathFormat'] !== undefined && args['pathFormat'] !== 'path' && args['pathFormat'] !== 'uri')
    throw new RequestError(`The path format ${JSON.stringify(args['pathFormat'])} is unknown.`);
  debug.client = { ...args, adapterID: 'mmscn' };
  return CAPABILITIES;
}

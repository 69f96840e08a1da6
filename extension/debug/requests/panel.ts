import { answerPanel } from '../../../language/runtime/view/answer';
import { checkRequest, type PanelReply, ProtocolError } from '../../../webview/protocol';
import type { Debugger } from '../debugger';
import { type Arguments, RequestError } from '../protocol';

/** What the memory panel shows: it asks for what it needs of the state. */
export function panel(debug: Debugger, args: Arguments): { answer: PanelReply } {
  try {
    const request = checkRequest(args['request'], 'request');
    return { answer: debug.isStopped ? answerPanel(debug.run, request) : { kind: 'busy' } };
  } catch (error) {
    if (error instanceof ProtocolError) throw new RequestError(error.message);
    throw error;
  }
}

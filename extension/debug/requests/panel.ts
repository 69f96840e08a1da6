import { answerPanel } from '../../../language/runtime/view/answer';
import { checkRequest, ProtocolError } from '../../../webview/protocol';
import type { Debugger } from '../debugger';
import { type Arguments, RequestError } from '../protocol';

/** What the memory panel shows: it asks for what it needs of the state. */
export function panel(debug: Debugger, args: Arguments): object {
  const { run } = debug;
  try {
    return { answer: answerPanel(run, checkRequest(args['request'], 'request')) };
  } catch (error) {
    if (error instanceof ProtocolError) throw new RequestError(error.message);
    throw error;
  }
}

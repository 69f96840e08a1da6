import { comparable } from '../../../language/runtime/compare/variants';
import { answerPanel } from '../../../language/runtime/view/answer';
import type { Company } from '../../../language/runtime/view/beside/beside';
import { checkRequest, type PanelReply, type PanelRequest, ProtocolError } from '../../../webview/protocol';
import type { Debugger } from '../debugger';
import { companion } from '../loading';
import { type Arguments, RequestError } from '../protocol';

/** Milliseconds for which other messages may have to wait. */
const SLICE = 12;

/** What the memory panel shows: it asks for what it needs of the state. */
export function panel(debug: Debugger, args: Arguments): { answer: PanelReply } | Promise<{ answer: PanelReply }> {
  try {
    const request = checkRequest(args['request'], 'request');
    if (!debug.isStopped) return { answer: { kind: 'busy' } };
    return request.want.beside === null ? { answer: answerPanel(debug.run, request, company(debug)) } : answerBeside(debug, request);
  } catch (error) {
    if (error instanceof ProtocolError) throw new RequestError(error.message);
    throw error;
  }
}

/** The run beside may have to be started, and brought to where this one stands, first: in slices, given up where this one moves meanwhile. */
async function answerBeside(debug: Debugger, request: PanelRequest): Promise<{ answer: PanelReply }> {
  const { design } = request.want.beside!;
  const { run, shadows, stop } = debug;
  const still = () => debug.isStopped && debug.loaded === run && debug.stop === stop;
  let asked: Company['asked'];
  try {
    if (!shadows!.run(design)) shadows!.add(companion(run.program, debug.launch!, design));
    const following = shadows!.following(design);
    for (let end = performance.now() + SLICE; !following.next().done;) {
      if (performance.now() < end) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (!still()) return { answer: { kind: 'busy' } };
      end = performance.now() + SLICE;
    }
    asked = shadows!.run(design);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    asked = { problem: error.message };
  }
  return { answer: answerPanel(run, request, { ...company(debug), ...(asked && { asked }) }) };
}

/** Designs of the launch, then every other one that can be simulated. */
function company(debug: Debugger): Company {
  const { program, design } = debug.run;
  const along = debug.shadows?.labels ?? [];
  const others = comparable(program).filter((name) => name !== design && !along.includes(name));
  return { designs: [...along, ...others], along: along.length };
}

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debugger } from '../debugger';
import { sourceOf } from '../places';
import { type Arguments, objectIn, RequestError } from '../protocol';

/** The text of a kernel path, or of a file of the program as it was when it was launched. */
export function source(debug: Debugger, args: Arguments): DebugProtocol.SourceResponse['body'] {
  const asked = args['source'] === undefined ? {} : objectIn(args, 'source');
  const reference = Number(asked['sourceReference'] || args['sourceReference'] || 0);
  if (reference > 0) return { content: debug.documents.text(reference), mimeType: 'text/plain' };
  const file = debug.loaded?.program.sources.find(({ uri }) => uri === asked['path']);
  if (!file) throw new RequestError('The program has no such source.');
  return { content: file.text, mimeType: 'text/x-mmscn' };
}

/** The program and its imports. */
export function loadedSources(debug: Debugger): DebugProtocol.LoadedSourcesResponse['body'] {
  return { sources: (debug.loaded?.program.sources ?? []).map(({ uri }) => sourceOf(uri)) };
}

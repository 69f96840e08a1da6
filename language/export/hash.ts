import type { Content } from '../simulator/state/content';
import { fnv } from './observation';

const known = new WeakMap<Content, string>();

/** Hash of a content's bytes, as the C program computes it. */
export function contentHash(content: Content): string {
  let hash = known.get(content);
  if (hash === undefined) known.set(content, (hash = fnv(content.bytes(0, content.length))));
  return hash;
}

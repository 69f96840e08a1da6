import { nearest as nearestName } from '../../language/syntax/nearest';

/** `; did you mean x?` where a known word is near enough to what was written, else what there is to choose from. */
export function nearest(written: string, known: readonly string[], show = (name: string) => name): string {
  const best = nearestName(written, known);
  if (best !== undefined) return `; did you mean ${show(best)}?`;
  return known.length > 0 ? `; there ${known.length > 1 ? 'are' : 'is'} ${known.map(show).join(', ')}` : '';
}

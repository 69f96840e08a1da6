import type { Kernel } from '../state/kernel';
import { type Range, remove_rmap_items_from_tree } from './ksm_item';

/** Ages are counted in a byte. */
const OLDEST = 255;

/** `skip_age()`: how many scans pass over a page that has been looked at `age` times. */
const skip_age = (age: number): number => (age <= 3 ? 1 : age <= 5 ? 2 : age <= 8 ? 4 : 8);

/** `should_skip_rmap_item()`: with `smart_scan`, whether this scan passes over a page that did not merge in earlier ones. One page. */
export function should_skip_rmap_item(k: Kernel, range: Range): boolean {
  if (!k.options.ksm.smartScan) return false;
  const { age: ages, skips } = k.rmapItem.of(range.mm);
  const age = ages.get(range.vpn);
  ages.set(range.vpn, Math.min(OLDEST, age + 1));
  if (age < 3) return false;
  const left = skips.get(range.vpn);
  if (left === 0) {
    skips.set(range.vpn, skip_age(age));
    return false;
  }
  skips.set(range.vpn, left - 1);
  remove_rmap_items_from_tree(k, range);
  k.trace.effect('{addresses:0}: passed over, it did not merge before', 1, range.vpn);
  return true;
}

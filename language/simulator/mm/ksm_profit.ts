import type { Kernel } from '../state/kernel';
import { PAGE_SIZE } from '../state/units';

/** `sizeof(struct ksm_rmap_item)`. */
const RMAP_ITEM_BYTES = 64;

/** `pages_volatile`: pages that ksmd looked at and that are in no tree. */
export const ksm_pages_volatile = (k: Kernel): number =>
  Math.max(
    0,
    k.counter('ksm_rmap_items') - k.counter('ksm_pages_shared') - k.counter('ksm_pages_sharing') - k.counter('ksm_pages_unshared'),
  );

/** `general_profit`, in bytes: what merging saves less what the bookkeeping takes; may be negative. */
export const ksm_general_profit = (k: Kernel): number =>
  (k.counter('ksm_pages_sharing') + k.counter('ksm_zero_pages')) * PAGE_SIZE - k.counter('ksm_rmap_items') * RMAP_ITEM_BYTES;

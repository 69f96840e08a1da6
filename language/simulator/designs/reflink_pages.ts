import type { Options } from '../api';
import type { Design } from './design';
import { share_down, share_up } from './overlay_share';
import { shared_frames } from './shared_frames';

/**
 * The filesystem shares pages of inodes that it knows to share extents (Chinner, May 2016): a read of a block that is cached for another file
 * at the same place returns that page; a write unshares it for that inode. The page names one mapping and index, so places must agree.
 */
export function reflink_pages(options: Options): Design {
  const base: Design = { ...shared_frames({ anyIndex: false, again: options.reshare === 'on_dedupe' }), known: ['I1'] };
  switch (options['overlay.share']) {
    case 'up':
      return share_up(base);
    case 'down':
      return share_down(base);
    default:
      return base;
  }
}

import { btrfs } from './btrfs';
import { erofs } from './erofs';
import { ext4 } from './ext4';
import type { Filesystem } from './filesystem';
import { hugetlbfs } from './hugetlbfs';
import { msharefs } from './msharefs';
import { overlay } from './overlayfs/super';
import { tmpfs } from './tmpfs';
import { xfs } from './xfs';

/** Every type of filesystem that can be mounted. `mount.type` is the place in this list; the first one is `shm_mnt`'s, the kernel's own. */
export const filesystems: readonly Filesystem[] = [tmpfs, xfs, ext4, btrfs, overlay, erofs, hugetlbfs, msharefs];

/* eslint-disable no-bitwise -- RWF_* are bits of a word of fewer than 32. */
import { constants } from '../../catalogue/constants';
import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Kernel } from '../state/kernel';
import { file_inode, has_flag, O } from './file';
import { filesystem_of, type Kiocb } from './filesystem';
import { is_stream } from './userfaultfd_file';

const RWF = {
  HIPRI: Number(constants.RWF_HIPRI.value),
  DSYNC: Number(constants.RWF_DSYNC.value),
  SYNC: Number(constants.RWF_SYNC.value),
  NOWAIT: Number(constants.RWF_NOWAIT.value),
  APPEND: Number(constants.RWF_APPEND.value),
  NOAPPEND: Number(constants.RWF_NOAPPEND.value),
  DONTCACHE: Number(constants.RWF_DONTCACHE.value),
  NOSIGNAL: Number(constants.RWF_NOSIGNAL.value),
} as const;
const RWF_SUPPORTED = Object.values(RWF).reduce((all, flag) => all | flag, 0);

/** A read or write with its flags and its descriptor's; `append`: it goes to the end of the file. */
export type Iocb = Kiocb & { readonly append: boolean };

/** `kiocb_set_rw_flags()`: what RWF_* of preadv2(2) and pwritev2(2) make of a read or write of this open file. */
export function kiocb_set_rw_flags(k: Kernel, file: number, flags: number): Iocb | Outcome {
  const appends = has_flag(k.file.flags.get(file), O.APPEND);
  if (flags === 0) return { append: appends };
  const inode = file_inode(k, file);
  const stream = is_stream(k, file);
  if (k.inode.directory.get(inode) !== 0)
    return (flags & ~RWF.HIPRI) === 0 ? { append: false } : fail('EOPNOTSUPP', 'a directory is not read with flags');
  if ((flags & ~RWF_SUPPORTED) !== 0) return fail('EOPNOTSUPP', 'a flag that no file knows');
  if ((flags & RWF.APPEND) !== 0 && (flags & RWF.NOAPPEND) !== 0) return fail('EINVAL', 'RWF_APPEND and RWF_NOAPPEND exclude each other');
  const { name, f_op } = filesystem_of(k, inode);
  if ((flags & RWF.NOWAIT) !== 0 && !stream && f_op.nowait !== true) return fail('EOPNOTSUPP', `files of ${name} do not know RWF_NOWAIT`);
  if ((flags & RWF.DONTCACHE) !== 0 && (stream || f_op.dontcache !== true))
    return fail('EOPNOTSUPP', `${stream ? 'what is no file' : `files of ${name}`} does not know RWF_DONTCACHE`);
  return {
    nowait: (flags & RWF.NOWAIT) !== 0,
    dontcache: (flags & RWF.DONTCACHE) !== 0,
    dsync: (flags & (RWF.DSYNC | RWF.SYNC)) !== 0,
    append: (flags & RWF.APPEND) !== 0 || (appends && (flags & RWF.NOAPPEND) === 0),
  };
}

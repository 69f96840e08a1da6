import { beyond, LOFF_END } from '../arguments';
import { fail, number, type Calls } from '../calls';
import type { Outcome } from '../api';
import { Impossible } from '../state/impossible';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { NONE } from '../state/shift';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { pages_for_read } from '../mm/filemap_read';
import { get_user_pages } from '../mm/gup';
import { access_ok, hex } from '../mm/mmap';
import { shmem_get_folio_read } from '../mm/shmem_swap';
import { folio_mark_accessed } from '../mm/swap';
import { ebadf, fget, has_flag, O, readable, writable } from './file';
import { is_file_hugepages } from './hugetlbfs';
import { vfs_iter_write } from './iter';
import { bytes_written } from './newest';
import { add_buffer, free_buffers, is_pipe, nobody_reads, pipe_consume, pipe_content, pipe_link } from './pipe';
import { has_no_bytes } from './anon_inodes';
import { generic_write_checks } from './read_write';
import { is_userfaultfd } from './userfaultfd_file';

export const calls = {
  splice(k, task, fd_in, fd_out, len) {
    if (len === 0) return number(0);
    const ends = both_ends(k, task, fd_in, fd_out);
    if ('kind' in ends) return ends;
    const { from, to } = ends;
    if (is_pipe(k, from)) return k.in('do_splice', 1, () => (is_pipe(k, to) ? splice_pipe_to_pipe : splice_to_file)(k, from, to, len));
    if (!is_pipe(k, to)) return fail('EINVAL', 'neither descriptor is a pipe');
    if (k.inode.directory.get(k.file.inode.get(from)) !== 0) return fail('EINVAL', `descriptor ${fd_in} is a directory`);
    if (is_userfaultfd(k, from) || has_no_bytes(k, from)) return fail('EINVAL', `descriptor ${fd_in} has nothing to be read so`);
    if (beyond(k.file.position.get(from), len)) return fail('EINVAL', 'the range reaches beyond the largest offset');
    return k.in('filemap_splice_read', 1, () => splice_from_file(k, from, to, len));
  },

  tee(k, task, fd_in, fd_out, len) {
    if (len === 0) return number(0);
    const ends = both_ends(k, task, fd_in, fd_out);
    if ('kind' in ends) return ends;
    const { from, to } = ends;
    if (!is_pipe(k, from) || !is_pipe(k, to)) return fail('EINVAL', 'both descriptors have to be pipes');
    return k.in('do_tee', 1, () => link_pipes(k, from, to, len));
  },

  vmsplice(k, task, fd, addr, len) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if (len >= LOFF_END) return fail('EINVAL', 'a length is a signed number here, and this one is negative');
    if (!access_ok(addr, len)) return fail('EFAULT', `${len} bytes from ${hex(addr)} leave user space`);
    if (len === 0) return number(0);
    if (!is_pipe(k, file)) return fail('EBADF', `descriptor ${fd} is no pipe`);
    if (!writable(k, file)) throw new Impossible('not-implemented', 'vmsplice out of a pipe is not simulated: read it');
    const first = Math.floor(addr / PAGE_SIZE);
    const pages = Math.min(pagesOf(addr + len) - first, free_buffers(k, file));
    const end = Math.min(addr + len, (first + pages) * PAGE_SIZE);
    let taken = 0;
    const bad = get_user_pages(k, k.task.mm.get(task), first, pages, { write: false, fast: true }, (vpn, pfn, count) => {
      for (let i = 0; i < count; i++) {
        const at = Math.max(addr, (vpn + i) * PAGE_SIZE);
        const length = Math.min(end, (vpn + i + 1) * PAGE_SIZE) - at;
        add_buffer(k, file, pfn === 0 ? 0 : pfn + i, at % PAGE_SIZE, length);
        taken += length;
      }
    });
    return bad !== undefined && taken === 0 ? fail('EFAULT', bad.why) : number(taken);
  },
} satisfies Calls;

/** The open files that are read and written. */
function both_ends(k: Kernel, task: number, fd_in: number, fd_out: number): { readonly from: number; readonly to: number } | Outcome {
  const from = fget(k, task, fd_in);
  const to = fget(k, task, fd_out);
  if (from === 0 || !readable(k, from)) return ebadf(fd_in);
  return to === 0 || !writable(k, to) ? ebadf(fd_out) : { from, to };
}

/** `filemap_splice_read()`: the pipe holds references to the pages of the cache. A hole of tmpfs is the zero page. */
function splice_from_file(k: Kernel, from: number, to: number, len: number): Outcome {
  const inode = k.file.inode.get(from);
  const mapping = k.inode.mapping.get(inode);
  const start = k.file.position.get(from);
  let left = free_buffers(k, to);
  const end = Math.min(start + Math.min(len, left * PAGE_SIZE), k.inode.size.get(inode));
  let at = start;
  for (; at < end && left > 0; left--) {
    const index = Math.floor(at / PAGE_SIZE);
    const pfn = page_of(k, from, mapping, index, pagesOf(end));
    const length = Math.min(end, (index + 1) * PAGE_SIZE) - at;
    add_buffer(k, to, pfn, at % PAGE_SIZE, length);
    at += length;
  }
  k.file.position.set(from, at);
  return number(at - start);
}

/** The frame of the page at `index`, read if need be, and marked accessed. `last`: the page behind the last one that is wanted. */
function page_of(k: Kernel, file: number, mapping: number, index: number, last: number): number {
  const shmem = k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem;
  const { pfn } = shmem
    ? shmem_get_folio_read(k, mapping, index, 1)
    : pages_for_read(k, file, mapping, index, 1, { last, iocb: { splice: true } });
  if (pfn !== NONE) folio_mark_accessed(k, pfn, 1);
  return pfn;
}

/** `iter_file_splice_write()`: what the pages of the pipe hold is written to the file, at its position; no page is given to its cache. */
function splice_to_file(k: Kernel, from: number, to: number, len: number): Outcome {
  const position = k.file.position.get(to);
  if (has_flag(k.file.flags.get(to), O.APPEND)) return fail('EINVAL', 'the file is open for appending');
  if (beyond(position, len)) return fail('EINVAL', 'the range reaches beyond the largest offset');
  if (is_file_hugepages(k, k.file.inode.get(to))) return fail('EINVAL', 'a file of huge pages is only written through a mapping');
  if (has_no_bytes(k, to)) return fail('EINVAL', 'a pidfd or a ring is not written');
  const content = pipe_content(k, from, len);
  if ('kind' in content) return content;
  if (content.length === 0) return number(0);
  const { outcome } = k.in('iter_file_splice_write', 1, () =>
    vfs_iter_write(k, to, position, content, (at, all) => generic_write_checks(k, to, at, all)),
  );
  const written = bytes_written(outcome);
  k.file.position.set(to, position + written);
  pipe_consume(k, from, written);
  return outcome;
}

/** `splice_pipe_to_pipe()`: the pages go from one pipe to the other. */
function splice_pipe_to_pipe(k: Kernel, from: number, to: number, len: number): Outcome {
  const outcome = link_pipes(k, from, to, len);
  pipe_consume(k, from, bytes_written(outcome));
  return outcome;
}

/** As many of the oldest `len` bytes of a pipe as there is room for are put into another, by references to the same pages. */
function link_pipes(k: Kernel, from: number, to: number, len: number): Outcome {
  if (k.file.inode.get(from) === k.file.inode.get(to)) return fail('EINVAL', 'both are the same pipe');
  const content = pipe_content(k, from, len);
  if ('kind' in content) return content;
  return nobody_reads(k, to) ?? number(pipe_link(k, from, to, len));
}

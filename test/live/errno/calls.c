// The calls under their names in the language, with its arguments.
#include "perform.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static long accesses(uint64_t at, uint64_t len, int write) {
  for (uint64_t done = 0; done < len; done += PAGE - (at + done) % PAGE) {
    if (write) *(volatile char *)(at + done) = 'y';
    else (void)*(volatile char *)(at + done);
  }
  return write ? 0 : (long)len;
}

/** A buffer as large as what one call moves at most, with most of user space behind it. */
static void *room(void) {
  void *at = mmap((void *)(BASE / 2), 1UL << 31, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  must(at == MAP_FAILED ? -1 : 0, "mmap");
  return at;
}

static int nothing(void *unused) {
  (void)unused;
  syscall(SYS_exit, 0);
  return 0;
}

/** FIDEDUPERANGE of one destination. */
static long dedupe(uint64_t *a) {
  struct { struct file_dedupe_range range; struct file_dedupe_range_info info; } d;
  memset(&d, 0, sizeof d);
  d.range.src_offset = a[1]; d.range.src_length = a[2]; d.range.dest_count = 1;
  d.info.dest_fd = (int)a[3]; d.info.dest_offset = a[4];
  if (ioctl((int)a[0], FIDEDUPERANGE, &d) < 0) return -1;
  if (d.info.status < 0) { errno = -d.info.status; return -1; }
  return d.info.status == FILE_DEDUPE_RANGE_DIFFERS ? 0 : (long)d.info.bytes_deduped;
}

/** A long-term pin for reading and writing: a fixed buffer of io_uring. */
static long pin(uint64_t addr, uint64_t len) {
  struct io_uring_params params;
  memset(&params, 0, sizeof params);
  int ring = syscall(SYS_io_uring_setup, 1, &params);
  must(ring, "io_uring_setup");
  struct iovec buffers = {(void *)addr, len};
  return syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffers, 1);
}

static long proc_mem_write(pid_t pid, uint64_t addr, uint64_t len) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  int fd = open(path, O_RDWR);
  if (fd < 0) { if (errno == ENOENT) errno = ESRCH; return -1; }
  lseek(fd, addr, SEEK_SET);
  return syscall(SYS_write, fd, buffer, len);
}

long perform(const char *name, char **text) {
  uint64_t a[8];
  for (int i = 0; i < 8; i++) a[i] = text[i] && (text[i][0] >= '0' && text[i][0] <= '9') ? meant(strtoull(text[i], 0, 10)) : 0;
  memset(buffer, 'y', sizeof buffer);
  static char stack[1 << 16];
  static char vec[1 << 16];
#define IS(n) (!strcmp(name, n))
  if (IS("open")) return syscall(SYS_open, path_of(text[0]), a[1], text[2] ? a[2] : 0644);
  if (IS("close")) return syscall(SYS_close, a[0]);
  if (IS("dup")) return syscall(SYS_dup, a[0]);
  if (IS("lseek")) return syscall(SYS_lseek, a[0], a[1], a[2]);
  if (IS("link")) return syscall(SYS_link, path_of(text[0]), path_of(text[1]));
  if (IS("unlink")) return syscall(SYS_unlink, path_of(text[0]));
  if (IS("rename")) return syscall(SYS_rename, path_of(text[0]), path_of(text[1]));
  if (IS("mkdir")) return syscall(SYS_mkdir, path_of(text[0]), text[1] ? a[1] : 0755);
  if (IS("rmdir")) return syscall(SYS_rmdir, path_of(text[0]));
  if (IS("chmod")) return syscall(SYS_chmod, path_of(text[0]), a[1]);
  if (IS("chown")) return syscall(SYS_chown, path_of(text[0]), a[1], -1);
  if (IS("utimensat")) return syscall(SYS_utimensat, AT_FDCWD, path_of(text[0]), 0, 0);
  struct stat is;
  if (IS("stat")) return stat(path_of(text[0]), &is);
  if (IS("fstat")) return fstat((int)a[0], &is);
  if (IS("truncate")) return syscall(SYS_truncate, path_of(text[0]), a[1]);
  if (IS("memfd_create")) return syscall(SYS_memfd_create, *text[0] == 1 ? "" : text[0], a[1]);
  if (IS("mount")) return syscall(SYS_mount, path_of(text[0]), path_of(text[1]), 0, a[2], 0);
  if (IS("umount")) return syscall(SYS_umount2, path_of(text[0]), 0);
  if (IS("execve")) return syscall(SYS_execve, path_of(text[0]), 0, 0);
  if (IS("read")) return syscall(SYS_read, a[0], room(), a[1]);
  if (IS("pread")) return syscall(SYS_pread64, a[0], room(), a[1], a[2]);
  if (IS("write")) return syscall(SYS_write, a[0], buffer, a[1]);
  if (IS("pwrite")) return syscall(SYS_pwrite64, a[0], buffer, a[1], a[2]);
  if (IS("pread_to")) return syscall(SYS_pread64, a[0], a[1], a[2], a[3]);
  if (IS("pwrite_from")) return syscall(SYS_pwrite64, a[0], a[1], a[2], a[3]);
  if (IS("preadv2")) {
    struct iovec to = {room(), a[1]};
    return syscall(SYS_preadv2, a[0], &to, 1, a[2], 0, a[3]);
  }
  if (IS("pwritev2")) {
    struct iovec from = {buffer, a[1]};
    return syscall(SYS_pwritev2, a[0], &from, 1, a[2], 0, a[3]);
  }
  if (IS("fsync")) return syscall(SYS_fsync, a[0]);
  if (IS("fdatasync")) return syscall(SYS_fdatasync, a[0]);
  if (IS("sync_file_range")) return syscall(SYS_sync_file_range, a[0], a[1], a[2], a[3]);
  if (IS("ftruncate")) return syscall(SYS_ftruncate, a[0], a[1]);
  if (IS("fallocate")) return syscall(SYS_fallocate, a[0], a[1], a[2], a[3]);
  if (IS("posix_fadvise")) return syscall(SYS_fadvise64, a[0], a[1], a[2], a[3]);
  if (IS("cachestat")) {
    uint64_t range[2] = {a[1], a[2]}, counts[5];
    return syscall(451, a[0], range, counts, 0);
  }
  if (IS("pipe")) return pipe((int *)buffer);
  if (IS("splice")) return syscall(SYS_splice, a[0], 0, a[1], 0, a[2], 0);
  if (IS("tee")) return syscall(SYS_tee, a[0], a[1], a[2], 0);
  if (IS("vmsplice")) {
    struct iovec from = {(void *)a[1], a[2]};
    return syscall(SYS_vmsplice, a[0], &from, 1, 0);
  }
  if (IS("ficlone")) return ioctl((int)a[0], FICLONE, a[1]);
  if (IS("ficlonerange")) {
    struct file_clone_range range = {.src_fd = (int)a[1], .src_offset = a[2], .src_length = a[3], .dest_offset = a[4]};
    return ioctl((int)a[0], FICLONERANGE, &range);
  }
  if (IS("dedupe")) return dedupe(a);
  if (IS("copy_file_range")) {
    loff_t in = a[1], out = a[3];
    return syscall(SYS_copy_file_range, a[0], &in, a[2], &out, a[4], 0);
  }
  if (IS("mmap")) return syscall(SYS_mmap, a[0], a[1], a[2], a[3], text[4] ? a[4] : -1UL, a[5]);
  if (IS("munmap")) return syscall(SYS_munmap, a[0], a[1]);
  if (IS("mprotect")) return syscall(SYS_mprotect, a[0], a[1], a[2]);
  if (IS("mremap")) return syscall(SYS_mremap, a[0], a[1], a[2], a[3], a[4]);
  if (IS("madvise")) return syscall(SYS_madvise, a[0], a[1], a[2]);
  if (IS("msync")) return syscall(SYS_msync, a[0], a[1], a[2]);
  if (IS("mincore")) return syscall(SYS_mincore, a[0], a[1], vec);
  if (IS("mlock")) return syscall(SYS_mlock, a[0], a[1]);
  if (IS("mlock2")) return syscall(SYS_mlock2, a[0], a[1], a[2]);
  if (IS("munlock")) return syscall(SYS_munlock, a[0], a[1]);
  if (IS("mlockall")) return syscall(SYS_mlockall, a[0]);
  if (IS("munlockall")) return syscall(SYS_munlockall);
  if (IS("shmget")) return syscall(SYS_shmget, a[0], a[1], a[2]);
  if (IS("shmat")) return syscall(SYS_shmat, a[0], a[1], a[2]);
  if (IS("shmdt")) return syscall(SYS_shmdt, a[0]);
  if (IS("shmctl")) return syscall(SYS_shmctl, a[0], a[1], buffer);
  if (IS("fork")) return syscall(SYS_fork) ?: (_exit(0), 0);
  if (IS("vfork")) return clone(nothing, stack + sizeof stack, CLONE_VFORK | CLONE_VM | SIGCHLD, 0);
  if (IS("clone")) return clone(nothing, stack + sizeof stack, (int)a[0], 0);
  if (IS("kill")) return syscall(SYS_kill, a[0], a[1]);
  if (IS("pidfd_open")) return syscall(SYS_pidfd_open, a[0], 0);
  if (IS("pidfd_getfd")) return syscall(SYS_pidfd_getfd, a[0], a[1], 0);
  if (IS("wait")) return wait4(text[0] ? (pid_t)a[0] : -1, 0, 0, 0);
  if (IS("prctl")) return syscall(SYS_prctl, a[0], a[1], 0, 0, 0);
  if (IS("pin")) return pin(a[0], a[1]);
  if (IS("process_vm_readv") || IS("process_vm_writev")) {
    struct iovec here = {buffer, a[2]}, there = {(void *)a[1], a[2]};
    return syscall(IS("process_vm_readv") ? SYS_process_vm_readv : SYS_process_vm_writev, a[0], &here, 1, &there, 1, 0);
  }
  if (IS("proc_mem_write")) return proc_mem_write((pid_t)a[0], a[1], a[2]);
  if (IS("load")) return accesses(a[0], a[1], 0);
  if (IS("store")) return accesses(a[0], a[1], 1);
  if (IS("touch")) return accesses(a[0], a[1], (a[2] & PROT_WRITE) != 0);
  return perform_userfault(name, a);
}

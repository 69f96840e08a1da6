// Performs one call a line, each in a process and on files of its own, and prints how it ended: its value, an errno's number as E<n>, or a signal as S<n>.
// Usage: perform <directory on the filesystem> <directory on another one> < lines of "call<TAB>argument<TAB>…"; the surroundings are those of surroundings.ts.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define BASE 0x20000000000UL
static char buffer[1 << 20] __attribute__((aligned(PAGE)));
static const char *root, *foreign;

static void must(long ok, const char *what) {
  if (ok < 0) { perror(what); _exit(99); }
}

static char *path_of(const char *path) {
  static char found[2][4096];
  static int which;
  char *to = found[which ^= 1];
  if (*path == 1) return strcpy(to, "");
  if (!strncmp(path, "/m", 2) && (path[2] == '/' || !path[2])) snprintf(to, 4096, "%s%s", root, path + 2);
  else if (!strncmp(path, "/t", 2) && (path[2] == '/' || !path[2])) snprintf(to, 4096, "%s%s", foreign, path + 2);
  else snprintf(to, 4096, "%s", path);
  return to;
}

static int file(const char *path, int flags, int want) {
  int fd = open(path_of(path), flags, 0644);
  must(fd, path);
  if (fd != want) { dup2(fd, want); close(fd); }
  return want;
}

static void map(unsigned long page, int pages, int prot, int flags, int fd) {
  void *at = (void *)(BASE + page * PAGE);
  must(mmap(at, pages * PAGE, prot, flags | MAP_FIXED, fd, 0) == at ? 0 : -1, "mmap");
}

static int gone(const char *path, const struct stat *s, int flag, struct FTW *at) {
  (void)s; (void)flag;
  return at->level == 0 ? 0 : remove(path);
}

static void clear(const char *directory) { nftw(directory, gone, 8, FTW_DEPTH | FTW_PHYS); }

static void surroundings(void) {
  for (int fd = 3; fd < 40; fd++) close(fd);
  clear(root);
  clear(foreign);
  memset(buffer, 'A', sizeof buffer);
  int fd = open(path_of("/m/f"), O_RDWR | O_CREAT | O_TRUNC, 0644);
  must(fd, "f"); must(write(fd, buffer, 3 * PAGE + 100), "write f"); fsync(fd); close(fd);
  fd = open(path_of("/m/g"), O_RDWR | O_CREAT | O_TRUNC, 0644); must(fd, "g"); close(fd);
  must(mkdir(path_of("/m/d"), 0755), "d"); must(mkdir(path_of("/m/e"), 0755), "e");
  fd = open(path_of("/m/d/x"), O_RDWR | O_CREAT, 0644); must(fd, "x"); close(fd);
  fd = open(path_of("/t/z"), O_RDWR | O_CREAT | O_TRUNC, 0644); must(fd, "z"); must(write(fd, buffer, PAGE), "write z"); close(fd);
  file("/m/f", O_RDWR, 3); file("/m/f", O_RDONLY, 4); file("/m/f", O_WRONLY, 5); file("/m/f", O_RDWR | O_DIRECT, 6);
  file("/m/d", O_RDONLY | O_DIRECTORY, 7); file("/m/f", O_RDWR | O_APPEND, 8); file("/m/g", O_RDWR, 9);
  fd = memfd_create("mem", 0); must(fd, "memfd"); if (fd != 10) { dup2(fd, 10); close(fd); }
  must(ftruncate(10, 2 * PAGE), "ftruncate");
  file("/t/z", O_RDWR, 11);
  map(0, 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  for (int i = 0; i < 8; i++) *(volatile char *)(BASE + i * PAGE) = 'x';
  map(16, 4, PROT_READ | PROT_WRITE, MAP_SHARED, 3);
  map(32, 4, PROT_READ | PROT_WRITE, MAP_PRIVATE, 4);
  map(48, 4, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  map(64, 4, PROT_READ, MAP_SHARED, 4);
  map(80, 4, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
}

static long accesses(uint64_t at, uint64_t len, int write) {
  for (uint64_t done = 0; done < len; done += PAGE - (at + done) % PAGE) {
    if (write) *(volatile char *)(at + done) = 'y';
    else (void)*(volatile char *)(at + done);
  }
  return write ? 0 : (long)len;
}

static long perform(char *name, char **text) {
  uint64_t a[8];
  for (int i = 0; i < 8; i++) a[i] = text[i] && (text[i][0] >= '0' && text[i][0] <= '9') ? strtoull(text[i], 0, 10) : 0;
  memset(buffer, 'y', sizeof buffer);
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
  if (IS("truncate")) return syscall(SYS_truncate, path_of(text[0]), a[1]);
  if (IS("memfd_create")) return syscall(SYS_memfd_create, text[0], a[1]);
  if (IS("read")) return syscall(SYS_read, a[0], buffer, a[1]);
  if (IS("pread")) return syscall(SYS_pread64, a[0], buffer, a[1], a[2]);
  if (IS("write")) return syscall(SYS_write, a[0], buffer, a[1]);
  if (IS("pwrite")) return syscall(SYS_pwrite64, a[0], buffer, a[1], a[2]);
  if (IS("fsync")) return syscall(SYS_fsync, a[0]);
  if (IS("fdatasync")) return syscall(SYS_fdatasync, a[0]);
  if (IS("sync_file_range")) return syscall(SYS_sync_file_range, a[0], a[1], a[2], a[3]);
  if (IS("ftruncate")) return syscall(SYS_ftruncate, a[0], a[1]);
  if (IS("fallocate")) return syscall(SYS_fallocate, a[0], a[1], a[2], a[3]);
  if (IS("posix_fadvise")) return syscall(SYS_fadvise64, a[0], a[1], a[2], a[3]);
  if (IS("ficlone")) return ioctl((int)a[0], FICLONE, a[1]);
  if (IS("ficlonerange")) {
    struct file_clone_range range = {.src_fd = (int)a[1], .src_offset = a[2], .src_length = a[3], .dest_offset = a[4]};
    return ioctl((int)a[0], FICLONERANGE, &range);
  }
  if (IS("dedupe")) {
    struct { struct file_dedupe_range range; struct file_dedupe_range_info info; } d;
    memset(&d, 0, sizeof d);
    d.range.src_offset = a[1]; d.range.src_length = a[2]; d.range.dest_count = 1;
    d.info.dest_fd = (int)a[3]; d.info.dest_offset = a[4];
    if (ioctl((int)a[0], FIDEDUPERANGE, &d) < 0) return -1;
    if (d.info.status < 0) { errno = -d.info.status; return -1; }
    return d.info.status == FILE_DEDUPE_RANGE_DIFFERS ? 0 : (long)d.info.bytes_deduped;
  }
  if (IS("copy_file_range")) {
    loff_t in = a[1], out = a[3];
    return syscall(SYS_copy_file_range, a[0], &in, a[2], &out, a[4], 0);
  }
  if (IS("mmap")) return syscall(SYS_mmap, a[0], a[1], a[2], a[3], text[4] ? a[4] : -1L, a[5]);
  if (IS("munmap")) return syscall(SYS_munmap, a[0], a[1]);
  if (IS("mprotect")) return syscall(SYS_mprotect, a[0], a[1], a[2]);
  if (IS("mremap")) return syscall(SYS_mremap, a[0], a[1], a[2], a[3], a[4]);
  if (IS("madvise")) return syscall(SYS_madvise, a[0], a[1], a[2]);
  if (IS("msync")) return syscall(SYS_msync, a[0], a[1], a[2]);
  if (IS("mincore")) return syscall(SYS_mincore, a[0], a[1], buffer);
  if (IS("mlock")) return syscall(SYS_mlock, a[0], a[1]);
  if (IS("mlock2")) return syscall(SYS_mlock2, a[0], a[1], a[2]);
  if (IS("munlock")) return syscall(SYS_munlock, a[0], a[1]);
  if (IS("load")) return accesses(a[0], a[1], 0);
  if (IS("store")) return accesses(a[0], a[1], 1);
  if (IS("touch")) return accesses(a[0], a[1], (a[2] & PROT_WRITE) != 0);
  _exit(98);
}

int main(int argc, char **argv) {
  root = argv[1]; foreign = argv[2];
  static char line[65536];
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  (void)argc;
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    char *text[9] = {0}, *save, *name = strtok_r(line, "\t", &save);
    for (int i = 0; i < 8 && (text[i] = strtok_r(0, "\t", &save)); i++) {}
    int out[2];
    must(pipe(out), "pipe");
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
      int to = dup2(out[1], 60);
      for (int i = 0; i < 3; i++) fcntl(i, F_GETFD);
      surroundings();
      alarm(5);
      errno = 0;
      long result = perform(name, text);
      char answer[64];
      if (result < 0 && result >= -4095 && errno) snprintf(answer, sizeof answer, "E%d", errno);
      else snprintf(answer, sizeof answer, "%ld", result);
      must(write(to, answer, strlen(answer)), "answer");
      _exit(0);
    }
    close(out[1]);
    char answer[65] = {0};
    long got = read(out[0], answer, 64);
    close(out[0]);
    int status;
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status)) printf("S%d\n", WTERMSIG(status));
    else if (got <= 0) printf("?%d\n", WEXITSTATUS(status));
    else printf("%s\n", answer);
  }
}

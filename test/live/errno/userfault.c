// userfaultfd and its ioctls under their names in the language, and what they find; the same as in surroundings.ts.
#include "perform.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef UFFD_FEATURE_POISON
struct uffdio_poison { struct uffdio_range range; uint64_t mode; int64_t updated; };
#define UFFDIO_POISON _IOWR(UFFDIO, 8, struct uffdio_poison)
#endif
#ifndef UFFD_FEATURE_MOVE
struct uffdio_move { uint64_t dst, src, len, mode; int64_t move; };
#define UFFDIO_MOVE _IOWR(UFFDIO, 5, struct uffdio_move)
#endif

enum { UFFD = 20, RAW = 21 };
#define WATCHED (BASE + 128 * PAGE)
#define PROTECTED (BASE + 144 * PAGE)
#define MINOR (BASE + 160 * PAGE)
#define BEHIND (BASE + 176 * PAGE)

int meets_userfault(const char *name, char **text) {
  if (strstr(name, "uffd") || !strcmp(name, "userfaultfd")) return 1;
  for (int i = 0; i < 8 && text[i]; i++) {
    uint64_t number = strtoull(text[i], 0, 10);
    if (number == UFFD || number == RAW || (number >= WATCHED && number < BEHIND)) return 1;
  }
  return 0;
}

/** The result of an ioctl that counts what it has done in `done`. */
static long counted(int fd, unsigned long request, void *argument, int64_t *done) {
  long result = ioctl(fd, request, argument);
  return result < 0 ? result : (long)*done;
}

static long userfault_register(int fd, uint64_t addr, uint64_t len, uint64_t mode) {
  struct uffdio_register registered = {{addr, len}, mode, 0};
  return ioctl(fd, UFFDIO_REGISTER, &registered);
}

static long fill(int fd, uint64_t dst, uint64_t len, uint64_t mode) {
  struct uffdio_copy copy = {.dst = dst, .src = (uint64_t)buffer, .len = len, .mode = mode};
  return counted(fd, UFFDIO_COPY, &copy, (int64_t *)&copy.copy);
}

long perform_userfault(const char *name, uint64_t *a) {
#define IS(n) (!strcmp(name, n))
  int fd = (int)a[0];
  struct uffdio_range range = {a[1], a[2]};
  if (IS("userfaultfd")) return syscall(SYS_userfaultfd, a[0]);
  if (IS("uffd_api")) {
    struct uffdio_api api = {UFFD_API, a[1], 0};
    return ioctl(fd, UFFDIO_API, &api) < 0 ? -1 : (long)api.features;
  }
  if (IS("uffd_register")) return userfault_register(fd, a[1], a[2], a[3]);
  if (IS("uffd_unregister")) return ioctl(fd, UFFDIO_UNREGISTER, &range);
  if (IS("uffd_wake")) return ioctl(fd, UFFDIO_WAKE, &range);
  if (IS("uffd_copy")) return fill(fd, a[1], a[2], a[3]);
  if (IS("uffd_zeropage")) {
    struct uffdio_zeropage zero = {range, a[3], 0};
    return counted(fd, UFFDIO_ZEROPAGE, &zero, (int64_t *)&zero.zeropage);
  }
  if (IS("uffd_continue")) {
    struct uffdio_continue go_on = {range, a[3], 0};
    return counted(fd, UFFDIO_CONTINUE, &go_on, (int64_t *)&go_on.mapped);
  }
  if (IS("uffd_poison")) {
    struct uffdio_poison poison = {range, a[3], 0};
    return counted(fd, UFFDIO_POISON, &poison, (int64_t *)&poison.updated);
  }
  if (IS("uffd_writeprotect")) {
    struct uffdio_writeprotect protect = {range, a[3]};
    return ioctl(fd, UFFDIO_WRITEPROTECT, &protect);
  }
  if (IS("uffd_move")) {
    struct uffdio_move move = {a[1], a[2], a[3], a[4], 0};
    return counted(fd, UFFDIO_MOVE, &move, (int64_t *)&move.move);
  }
  _exit(98);
}

static void map(uint64_t at, int flags) {
  must(mmap((void *)at, 4 * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == (void *)at ? 0 : -1, "mmap");
}

void userfault_surroundings(void) {
  for (int fd = UFFD; fd <= RAW; fd++) {
    int made = syscall(SYS_userfaultfd, 0);
    must(made, "userfaultfd");
    must(dup2(made, fd), "dup2");
    if (made != fd) close(made);
  }
  map(WATCHED, MAP_PRIVATE);
  map(PROTECTED, MAP_PRIVATE);
  map(MINOR, MAP_SHARED);
  memset((void *)PROTECTED, 'x', 2 * PAGE);
  memset((void *)MINOR, 'x', PAGE);
  must(madvise((void *)MINOR, 4 * PAGE, MADV_DONTNEED), "madvise");
  struct uffdio_api api = {UFFD_API, 0, 0};
  must(ioctl(UFFD, UFFDIO_API, &api), "UFFDIO_API");
  must(userfault_register(UFFD, WATCHED, 4 * PAGE, UFFDIO_REGISTER_MODE_MISSING), "UFFDIO_REGISTER");
  must(fill(UFFD, WATCHED, PAGE, 0), "UFFDIO_COPY");
  must(userfault_register(UFFD, PROTECTED, 4 * PAGE, UFFDIO_REGISTER_MODE_WP), "UFFDIO_REGISTER");
  struct uffdio_writeprotect protect = {{PROTECTED, PAGE}, UFFDIO_WRITEPROTECT_MODE_WP};
  must(ioctl(UFFD, UFFDIO_WRITEPROTECT, &protect), "UFFDIO_WRITEPROTECT");
  must(userfault_register(UFFD, MINOR, 4 * PAGE, UFFDIO_REGISTER_MODE_MINOR), "UFFDIO_REGISTER");
}

// What every call finds; the same as in surroundings.ts.
#include "perform.h"
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child, zombie;
static int shm, shm_secret, shm_removed;

char *path_of(const char *path) {
  static char found[2][8192];
  static int which;
  char *to = found[which ^= 1];
  if (*path == 1) return strcpy(to, "");
  if (!strncmp(path, "/m", 2) && (path[2] == '/' || !path[2])) snprintf(to, 8192, "%s%s", root, path + 2);
  else if (!strncmp(path, "/t", 2) && (path[2] == '/' || !path[2])) snprintf(to, 8192, "%s%s", foreign, path + 2);
  else snprintf(to, 8192, "%s", path);
  return to;
}

static void file(const char *folder, const char *name, int length, mode_t mode, uid_t uid) {
  char path[4096];
  static char content[4 * PAGE];
  memset(content, 'A', sizeof content);
  snprintf(path, sizeof path, "%s/%s", folder, name);
  int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, mode);
  must(fd, path);
  must(write(fd, content, length), path);
  must(fchown(fd, uid, uid), path);
  close(fd);
}

static void directory(const char *folder, const char *name, mode_t mode) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  must(mkdir(path, mode), path);
}

void populate(const char *folder) {
  directory(folder, "d", 0755); directory(folder, "e", 0755);
  directory(folder, "locked", 0700); directory(folder, "open", 0777); directory(folder, "sticky", 01777);
  file(folder, "f", 3 * PAGE + 100, 0644, 0); file(folder, "g", 0, 0644, 0);
  file(folder, "d/x", 0, 0644, 0); file(folder, "prog", 100, 0755, 0); file(folder, "busy", 100, 0755, 0);
  file(folder, "secret", 100, 0600, 0); file(folder, "locked/y", 100, 0644, 0);
  file(folder, "open/r", 100, 0644, 0); file(folder, "open/u", 100, 0600, 1000); file(folder, "sticky/r", 100, 0666, 0);
}

static int gone(const char *path, const struct stat *s, int flag, struct FTW *at) {
  (void)s; (void)flag;
  return at->level == 0 ? 0 : remove(path);
}

static void clear(const char *folder) { nftw(folder, gone, 8, FTW_DEPTH | FTW_PHYS); }

static void clean(void) {
  clear(foreign);
  file(foreign, "z", PAGE, 0644, 0);
  if (!strcmp(type, "erofs")) return;
  if (strcmp(type, "overlay")) {
    clear(root);
    populate(root);
    int fd = open(path_of("/m/f"), O_RDONLY);
    must(fsync(fd), "fsync");
    close(fd);
    return;
  }
  // The upper layer is emptied under a mount of its own.
  char options[8192], upper[4096];
  must(umount2(root, 0), "umount");
  for (int i = 0; i < 2; i++) { snprintf(upper, sizeof upper, "%s/%s", layers, i ? "work" : "upper"); clear(upper); }
  snprintf(options, sizeof options, "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work", layers, layers, layers);
  must(mount("none", root, "overlay", 0, options), "overlay");
}

static void opened(const char *path, int flags, int want) {
  int readonly = !strcmp(type, "erofs") && path[1] == 'm';
  int fd = open(path_of(path), readonly ? flags & ~(O_ACCMODE | O_APPEND) : flags, 0644);
  must(fd, path);
  if (fd != want) { must(dup2(fd, want), path); close(fd); }
}

static void moved(int fd, int want) {
  must(fd, "a descriptor");
  if (fd != want) { must(dup2(fd, want), "dup2"); close(fd); }
}

static void map(unsigned long page, int pages, int prot, int flags, int fd) {
  void *at = (void *)(BASE + page * PAGE);
  must(mmap(at, pages * PAGE, prot, flags | MAP_FIXED, fd, 0) == at ? 0 : -1, "mmap");
}

static void segments(void) {
  shm = shmget(0x11, 4 * PAGE, IPC_CREAT | 0666);
  shm_secret = shmget(0x12, PAGE, IPC_CREAT | 0600);
  shm_removed = shmget(0x13, PAGE, IPC_CREAT | 0666);
  void *at = (void *)(BASE + 96 * PAGE);
  must(shmat(shm, at, 0) == at ? 0 : -1, "shmat");
  must(shmctl(shm_removed, IPC_RMID, 0), "shmctl");
}

static pid_t born(int ends) {
  pid_t pid = fork();
  must(pid, "fork");
  if (pid) return pid;
  if (ends) _exit(3);
  close(60);
  for (;;) pause();
}

void surroundings(const char *call) {
  for (int fd = 3; fd < 40; fd++) close(fd);
  clean();
  opened("/m/f", O_RDWR, 3); opened("/m/f", O_RDONLY, 4); opened("/m/f", O_WRONLY, 5); opened("/m/f", O_RDWR | O_DIRECT, 6);
  opened("/m/d", O_RDONLY | O_DIRECTORY, 7); opened("/m/f", O_RDWR | O_APPEND, 8); opened("/m/g", O_RDWR, 9);
  moved(memfd_create("mem", 0), 10);
  must(ftruncate(10, 2 * PAGE), "ftruncate");
  opened("/t/z", O_RDWR, 11);
  int ends[2];
  must(pipe(ends), "pipe");
  if (ends[0] != 12 || ends[1] != 13) _exit(97);
  must(write(13, "pppppppppp", 10), "write");
  opened("/m/f", O_PATH, 14);
  moved(memfd_create("huge", MFD_HUGETLB), 15);
  opened("/m/busy", O_WRONLY, 16);
  int prot = strcmp(type, "erofs") ? PROT_READ | PROT_WRITE : PROT_READ;
  map(0, 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  for (int i = 0; i < 8; i++) *(volatile char *)(BASE + i * PAGE) = 'x';
  map(16, 4, prot, MAP_SHARED, 3);
  map(32, 4, PROT_READ | PROT_WRITE, MAP_PRIVATE, 4);
  map(48, 4, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  map(64, 4, PROT_READ, MAP_SHARED, 4);
  map(80, 4, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
  map(112, 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  must(mlock((void *)(BASE + 112 * PAGE), 4 * PAGE), "mlock");
  if (!strncmp(call, "shm", 3)) segments();
  if (!other) return;
  child = born(0);
  zombie = born(1);
  siginfo_t info;
  must(waitid(P_PID, zombie, &info, WEXITED | WNOWAIT), "waitid");
}

uint64_t meant(uint64_t number) {
  switch ((long)number - STANDS_FOR) {
  case SELF: return getpid();
  case CHILD: return child;
  case ZOMBIE: return zombie;
  case OTHER: return other;
  case STRANGER: return stranger;
  case SHM: return shm;
  case SHM_SECRET: return shm_secret;
  case SHM_REMOVED: return shm_removed;
  }
  return number;
}

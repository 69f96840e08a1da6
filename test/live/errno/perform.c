// Performs one call a line, each in a process and on files of its own, and prints how it ended: its value, an errno's number as E<n>, or a signal as S<n>.
// Usage: perform ROOT TYPE FOREIGN LAYERS < lines of "who<TAB>call<TAB>argument<TAB>…" (mount.sh makes the four; who is the uid that calls),
// or perform FOLDER populate. The surroundings are those of surroundings.ts.
#include "perform.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

const char *root, *foreign, *type, *layers;
pid_t other, stranger;
char buffer[1 << 20] __attribute__((aligned(4096)));

void must(long ok, const char *what) {
  if (ok < 0) { perror(what); _exit(99); }
}

static void become(uid_t uid) {
  if (!uid) return;
  must(setgroups(0, 0), "setgroups");
  must(setresgid(uid, uid, uid), "setresgid");
  must(setresuid(uid, uid, uid), "setresuid");
  // The file that somebody has open for writing stays so.
  for (int fd = 3; fd < 40; fd++) if (fd != 16) close(fd);
}

/** A process that does nothing but be there. */
static pid_t bystander(uid_t uid) {
  pid_t pid = fork();
  must(pid, "fork");
  if (pid) return pid;
  void *at = mmap((void *)BASE, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  memset(at, 'o', 4 * PAGE);
  become(uid);
  prctl(PR_SET_DUMPABLE, 1);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) pause();
}

static int meets_processes(const char *name) {
  return !strcmp(name, "kill") || !strcmp(name, "wait") || !strncmp(name, "process_vm", 10) || !strncmp(name, "proc_mem", 8) ||
         !strcmp(name, "pidfd_open");
}

/** In the process of its own: performs the call and says to `out` how it ended. */
static void answer(int out, uid_t uid, char *name, char **text) {
  int to = dup2(out, 60);
  fcntl(to, F_SETFD, FD_CLOEXEC);
  close(out);
  setpgid(0, 0);
  // What a call mounts or leaves behind in System V segments goes with the process.
  if (strstr(name, "mount") || !strncmp(name, "shm", 3)) must(unshare(CLONE_NEWNS | CLONE_NEWIPC), "unshare");
  surroundings(name);
  if (meets_userfault(name, text)) userfault_surroundings();
  become(uid);
  struct itimerval soon = {.it_value = {.tv_usec = 400000}};
  setitimer(ITIMER_REAL, &soon, 0);
  errno = 0;
  long result = perform(name, text);
  char said[64];
  if (result < 0 && result >= -4095 && errno) snprintf(said, sizeof said, "E%d", errno);
  else snprintf(said, sizeof said, "%ld", result);
  must(write(to, said, strlen(said)), "answer");
  _exit(0);
}

int main(int argc, char **argv) {
  umask(0);
  if (argc == 3) { populate(argv[1]); return 0; }
  root = argv[1]; type = argv[2]; foreign = argv[3]; layers = argv[4];
  static char line[65536];
  struct rlimit none = {0, 0}, lock = {8 << 20, 8 << 20};
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_MEMLOCK, &lock);
  signal(SIGPIPE, SIG_DFL);
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    char *text[9] = {0}, *save, *who = strtok_r(line, "\t", &save), *name = strtok_r(0, "\t", &save);
    for (int i = 0; i < 8 && (text[i] = strtok_r(0, "\t", &save)); i++) {}
    fflush(stdout);
    other = stranger = 0;
    if (meets_processes(name)) { other = bystander(0); stranger = bystander(1000); usleep(2000); }
    // After the bystanders, who would keep its end open.
    int out[2];
    must(pipe(out), "pipe");
    pid_t pid = fork();
    must(pid, "fork");
    if (!pid) answer(out[1], atoi(who), name, text);
    close(out[1]);
    char said[65] = {0};
    long got = read(out[0], said, 64);
    int status;
    waitpid(pid, &status, 0);
    kill(-pid, SIGKILL);
    close(out[0]);
    if (other) { kill(other, SIGKILL); kill(stranger, SIGKILL); waitpid(other, 0, 0); waitpid(stranger, 0, 0); }
    if (got > 0) printf("%s\n", said);
    else if (WIFSIGNALED(status)) printf("S%d\n", WTERMSIG(status));
    else printf("?%d\n", WEXITSTATUS(status));
  }
}

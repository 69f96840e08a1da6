/** The fixed part of every program, 1: what a process of the scenario is. */
export const processes = String.raw`
/* What a step leaves behind for the coordinator. */
struct outcome {
    long result;
    int error, signal, has_content;
    long minflt, majflt;
    uint32_t hash;
    long length;
    char fields[256];
};

/* Shared by all processes. */
struct report {
    struct outcome of[NPROC];
    pid_t pid[NPROC];
    int files[NPROC];           /* whose table of descriptors a process uses */
    int fd[NPROC][1024];        /* the scenario's descriptors, under the scenario's numbers */
    int shm[64];                /* System V segments, under the scenario's numbers */
    long own_tables;            /* VmPTE of a process that has mapped nothing yet, kB */
};
static struct report *report;

/* What a process that shares another's memory has of its own there: it is set aside beforehand, so that a thread takes no memory. */
static struct arena {
    unsigned char data[DATA];
    unsigned char stack[1 << 17];
} arenas[ARENAS + 1] __attribute__((aligned(4096)));

static __thread struct arena *mine;
static __thread struct outcome *out;
static __thread unsigned char *data;
static __thread size_t used;            /* bytes of data that a step writes */
static __thread int *fd;
static __thread sigjmp_buf escape;
static int control[NPROC][2];           /* coordinator and process, by number of the process */
static struct { unsigned long start, end; int writable; } own[256];
static int owns;

static long step(int n);
static long as_errno(int error);

static void die(const char *what)
{
    dprintf(2, errno ? "%s: %s\n" : "%s\n", what, strerror(errno));
    exit(3);
}

/* Whether an address belongs to the program and its libraries, not to the scenario. */
static int is_own(unsigned long a)
{
    return (a >= 0x550000000000 && a < 0x580000000000) || a >= 0x700000000000;
}

/* Remembers the program's own mappings, to be warmed up. */
static void find_own(void)
{
    FILE *f = fopen("/proc/self/maps", "r");
    char line[512], perms[5];
    unsigned long start, end;
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "%lx-%lx %4s", &start, &end, perms) == 3 && is_own(start) && perms[0] == 'r' && owns < 256 &&
            !strstr(line, "[v")) {
            own[owns].start = start;
            own[owns].end = end;
            own[owns++].writable = perms[1] == 'w';
        }
    if (f) fclose(f);
}

/* After a fork everything of our own would fault anew, and be counted: fault it in beforehand. */
static void warm(void)
{
    for (int i = 0; i < owns; i++)
        madvise((void *)own[i].start, own[i].end - own[i].start, own[i].writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
}

static void caught(int sig)
{
    siglongjmp(escape, sig);
}

static uint32_t fnv(const unsigned char *p, size_t n)
{
    uint32_t h = 0x811c9dc5;
    while (n--) h = (h ^ *p++) * 0x01000193;
    return h;
}

static void clear(void)
{
    used = 0;
}

/* Appends word, repeated to len bytes, to what the next step writes. */
static void put(const char *word, size_t n, size_t len)
{
    for (size_t i = 0; i < len; i++) data[used++] = word[i % n];
}

/* A process that shares its parent's memory without being a thread shares these variables, too: they are set before each step. */
static void become(int me, struct arena *arena)
{
    mine = arena;
    out = &report->of[me];
    data = arena->data;
    fd = report->fd[report->files[me]];
}

/* Does step n in this process and reports. */
static void act(int n)
{
    struct rusage before, after;
    out->signal = out->error = out->has_content = 0;
    out->fields[0] = 0;
    getrusage(RUSAGE_THREAD, &before);
    int sig = sigsetjmp(escape, 1);
    if (sig == 0) {
        errno = 0;
        out->result = step(n);
        out->error = out->result == -1 ? errno : 0;
    } else {
        out->signal = sig;
    }
    getrusage(RUSAGE_THREAD, &after);
    out->minflt = after.ru_minflt - before.ru_minflt;
    out->majflt = after.ru_majflt - before.ru_majflt;
    if (out->has_content) {
        out->length = out->result;
        out->hash = out->result > 0 ? fnv(data, out->result) : fnv(data, 0);
    }
}

/* What every process does: wait for the number of a step, do it, say so. */
static void loop(int me, struct arena *arena)
{
    int n = -1;
    report->pid[me] = gettid();
    warm();
    if (write(control[me][1], "r", 1) != 1) _exit(1);
    while (read(control[me][1], &n, sizeof n) == sizeof n) {
        become(me, arena);
        act(n);
        if (write(control[me][1], "d", 1) != 1) break;
    }
    _exit(0);
}

/* A child begins with its parent's descriptors, in a table of its own or not. */
static void inherit(int parent, int child, int shared)
{
    if (shared) {
        report->files[child] = report->files[parent];
    } else {
        report->files[child] = child;
        memcpy(report->fd[child], report->fd[report->files[parent]], sizeof report->fd[child]);
    }
}

static long fork_as(int me, int child)
{
    inherit(me, child, 0);
    struct arena *arena = mine;
    pid_t pid = fork();
    if (pid == 0) loop(child, arena);
    warm();
    return pid;
}

/* The parent goes on when the child has left: what the child has set here is not the parent's. */
static long vfork_as(int me, int child)
{
    static __thread struct arena *arena;
    inherit(me, child, 0);
    arena = mine;
    pid_t pid = vfork();
    if (pid == 0) loop(child, arena);
    become(me, arena);
    return pid;
}

struct birth { int me; struct arena *arena; };

static void *thread(void *given)
{
    struct birth birth = *(struct birth *)given;
    loop(birth.me, birth.arena);
    return NULL;
}

static int lodger(void *given)
{
    thread(given);
    return 0;
}

/* A thread, or a process that shares with its parent what the flags say: with CLONE_VM in an arena that no other has. */
static long clone_as(int me, int child, int flags, int arena)
{
    struct birth *birth = (struct birth *)arenas[arena].data;
    pthread_attr_t attr;
    pthread_t id;
    inherit(me, child, flags & CLONE_FILES);
    if (!(flags & CLONE_VM)) {
        struct arena *own_arena = mine;
        pid_t pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
        if (pid == 0) loop(child, own_arena);
        warm();
        return pid;
    }
    *birth = (struct birth){ child, &arenas[arena] };
    if (!(flags & CLONE_THREAD)) return clone(lodger, arenas[arena].stack + sizeof arenas[arena].stack, flags | SIGCHLD, birth);
    pthread_attr_init(&attr);
    pthread_attr_setstack(&attr, arenas[arena].stack, sizeof arenas[arena].stack);
    int error = pthread_create(&id, &attr, thread, birth);
    return as_errno(error) ? -1 : 1;
}

/* exit(2) of a thread, exit_group(2) of a process. */
static long finish(int status)
{
    if (gettid() != getpid()) syscall(SYS_exit, status);
    _exit(status);
}

/* Who has this number in the scenario: nobody, if there is no such process. */
static pid_t process_of(long pid)
{
    return pid > 0 && pid < NPROC && report->pid[pid] ? report->pid[pid] : 0x3fffffff;
}

/* Waits for a child, any for -1; it has no number any more then. */
static long wait_for(long pid)
{
    pid_t dead = waitpid(pid < 0 ? -1 : process_of(pid), NULL, 0);
    for (int i = 1; dead > 0 && i < NPROC; i++)
        if (report->pid[i] == dead) report->pid[i] = 0;
    return dead;
}

/* A signal that a process sends itself, and comes back from. */
static long send_itself(int sig)
{
    signal(sig, caught);
    return kill(getpid(), sig);
}
`;

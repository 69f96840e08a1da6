/** The fixed part of every program, 1: what a process of the scenario is. */
export const processes = String.raw`
/* What a step leaves behind for the coordinator. Shared by all processes. */
struct report {
    long result;
    int error, signal, has_content;
    long minflt, majflt;
    uint32_t hash;
    long length;
    char fields[256];
    pid_t pid[NPROC];
    int shm[64];                /* System V segments, under the scenario's numbers */
    long own_tables;            /* VmPTE of a process that has mapped nothing yet, kB */
};
static struct report *report;

static unsigned char data[DATA] __attribute__((aligned(4096)));
static size_t used;             /* bytes of data that a step writes */
static int fd[1024];            /* the scenario's descriptors, under the scenario's numbers */
static int control[NPROC][2];   /* coordinator and process, by number of the process */
static sigjmp_buf escape;
static struct { unsigned long start, end; int writable; } own[256];
static int owns;

static long step(int n);

static void die(const char *what)
{
    dprintf(2, "%s: %s\n", what, strerror(errno));
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

static void clear(void) { used = 0; }

/* Appends word, repeated to len bytes, to what the next step writes. */
static void put(const char *word, size_t n, size_t len)
{
    for (size_t i = 0; i < len; i++) data[used++] = word[i % n];
}

/* Does step n in this process and reports. */
static void act(int n)
{
    struct rusage before, after;
    report->signal = report->error = report->has_content = 0;
    report->fields[0] = 0;
    getrusage(RUSAGE_SELF, &before);
    int sig = sigsetjmp(escape, 1);
    if (sig == 0) {
        errno = 0;
        report->result = step(n);
        report->error = report->result == -1 ? errno : 0;
    } else {
        report->signal = sig;
    }
    getrusage(RUSAGE_SELF, &after);
    report->minflt = after.ru_minflt - before.ru_minflt;
    report->majflt = after.ru_majflt - before.ru_majflt;
    if (report->has_content) {
        report->length = report->result;
        report->hash = report->result > 0 ? fnv(data, report->result) : fnv(data, 0);
    }
}

/* What every process does: wait for the number of a step, do it, say so. */
static void loop(int me)
{
    int n = -1;
    warm();
    if (write(control[me][1], "r", 1) != 1) _exit(1);
    while (read(control[me][1], &n, sizeof n) == sizeof n) {
        act(n);
        if (write(control[me][1], "d", 1) != 1) break;
    }
    _exit(0);
}

static long fork_as(int child)
{
    pid_t pid = fork();
    if (pid == 0) loop(child);
    if (pid > 0) report->pid[child] = pid;
    warm();
    return pid;
}

static long finish(int status)
{
    _exit(status);
}
`;

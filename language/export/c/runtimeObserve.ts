/** The fixed part of every program, 4: what is looked at after each step, and the coordinator that has the steps done. */
export const observe = String.raw`
static int kpagecount = -1, kpageflags = -1, own_pagemap = -1;
static int scratch = -1;
static int alive[NPROC];
static int busy[NPROC];         /* has been given a step and has not said that it is done */

/*
 * Empties the batches in which each CPU keeps pages that are on their way to the LRU lists: POSIX_FADV_DONTNEED does so on all CPUs
 * when a page of the range cannot be dropped, here because it is mapped.
 */
static void drain(void)
{
    static volatile char *p;
    if (scratch < 0) {
        scratch = open("../scratch", O_RDWR | O_CREAT, 0600);
        if (scratch < 0 || write(scratch, "x", 1) != 1 || fsync(scratch)) die("scratch");
        p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, scratch, 0);
        (void)*p;
    }
    posix_fadvise(scratch, 0, 0, POSIX_FADV_DONTNEED);
}

static u64 entry(int f, u64 index)
{
    u64 value = 0;
    return pread(f, &value, sizeof value, index * sizeof value) == sizeof value ? value : 0;
}

/* A page frame: its number, how often it is mapped, its flags. */
static void print_frame(u64 pfn)
{
    printf(" %llx %llu %llx", pfn, entry(kpagecount, pfn), entry(kpageflags, pfn));
}

static void print_ptes(int process, int pagemap, unsigned long start, unsigned long end)
{
    static u64 ptes[MOST_PAGES];
    size_t n = (end - start) / PAGE;
    if (n > MOST_PAGES) n = MOST_PAGES;
    if (pread(pagemap, ptes, n * 8, start / PAGE * 8) < 0) return;
    for (size_t i = 0; i < n; i++) {
        u64 e = ptes[i], pfn = e & ((1ULL << 55) - 1);
        if (!(e >> 57)) continue;       /* neither present nor an entry of another kind */
        printf("pte %s %lx %c%c%c%c", names[process], start + i * PAGE, e >> 63 & 1 ? 'P' : e >> 62 & 1 ? 'S' : '-',
               e >> 56 & 1 ? 'X' : '-', e >> 58 & 1 ? 'G' : '-', e >> 57 & 1 ? 'W' : '-');
        if (e >> 63 & 1 && pfn) print_frame(pfn);
        printf("\n");
    }
}

/* Mappings of the scenario, with their fields of smaps and their page-table entries. */
static void print_process(int process)
{
    char path[64], line[512], perms[5] = "", name[64];
    unsigned long start, end, kb, from = 0, to = 0;
    snprintf(path, sizeof path, "/proc/%d/pagemap", report->pid[process]);
    int pagemap = open(path, O_RDONLY);
    snprintf(path, sizeof path, "/proc/%d/status", report->pid[process]);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmPTE: %lu", &kb) == 1) printf("tables %s %ld\n", names[process], (long)kb - report->own_tables);
    if (f) fclose(f);
    snprintf(path, sizeof path, "/proc/%d/smaps", report->pid[process]);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        if (sscanf(line, "%lx-%lx %4s", &start, &end, perms) == 3) {
            if (to) printf("\n"), print_ptes(process, pagemap, from, to);
            from = to = 0;
            if (is_own(start)) continue;
            from = start;
            to = end;
            printf("vma %s %lx %lx %s", names[process], start, end, perms);
        } else if (to && sscanf(line, "%63[^:]: %lu kB", name, &kb) == 2) {
            printf(" %s=%lu", name, kb);
        }
    }
    if (to) printf("\n"), print_ptes(process, pagemap, from, to);
    if (f) fclose(f);
    close(pagemap);
}

/* Pages of the first n of a file that are cached, those that nothing has been read into, too, when what is being written is on disk. */
static int cached_pages(int f, size_t n)
{
    u64 range[2] = { 0, n * PAGE }, cs[5] = { 0 };
    for (int t = 0; n && syscall(451, f, range, cs, 0) == 0 && cs[2] > 0 && t < 2000; t++) usleep(1000);
    return n && syscall(451, f, range, cs, 0) == 0 ? (int)cs[0] : 0;
}

static int in_core(volatile unsigned char *p, size_t n, unsigned char *in)
{
    int count = 0;
    memset(in, 0, n);
    if (mincore((void *)p, n * PAGE, in)) return 0;
    for (size_t i = 0; i < n; i++) count += in[i] & 1;
    return count;
}

/*
 * Files that are looked at stay open as long as they have a name: the last close of one that was cut off has xfs, ext4 and btrfs write
 * it back. Not those of an overlay: which file a descriptor there stands for is decided when it is opened.
 */
static struct { dev_t dev; ino_t ino; int f; } held[256];
static int nheld;

static void let_go(int of_all)
{
    struct stat s;
    for (int i = 0; i < nheld; i++)
        if (of_all || fstat(held[i].f, &s) || s.st_nlink == 0) {
            close(held[i].f);
            held[i--] = held[--nheld];
        }
}

/* Opens a regular file to look at it; -1 where there is none. */
static int look_at(const char *path, struct stat *s, struct statfs *fs)
{
    if (lstat(path, s) || !S_ISREG(s->st_mode)) return -1;
    for (int i = 0; i < nheld; i++)
        if (held[i].dev == s->st_dev && held[i].ino == s->st_ino) return fstatfs(held[i].f, fs) ? -1 : held[i].f;
    if (statfs(path, fs)) return -1;
    int mode = fs->f_type == HUGETLBFS_MAGIC ? O_RDWR : O_RDONLY;       /* for userfaultfd, which wants what may be written */
    int f = open(path, mode | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);
    if (f < 0) return -1;
    if (fs->f_type != OVERLAYFS_SUPER_MAGIC && nheld < 256) {
        held[nheld].dev = s->st_dev;
        held[nheld].ino = s->st_ino;
        held[nheld++].f = f;
    }
    return f;
}

static void looked(int f)
{
    for (int i = 0; i < nheld; i++)
        if (held[i].f == f) return;
    close(f);
}

/* Makes that a page of hugetlbfs that is not there is a SIGBUS and none is made. mincore() and cachestat() know nothing of such files. */
static int only_present(void *p, size_t len)
{
    struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_SIGBUS | UFFD_FEATURE_MISSING_HUGETLBFS };
    struct uffdio_register all = { .range = { (unsigned long)p, len }, .mode = UFFDIO_REGISTER_MODE_MISSING };
    int u = syscall(SYS_userfaultfd, O_CLOEXEC);
    if (u >= 0 && ioctl(u, UFFDIO_API, &api) == 0 && ioctl(u, UFFDIO_REGISTER, &all) == 0) return u;
    if (u >= 0) close(u);
    return -1;
}

/* Whether a page of a mapped file can be read: that of one that is not there is a SIGBUS. */
static int readable(const volatile unsigned char *p)
{
    if (sigsetjmp(escape, 1)) return 0;
    (void)*p;
    return 1;
}

/*
 * What of a file is in the page cache: mincore() says which pages, and a mapping of these shows their frames. The mapping is advised
 * MADV_RANDOM, so that nothing is read in and looking does not count as an access.
 */
static void print_file(const char *path, int *unread)
{
    static unsigned char in[MOST_PAGES];
    static u64 frames[MOST_PAGES];
    static uint32_t hashes[MOST_PAGES];
    struct stat s;
    struct statfs fs;
    int f = look_at(path, &s, &fs);
    if (f < 0) return;
    size_t n = (s.st_size + PAGE - 1) / PAGE;
    if (n > MOST_PAGES) n = MOST_PAGES;
    int huge = fs.f_type == HUGETLBFS_MAGIC, asked = -1;
    size_t length = huge ? (n * PAGE + fs.f_bsize - 1) / fs.f_bsize * fs.f_bsize : n * PAGE;
    volatile unsigned char *p = n ? mmap(NULL, length, PROT_READ, MAP_SHARED | MAP_NORESERVE, f, 0) : MAP_FAILED;
    if (huge && p != MAP_FAILED && (asked = only_present((void *)p, length)) < 0) {
        munmap((void *)p, length);
        p = MAP_FAILED;
    }
    int cached = huge ? 0 : cached_pages(f, n), known = 0;
    if (p != MAP_FAILED) {
        if (huge) memset(in, 1, known = n);
        else known = in_core(p, n, in);
    }
    for (int t = 0; !huge && p != MAP_FAILED && known < cached && cached - known != *unread && t < 50; t++) {      /* it is being read */
        usleep(500);
        cached = cached_pages(f, n);
        known = in_core(p, n, in);
    }
    *unread = cached > known ? cached - known : 0;
    if (p != MAP_FAILED) madvise((void *)p, n * PAGE, MADV_RANDOM);
    if (p != MAP_FAILED && known > 0 && !COUNTS_ONLY)
        for (size_t i = 0; i < n; i++) {
            frames[i] = 0;
            if (!(in[i] & 1)) continue;
            if (!readable(p + i * PAGE)) {
                known -= huge;
                in[i] &= !huge;
                continue;
            }
            frames[i] = entry(own_pagemap, (unsigned long)p / PAGE + i) & ((1ULL << 55) - 1);
            size_t rest = s.st_size - i * PAGE;
            hashes[i] = fnv((unsigned char *)p + i * PAGE, rest < PAGE ? rest : PAGE);
        }
    printf("file /%s %ld %d\n", path, (long)s.st_size, cached > known ? cached : known);
    if (p != MAP_FAILED) munmap((void *)p, length);
    if (asked >= 0) close(asked);
    looked(f);
    if (p == MAP_FAILED || COUNTS_ONLY) return;
    drain();
    for (size_t i = 0; i < n; i++)          /* what was started is awaited */
        for (int t = 0; in[i] & 1 && t < 2000 && entry(kpageflags, frames[i]) >> 8 & 1; t++) usleep(500);
    for (size_t i = 0; i < n; i++)
        if (in[i] & 1) {
            printf("cache /%s %zu", path, i);
            print_frame(frames[i]);
            printf(" %x\n", hashes[i]);
        }
}

static void print_ksm(void)
{
    static const char *counts[] = { "pages_shared", "pages_sharing", "pages_unshared", "pages_volatile", "ksm_zero_pages", "general_profit" };
    char path[64];
    printf("ksm");
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "/sys/kernel/mm/ksm/%s", counts[i]);
        printf(" %ld", read_number(path));
    }
    printf("\n");
}

static void observe(int n)
{
    let_go(0);
    drain();
    if (ksm_has_run) print_ksm();
    for (int i = 1; i < NPROC; i++)
        if (alive[i]) print_process(i);
    static int unread[sizeof files / sizeof *files];
    for (int i = 0; files[i].path; i++)
        if (n >= files[i].from) print_file(files[i].path, &unread[i]);
}

/* R, S, D, … as /proc/PID/stat tells it; Z where it has ended, ? before it has begun. */
static char state_of(int process)
{
    char path[64], text[512], *after;
    if (!report->pid[process]) return '?';
    snprintf(path, sizeof path, "/proc/%d/stat", report->pid[process]);
    int f = open(path, O_RDONLY);
    ssize_t n = f < 0 ? 0 : read(f, text, sizeof text - 1);
    if (f >= 0) close(f);
    text[n > 0 ? n : 0] = 0;
    after = strrchr(text, ')');
    return after && after[2] != 'X' ? after[2] : 'Z';
}

/* Waits until a process has ended: its memory is given back before it becomes a zombie. */
static void wait_for_end(int process)
{
    for (int i = 0; i < 100000 && state_of(process) != 'Z'; i++) usleep(100);
    alive[process] = 0;
}

static void answered(int process)
{
    struct pollfd p = { control[process][0], POLLIN, 0 };
    char c;
    for (int waited = 0; poll(&p, 1, 100) != 1; waited++) {
        int killed = state_of(process) == 'Z' && poll(&p, 1, 0) != 1;
        errno = 0;
        if (killed) die("a process has been killed");
        if (waited == 600) die("a process does not answer");
    }
    if (read(control[process][0], &c, 1) != 1) die("a process is gone");
}

/* Whether a process sleeps in the middle of a step, and does not just wait for the next one. */
static int sleeps(int process)
{
    struct pollfd p = { control[process][0], POLLIN, 0 };
    for (int asleep = 0, tries = 0; tries < 100000; tries++) {
        if (poll(&p, 1, 0) == 1) return 0;
        char state = state_of(process);
        if (state == 'Z') return 0;
        asleep = state == 'S' || state == 'D' ? asleep + 1 : 0;
        if (asleep >= 20) return 1;
        usleep(200);
    }
    return 0;
}

static void print_result(int n)
{
    struct outcome *o = &report->of[steps[n].who];
    if (o->signal) printf("result SIG%s\n", sigabbrev_np(o->signal));
    else if (o->result == -1) printf("result errno %s\n", strerrorname_np(o->error));
    else if (o->has_content) printf("result %ld bytes %x\n", o->length, o->hash);
    else printf("result %ld\n", o->result);
    if (o->fields[0]) printf("fields %s\n", o->fields);
    if (steps[n].who) printf("faults %ld %ld\n", o->minflt, o->majflt);
}

/* Has a process do a step, or waits for one that it has begun; whether it is over. */
static int have_done(int n)
{
    int who = steps[n].who, how = steps[n].how;
    if (who == KERNEL) {
        act(n);
        return 1;
    }
    if (busy[who] && !(how & GOES_ON)) {
        answered(who);
        busy[who] = 0;
    }
    if (!(how & GOES_ON)) {
        if (write(control[who][0], &n, sizeof n) != sizeof n) die("a process is gone");
        busy[who] = 1;
    }
    if (how & ENDS) return 0;
    if (how & SLEEPS && sleeps(who)) {
        printf("result asleep\n");
        return 0;
    }
    if (how & LENDS) return 1;
    if (busy[who]) answered(who);
    busy[who] = 0;
    return 1;
}

static void do_step(int n)
{
    int child = steps[n].child, how = steps[n].how;
    printf("step %d\n", n);
    if (how & LETS_GO) let_go(1);
    if (child) report->pid[child] = 0;
    int over = have_done(n);
    if (child && how & LENDS) {
        answered(child);
        report->of[steps[n].who] = (struct outcome){ .result = report->pid[child] };
    } else if (child && over && report->of[steps[n].who].result > 0) {
        answered(child);
    }
    if (child && report->pid[child]) alive[child] = 1;
    for (int i = 0; ends[i].process; i++)
        if (ends[i].step == n) wait_for_end(ends[i].process);
    if (how & RINGS) usleep(100000);            /* what a ring had pinned is let go of by a work queue */
    if (how & ENDS) printf("result %s\n", how & KILLED ? "SIGKILL" : "0");
    else if (over) print_result(n);
    observe(n);
}

static void start_process(int process, const char *group, int uid)
{
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) {
        setsid();                       /* Ctrl-C is for the coordinator, which ends the others */
        signal(SIGINT, SIG_DFL);
        signal(SIGTERM, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int i = 1; i < NPROC; i++) close(control[i][0]);
        if (group) join_group(group);
        if (uid && setresuid(uid, uid, uid)) die("setuid");
        loop(process, &arenas[0]);
    }
    report->pid[process] = pid;
    answered(process);
    alive[process] = 1;
}

static void clean_up(void)
{
    static int done;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);     /* nothing interrupts this */
    if (getpid() != leader || done++) return;
    for (int i = 1; report && i < NPROC; i++)
        if (report->pid[i] > 0) {
            kill(report->pid[i], SIGKILL);
            wait_for_end(i);
        }
    while (waitpid(-1, NULL, WNOHANG) > 0);
    while (nknobs > 0) {
        nknobs--;
        write_text(knobs[nknobs].path, knobs[nknobs].old);
    }
    while (ngroups > 0) rmdir(groups[--ngroups]);
    remove_swap();
}

static void interrupted(int sig)
{
    clean_up();
    _exit(128 + sig);
}

/* An ordinary user is root in a namespace of their own: enough to mount a tmpfs, not to be shown frames. */
static void user_namespace(void)
{
    char map[64];
    int uid = geteuid(), gid = getegid();
    if (unshare(CLONE_NEWUSER)) die("a user namespace of its own");
    write_text("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %d 1", uid);
    if (write_text("/proc/self/uid_map", map)) die("uid_map");
    snprintf(map, sizeof map, "0 %d 1", gid);
    if (write_text("/proc/self/gid_map", map)) die("gid_map");
}

static void begin(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY (made if it is not there; a second run may need an empty one)\n", argv[0]);
        exit(2);
    }
    if ((mkdir(argv[1], 0755) && errno != EEXIST) || chdir(argv[1])) die(argv[1]);
    if ((mkdir("root", 0755) && errno != EEXIST) || chdir("root")) die("root");
    leader = getpid();
    flock(open("/run/lock/mmscn", O_RDWR | O_CREAT | O_CLOEXEC, 0600), LOCK_EX);  /* settings of the kernel are global: one at a time */
    setvbuf(stdout, NULL, _IOFBF, 1 << 20);
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(report->fd, 0xff, sizeof report->fd);
    for (int i = 0; i < NPROC; i++) report->files[i] = i;
    become(KERNEL, &arenas[0]);
    atexit(clean_up);
    signal(SIGINT, interrupted);
    signal(SIGTERM, interrupted);
    signal(SIGHUP, interrupted);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct sigaction action = { .sa_handler = caught };
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    if ((ordinary_user = geteuid() != 0)) user_namespace();
    memset(report->shm, 0xff, sizeof report->shm);
    if (unshare(CLONE_NEWIPC)) die("segments of its own");
    if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) die("a mount namespace of its own");
    knob("/proc/sys/vm/dirty_writeback_centisecs", "0");
    mkdir("../debug", 0700);
    if (mount("debugfs", "../debug", "debugfs", 0, NULL) == 0) knob("../debug/fault_around_bytes", FAULT_AROUND);
}

static void begin_processes(void)
{
    struct rlimit files_open = { 2 * NPROC + 512, 2 * NPROC + 512 };
    setrlimit(RLIMIT_NOFILE, &files_open);
    for (int i = 1; i < NPROC; i++)
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, control[i])) die("socketpair");
    kpagecount = open("/proc/kpagecount", O_RDONLY);
    kpageflags = open("/proc/kpageflags", O_RDONLY);
    own_pagemap = open("/proc/self/pagemap", O_RDONLY);
    drain();
    find_own();
}

/* What a process that maps nothing of the scenario needs for itself. */
static void measure_own(int process)
{
    char path[64], line[256];
    long kb;
    snprintf(path, sizeof path, "/proc/%d/status", report->pid[process]);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmPTE: %ld", &kb) == 1) report->own_tables = kb;
    if (f) fclose(f);
}
`;

/** The fixed part of every program, 2: the accesses and calls that need more than a line. */
export const helpers = String.raw`
static long content(long n)
{
    out->has_content = n >= 0;
    return n;
}

static struct iovec *into(size_t len)
{
    static __thread struct iovec v;
    v.iov_base = data;
    v.iov_len = len;
    return &v;
}

/* Reads memory, one page after another. */
static long load(const volatile unsigned char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) data[i] = p[i];
    return content(len);
}

static long store(volatile unsigned char *p)
{
    for (size_t i = 0; i < used; i++) p[i] = data[i];
    return 0;
}

/* One access a page. A write that changes nothing, without a read before it. */
static long touch(volatile unsigned char *p, size_t len, int prot)
{
    unsigned long end = (unsigned long)p + len;
    for (unsigned long a = (unsigned long)p; a < end; a = (a | (PAGE - 1)) + 1) {
        if (prot & PROT_WRITE) __asm__ volatile("lock; orb $0, %0" : "+m"(*(unsigned char *)a));
        else (void)*(volatile unsigned char *)a;
    }
    return 0;
}

/* Writes data page by page, so that no large folio is made; direct I/O at once. */
static long write_pages(int f, off_t offset)
{
    size_t done = 0;
    int flags = fcntl(f, F_GETFL), all = LARGE_FOLIOS || flags < 0 || (flags & O_DIRECT);
    off_t at = offset >= 0 ? offset : lseek(f, 0, flags >= 0 && (flags & O_APPEND) ? SEEK_END : SEEK_CUR);
    do {
        size_t n = used - done, room = PAGE - (at + done) % PAGE;
        if (!all && n > room) n = room;
        ssize_t got = offset >= 0 ? pwrite(f, data + done, n, offset + done) : write(f, data + done, n);
        if (got < 0) return done ? (long)done : -1;
        done += got;
        if (got == 0) break;
    } while (done < used);
    return done;
}

static long as_errno(int error)
{
    errno = error;
    return error ? -1 : 0;
}

static long told(int r, struct stat *s)
{
    if (r == 0 && S_ISDIR(s->st_mode))      /* how large a directory is, is its filesystem's */
        snprintf(out->fields, sizeof out->fields, "mode=%d uid=%d", s->st_mode & 07777, s->st_uid);
    else if (r == 0)
        snprintf(out->fields, sizeof out->fields, "size=%ld blocks=%ld nlink=%ld mode=%d uid=%d", (long)s->st_size,
                 (long)s->st_blocks, (long)s->st_nlink, s->st_mode & 07777, s->st_uid);
    return r;
}

static long cachestat_of(int f, u64 offset, u64 len)
{
    u64 range[2] = { offset, len }, cs[5];
    long r = syscall(451, f, range, cs, 0);
    if (r == 0)
        snprintf(out->fields, sizeof out->fields, "nr_cache=%llu nr_dirty=%llu nr_writeback=%llu nr_evicted=%llu", cs[0], cs[1],
                 cs[2], cs[3]);
    return r;
}

static long pipe_as(int from, int to)
{
    int ends[2];
    if (pipe(ends)) return -1;
    fd[from] = ends[0];
    fd[to] = ends[1];
    snprintf(out->fields, sizeof out->fields, "read=%d write=%d", from, to);
    return 0;
}

static long pidfd_of(long process)
{
    return syscall(SYS_pidfd_open, process > 0 && process < NPROC ? report->pid[process] : process, 0);
}

/* Descriptor n of the scenario in the process of a pidfd. */
static long pidfd_getfd_of(int pidfd, long n)
{
    char path[64], line[128];
    int pid = 0, there = -1;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) sscanf(line, "Pid: %d", &pid);
    if (f) fclose(f);
    for (int i = 1; i < NPROC; i++)
        if (pid > 0 && report->pid[i] == pid && n >= 0 && n < 1024) there = report->fd[report->files[i]][n];
    errno = 0;
    return syscall(SYS_pidfd_getfd, pidfd, there, 0);
}

static struct io_uring_params layout;       /* where in the pages of a ring its parts are: in each ring at the same place */

static int io_uring_setup(unsigned entries)
{
    struct io_uring_params params;
    memset(&params, 0, sizeof params);
    int ring = syscall(SYS_io_uring_setup, entries, &params);
    if (ring >= 0) layout = params;
    return ring;
}

/* A descriptor that is not open: -1 would mean that no ring is meant. */
static int or_closed(int f)
{
    return f < 0 ? 1 << 20 : f;
}

static long io_uring_register(int ring, int opcode, void *p, size_t len)
{
    struct iovec buffer = { p, len };
    if (opcode == IORING_REGISTER_BUFFERS) return syscall(SYS_io_uring_register, ring, opcode, &buffer, 1);
    return syscall(SYS_io_uring_register, ring, opcode, p, len);
}

/* Submits one read or write with a fixed buffer, and waits for it. The queues are mapped for that long. */
static long io_uring_fixed(int ring, int opcode, int f, void *p, size_t len, u64 at, int index)
{
    int prot = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_POPULATE;
    if (syscall(SYS_io_uring_enter, ring, 0, 0, 0, NULL, 0)) return -1;
    if (!layout.cq_entries) close(io_uring_setup(1));      /* another process made the ring */
    char *q = mmap(NULL, PAGE, prot, flags, ring, IORING_OFF_SQ_RING);
    if (q == MAP_FAILED) return -1;
    unsigned entries = *(unsigned *)(q + layout.sq_off.ring_entries), done = *(unsigned *)(q + layout.cq_off.ring_entries);
    size_t array = (layout.cq_off.cqes + done * sizeof(struct io_uring_cqe) + 63) / 64 * 64, all = array + entries * sizeof(unsigned);
    munmap(q, PAGE);
    q = mmap(NULL, all, prot, flags, ring, IORING_OFF_SQ_RING);
    struct io_uring_sqe *sqes = mmap(NULL, entries * sizeof *sqes, prot, flags, ring, IORING_OFF_SQES);
    if (q == MAP_FAILED || sqes == MAP_FAILED) return -1;
    unsigned *tail = (unsigned *)(q + layout.sq_off.tail), *head = (unsigned *)(q + layout.cq_off.head);
    unsigned place = *tail % entries;
    struct io_uring_sqe *sqe = &sqes[place];
    memset(sqe, 0, sizeof *sqe);
    sqe->opcode = opcode;
    sqe->fd = f;
    sqe->addr = (unsigned long)p;
    sqe->len = len > UINT_MAX ? UINT_MAX : len;
    sqe->off = at;
    sqe->buf_index = index < 0 || index > USHRT_MAX ? USHRT_MAX : index;
    ((unsigned *)(q + array))[place] = place;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    long r = syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
    if (r == 1) {
        r = ((struct io_uring_cqe *)(q + layout.cq_off.cqes))[*head % done].res;
        __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
        if (r < 0) errno = -r;
    }
    int error = errno;
    munmap(q, all);
    munmap(sqes, entries * sizeof *sqes);
    errno = error;
    return r < 0 ? -1 : r;
}

static struct { pid_t of; void *p; size_t len; int ring; } pins[256];   /* a child has a copy of the list, and none of the pins */
static int npins;

/* A long-term pin for writing: a fixed buffer of an io_uring of its own. */
static long pin(void *p, size_t len)
{
    int ring = npins < 256 ? io_uring_setup(1) : as_errno(EMFILE);
    if (ring < 0) return -1;
    if (io_uring_register(ring, IORING_REGISTER_BUFFERS, p, len)) {
        int error = errno;
        close(ring);
        errno = error;
        return -1;
    }
    pins[npins].of = getpid();
    pins[npins].p = p;
    pins[npins].len = len;
    pins[npins++].ring = ring;
    return 0;
}

/* Lets go of the newest pin of this range. */
static long unpin(void *p, size_t len)
{
    for (int i = npins; i-- > 0;)
        if (pins[i].of == getpid() && pins[i].p == p && pins[i].len == len) {
            long r = io_uring_register(pins[i].ring, IORING_UNREGISTER_BUFFERS, NULL, 0);
            close(pins[i].ring);
            memmove(&pins[i], &pins[i + 1], (--npins - i) * sizeof *pins);
            return r;
        }
    return as_errno(EINVAL);
}

static long vmsplice_pages(int f, void *p, size_t len)
{
    struct iovec pages = { p, len };
    return vmsplice(f, &pages, 1, 0);
}

static long resident(void *p, size_t len)
{
    long r = mincore(p, len, data);
    for (size_t i = 0; r == 0 && i < (len + PAGE - 1) / PAGE; i++) data[i] &= 1;
    return r ? r : content((len + PAGE - 1) / PAGE);
}

static long clone_range(int to, int from, u64 at, u64 len, u64 target)
{
    struct file_clone_range r = { from, at, len, target };
    return ioctl(to, FICLONERANGE, &r);
}

static long copy_range(int from, loff_t at, int to, loff_t target, size_t len)
{
    return copy_file_range(from, &at, to, &target, len, 0);
}

static long dedupe_range(int from, u64 at, u64 len, int to, u64 target)
{
    union { struct file_dedupe_range r; char room[sizeof(struct file_dedupe_range) + sizeof(struct file_dedupe_range_info)]; } u;
    memset(&u, 0, sizeof u);
    u.r.src_offset = at;
    u.r.src_length = len;
    u.r.dest_count = 1;
    u.r.info[0].dest_fd = to;
    u.r.info[0].dest_offset = target;
    if (ioctl(from, FIDEDUPERANGE, &u.r)) return -1;
    if (u.r.info[0].status < 0) return as_errno(-u.r.info[0].status);
    return u.r.info[0].status == FILE_DEDUPE_RANGE_DIFFERS ? 0 : (long)u.r.info[0].bytes_deduped;
}

static long write_text(const char *path, const char *text)
{
    int f = open(path, O_WRONLY);
    if (f < 0) return -1;
    long n = write(f, text, strlen(text));
    close(f);
    return n < 0 ? -1 : 0;
}

/* Writes data into the memory of a process, through /proc. */
static long write_memory_of(pid_t pid, void *at)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int f = open(path, O_RDWR);
    long n = f < 0 ? -1 : pwrite(f, data, used, (off_t)at);
    int error = errno;
    if (f >= 0) close(f);
    errno = error;
    return n;
}

static long read_number(const char *path)
{
    char text[64] = "";
    int f = open(path, O_RDONLY);
    if (f < 0) return -1;
    ssize_t n = read(f, text, sizeof text - 1);
    close(f);
    return n > 0 ? atol(text) : -1;
}

static long snapshot(const char *from, const char *to, u64 flags)
{
    struct btrfs_ioctl_vol_args_v2 args = { 0 };
    char parent[PATH_MAX], *slash;
    snprintf(parent, sizeof parent, "%s", to);
    slash = strrchr(parent, '/');
    if (!slash) return as_errno(EINVAL);
    *slash = 0;
    snprintf(args.name, sizeof args.name, "%s", slash + 1);
    int source = open(from, O_RDONLY), target = open(parent, O_RDONLY);
    args.fd = source;
    args.flags = flags;
    long r = source < 0 || target < 0 ? -1 : ioctl(target, BTRFS_IOC_SNAP_CREATE_V2, &args);
    int error = errno;
    close(source);
    close(target);
    errno = error;
    return r;
}

static int ndisks;                              /* our filesystems on disks: the loop device, where */
static int disk_loops[32];
static char disk_places[32][PATH_MAX];

static long sync_all(void)
{
    for (int i = 0; i < ndisks; i++) {
        int f = open(disk_places[i], O_RDONLY | O_DIRECTORY);
        if (f < 0) continue;
        syncfs(f);
        close(f);
    }
    return 0;
}

static long sync_file(const char *path)
{
    int f = open(path, O_RDONLY);
    long r = f < 0 ? -1 : fsync(f);
    if (f >= 0) close(f);
    return r;
}

/* One full pass of ksmd. It sleeps for so long afterwards that there is no second one; another sleeping time wakes it up. */
static int ksm_has_run;

static long ksm_scan(void)
{
    ksm_has_run = 1;
    static int other;
    long passes = read_number("/sys/kernel/mm/ksm/full_scans");
    write_text("/sys/kernel/mm/ksm/pages_to_scan", "10000000");
    write_text("/sys/kernel/mm/ksm/sleep_millisecs", (other ^= 1) ? "100000000" : "200000000");
    if (write_text("/sys/kernel/mm/ksm/run", "1")) return -1;
    /* Where no process has asked for merging ksmd does not begin. */
    for (int idle = 0, before = -1, now; idle < 300 && read_number("/sys/kernel/mm/ksm/full_scans") == passes; before = now) {
        now = read_number("/sys/kernel/mm/ksm/pages_scanned");
        idle = now == before ? idle + 1 : 0;
        usleep(1000);
    }
    return 0;
}
`;

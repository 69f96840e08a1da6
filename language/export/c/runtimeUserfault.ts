/** The fixed part of every program, 5: the ioctls of userfaultfd. */
export const userfault = String.raw`
static long uffd_api(int u, u64 features)
{
    struct uffdio_api api = { .api = UFFD_API, .features = features };
    return ioctl(u, UFFDIO_API, &api) ? -1 : (long)api.features;
}

static long uffd_register(int u, void *p, u64 len, u64 mode)
{
    struct uffdio_register r = { .range = { (unsigned long)p, len }, .mode = mode };
    return ioctl(u, UFFDIO_REGISTER, &r);
}

static long uffd_unregister(int u, void *p, u64 len)
{
    struct uffdio_range r = { (unsigned long)p, len };
    return ioctl(u, UFFDIO_UNREGISTER, &r);
}

static long uffd_wake(int u, void *p, u64 len)
{
    struct uffdio_range r = { (unsigned long)p, len };
    return ioctl(u, UFFDIO_WAKE, &r);
}

/* The next fault that waits: which thread's is told by its number in the scenario. */
static long uffd_read(int u)
{
    struct uffd_msg m;
    char path[64], what[64] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", u);
    if (readlink(path, what, sizeof what - 1) > 0 && !strstr(what, "[userfaultfd]")) return as_errno(EINVAL);
    long n = read(u, &m, sizeof m);
    if (n == sizeof m) {
        int task = 0;
        for (int i = 1; m.arg.pagefault.feat.ptid && i < NPROC; i++)
            if (report->pid[i] == (pid_t)m.arg.pagefault.feat.ptid) task = i;
        snprintf(out->fields, sizeof out->fields, "event=%d flags=%llu address=0x%llx ptid=%d", m.event,
                 (u64)m.arg.pagefault.flags, (u64)m.arg.pagefault.address, task);
    }
    return n;
}

/* How many bytes were filled; an error where not all could be. */
static long uffd_copy(int u, void *p, u64 mode)
{
    struct uffdio_copy c = { .dst = (unsigned long)p, .src = (unsigned long)data, .len = used, .mode = mode };
    return ioctl(u, UFFDIO_COPY, &c) ? -1 : (long)c.copy;
}

static long uffd_zeropage(int u, void *p, u64 len, u64 mode)
{
    struct uffdio_zeropage z = { .range = { (unsigned long)p, len }, .mode = mode };
    return ioctl(u, UFFDIO_ZEROPAGE, &z) ? -1 : (long)z.zeropage;
}

static long uffd_continue(int u, void *p, u64 len, u64 mode)
{
    struct uffdio_continue c = { .range = { (unsigned long)p, len }, .mode = mode };
    return ioctl(u, UFFDIO_CONTINUE, &c) ? -1 : (long)c.mapped;
}

static long uffd_poison(int u, void *p, u64 len, u64 mode)
{
    struct uffdio_poison c = { .range = { (unsigned long)p, len }, .mode = mode };
    return ioctl(u, UFFDIO_POISON, &c) ? -1 : (long)c.updated;
}

static long uffd_writeprotect(int u, void *p, u64 len, u64 mode)
{
    struct uffdio_writeprotect w = { .range = { (unsigned long)p, len }, .mode = mode };
    return ioctl(u, UFFDIO_WRITEPROTECT, &w);
}

static long uffd_move(int u, void *to, void *from, u64 len, u64 mode)
{
    struct uffdio_move m = { .dst = (unsigned long)to, .src = (unsigned long)from, .len = len, .mode = mode };
    return ioctl(u, UFFDIO_MOVE, &m) ? -1 : (long)m.move;
}
`;

/** The fixed part of every program, 3: filesystems on loop devices, files, settings of the kernel that are put back. */
export const setup = String.raw`
static struct { char path[128], old[64]; } knobs[64];
static int nknobs;
static char groups[64][PATH_MAX];
static int ngroups;
static const char *group_root = "/sys/fs/cgroup";      /* where memory control groups are mounted */
static int ordinary_user;           /* root in a user namespace alone */
static int leader;                  /* the coordinator's pid */

static void run(const char *format, ...)
{
    char command[3 * PATH_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    errno = 0;
    if (system(command) != 0) die(command);
}

/* Changes a setting of the kernel; what it was is put back at the end, and noted for whoever has to clean up after a killed program. */
static int knob(const char *path, const char *value)
{
    char old[64] = "", *word, *end;
    int f = open(path, O_RDONLY);
    if (f < 0) return -1;
    ssize_t n = read(f, old, sizeof old - 1);
    close(f);
    if (n <= 0) return -1;
    if ((word = strchr(old, '[')) && (end = strchr(word, ']'))) {
        *end = 0;
        memmove(old, word + 1, strlen(word));
    }
    old[strcspn(old, "\n")] = 0;
    if (strcmp(old, value) == 0) return 0;
    snprintf(knobs[nknobs].path, sizeof knobs[0].path, "%s", path);     /* noted first: a signal may come at any time */
    snprintf(knobs[nknobs++].old, sizeof knobs[0].old, "%s", old);
    f = open("../restore", O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (f >= 0) {
        dprintf(f, "%s %s\n", path, old);
        close(f);
    }
    return write_text(path, value);
}

/* Huge pages for the scenario, besides those that are in use or reserved already: of these it would get none. */
static void huge_pages(long n)
{
    static const char *counts[] = { "nr_hugepages", "free_hugepages", "resv_hugepages" };
    char text[128];
    long now[3];
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "/sys/kernel/mm/hugepages/hugepages-2048kB/%s", counts[i]);
        now[i] = read_number(text);
    }
    snprintf(text, sizeof text, "%ld", n + now[0] - now[1] + now[2]);
    knob("/proc/sys/vm/nr_hugepages", text);
}

/* Who may not change the setting can still do without huge pages, where there are any without being asked for. */
static void transparent_hugepage(const char *setting, const char *value)
{
    char path[128], now[128] = "";
    snprintf(path, sizeof path, "/sys/kernel/mm/transparent_hugepage/%s", setting);
    if (knob(path, value) == 0 || strcmp(value, "never")) return;
    int f = open(path, O_RDONLY);
    if (f >= 0 && read(f, now, sizeof now - 1) > 0 && !strstr(now, "[never]") && !strstr(now, "[madvise]") && !strstr(now, "[advise]"))
        prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    if (f >= 0) close(f);
}

static void note(const char *format, ...)
{
    va_list args;
    int f = open("../restore", O_WRONLY | O_CREAT | O_APPEND, 0600);
    va_start(args, format);
    if (f >= 0) vdprintf(f, format, args);
    close(f);
}

static int zram = -1;               /* the device that is swapped to */

static long swap_off(void)
{
    char device[32];
    snprintf(device, sizeof device, "/dev/zram%d", zram);
    return swapoff(device);
}

/* Swap of its own, in memory; with a priority before any other. */
static void swap_on(unsigned long bytes, const char *swappiness, const char *page_cluster)
{
    char device[32], path[128], text[32], *colon;
    long id = read_number("/sys/class/zram-control/hot_add");       /* reading it makes a device */
    if (id < 0) die("zram");
    zram = id;
    note("/sys/class/zram-control/hot_remove %d\n/sys/block/zram%d/reset 1\nswapoff /dev/zram%d\n", zram, zram, zram);
    snprintf(path, sizeof path, "/sys/block/zram%d/disksize", zram);
    snprintf(text, sizeof text, "%lu", bytes + PAGE);
    if (write_text(path, text)) die(path);
    snprintf(device, sizeof device, "/dev/zram%d", zram);
    snprintf(path, sizeof path, "/sys/block/zram%d/dev", zram);
    int f = open(path, O_RDONLY);
    ssize_t n = f < 0 ? 0 : read(f, text, sizeof text - 1);
    close(f);
    text[n > 0 ? n : 0] = 0;
    if ((colon = strchr(text, ':'))) mknod(device, S_IFBLK | 0600, makedev(atoi(text), atoi(colon + 1)));   /* where /dev is not the kernel's */
    run("mkswap %s >/dev/null 2>&1", device);
    if (swapon(device, SWAP_FLAG_PREFER | 32767)) die(device);
    knob("/proc/sys/vm/swappiness", swappiness);
    knob("/proc/sys/vm/page-cluster", page_cluster);
}

static void remove_swap(void)
{
    char path[64], number[16];
    if (zram < 0) return;
    swap_off();
    snprintf(path, sizeof path, "/sys/block/zram%d/reset", zram);
    write_text(path, "1");
    snprintf(number, sizeof number, "%d", zram);
    write_text("/sys/class/zram-control/hot_remove", number);
    zram = -1;
}

static void make_directories(const char *path)
{
    char part[PATH_MAX];
    for (const char *at = path; (at = strchr(at, '/')); at++) {
        snprintf(part, sizeof part, "%.*s", (int)(at - path), path);
        if (part[0]) mkdir(part, 0755);
    }
    mkdir(path, 0755);
}

static void image_name(char *name, const char *where)
{
    snprintf(name, PATH_MAX, "../%s.img", where);
    for (char *c = name + 3; *c; c++) if (*c == '/') *c = '_';
}

/* Attaches an image to a loop device; it goes away with the last mount of it. */
static int attach(const char *image)
{
    int manager = open("/dev/loop-control", O_RDWR), backing = open(image, O_RDWR), n = -1;
    if (manager < 0 || backing < 0) die("loop device");
    for (int tries = 0; tries < 20; tries++) {
        struct loop_config config = { .fd = backing, .info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO };
        char name[32];
        n = ioctl(manager, LOOP_CTL_GET_FREE);
        snprintf(name, sizeof name, "/dev/loop%d", n);
        int device = n < 0 ? -1 : open(name, O_RDWR);
        if (device < 0) die("loop device");
        if (ioctl(device, LOOP_CONFIGURE, &config) == 0) {
            close(manager);
            close(backing);
            return device << 10 | n;
        }
        close(device);
    }
    die("loop device");
    return -1;
}

static void read_ahead(int loop, const char *type, const char *kb)
{
    char path[128];
    snprintf(path, sizeof path, "/sys/block/loop%d/queue/read_ahead_kb", loop);
    knob(path, kb);
    if (strcmp(type, "btrfs") == 0) {       /* it has a setting of its own; ours is the newest */
        glob_t g;
        int newest = -1, n;
        if (glob("/sys/class/bdi/btrfs-*", 0, NULL, &g) == 0) {
            for (size_t i = 0; i < g.gl_pathc; i++)
                if (sscanf(g.gl_pathv[i], "/sys/class/bdi/btrfs-%d", &n) == 1 && n > newest) newest = n;
            globfree(&g);
        }
        snprintf(path, sizeof path, "/sys/class/bdi/btrfs-%d/read_ahead_kb", newest);
        if (newest >= 0) write_text(path, kb);
    }
}

static void mount_image(const char *type, const char *image, const char *where, const char *options, const char *read_ahead_kb)
{
    char device[32];
    int both = attach(image), loop = both & 1023;
    snprintf(device, sizeof device, "/dev/loop%d", loop);
    make_directories(where);
    if (mount(device, where, type, MS_NOATIME | (strcmp(type, "erofs") == 0 ? MS_RDONLY : 0), options)) die(where);
    close(both >> 10);
    if (ndisks < 32) {
        snprintf(disk_places[ndisks], PATH_MAX, "%s", where);
        disk_loops[ndisks++] = loop;
    }
    read_ahead(loop, type, read_ahead_kb);
}

/* The device that is mounted at first, mounted at another place, too. */
static void mount_again(const char *type, const char *first, const char *where)
{
    char device[32] = "";
    for (int i = 0; i < ndisks; i++)
        if (strcmp(disk_places[i], first) == 0) snprintf(device, sizeof device, "/dev/loop%d", disk_loops[i]);
    make_directories(where);
    if (mount(device, where, type, MS_NOATIME | (strcmp(type, "erofs") == 0 ? MS_RDONLY : 0), NULL)) die(where);
}

/* What an ordinary user can have of a filesystem: a directory of the one that the program runs on, if that is of the same type. */
static void mount_directory(const char *type, const char *where)
{
    static int n;
    char directory[32];
    struct statfs fs;
    unsigned long magic = strcmp(type, "xfs") == 0 ? XFS_SUPER_MAGIC : strcmp(type, "btrfs") == 0 ? BTRFS_SUPER_MAGIC : EXT4_SUPER_MAGIC;
    snprintf(directory, sizeof directory, "../directory%d", n++);
    if (statfs("..", &fs) || (unsigned long)fs.f_type != magic) {
        errno = EPERM;
        die(where);
    }
    make_directories(where);
    if (mkdir(directory, 0755) || mount(directory, where, NULL, MS_BIND, NULL)) die(where);
}

/* A filesystem on a disk of its own. */
static void mount_disk(const char *type, const char *where, off_t size, const char *mkfs, const char *options,
                       const char *read_ahead_kb)
{
    char image[PATH_MAX];
    if (ordinary_user) {
        mount_directory(type, where);
        return;
    }
    image_name(image, where);
    int f = open(image, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (f < 0 || ftruncate(f, size)) die(image);
    close(f);
    run("%s %s >/dev/null 2>&1", mkfs, image);
    mount_image(type, image, where, options, read_ahead_kb);
}

static void mount_virtual(const char *type, const char *where, const char *options)
{
    make_directories(where);
    if (mount(type, where, type, 0, options)) die(where);
}

/* An ordinary user's overlay has its marks in attributes that they may write. */
static void mount_overlay(const char *where, const char *options)
{
    char all[3 * PATH_MAX];
    snprintf(all, sizeof all, "%s%s", options, ordinary_user ? ",userxattr" : "");
    mount_virtual("overlay", where, all);
}

static void owner(const char *path, int mode, int uid)
{
    if (chmod(path, mode) || chown(path, uid, -1)) die(path);
}

static void make_directory(const char *path, int mode, int uid)
{
    make_directories(path);
    owner(path, mode, uid);
}

/* The directory that a path is in, made if it is not there. */
static const char *make_parents(const char *path)
{
    static char parent[PATH_MAX];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (!slash) return ".";
    *slash = 0;
    make_directories(parent);
    return parent;
}

/* A file with what is in data, written at once past the cache, so that it is one extent; where that cannot be, pages of zeros are left out. */
static void make_file(const char *path, int mode, int uid)
{
    static const unsigned char zeros[4096];
    struct statfs fs;
    statfs(make_parents(path), &fs);
    int shmem = fs.f_type == 0x01021994;
    int f = open(path, O_RDWR | O_CREAT | O_EXCL | (shmem ? 0 : O_DIRECT), 0600);
    if (f < 0) die(path);
    size_t whole = (used + PAGE - 1) / PAGE * PAGE;
    memset(data + used, 0, whole - used);
    for (size_t at = 0, n; at < whole; at += n) {
        n = shmem ? PAGE : whole - at;
        if (shmem && memcmp(data + at, zeros, PAGE) == 0) continue;
        ssize_t got = pwrite(f, data + at, shmem && used - at < PAGE ? used - at : n, at);
        if (got < 0) die(path);
        if (!shmem) n = got;
    }
    if (ftruncate(f, used) || fsync(f)) die(path);
    close(f);
    owner(path, mode, uid);
}

static void make_reflink(const char *from, const char *to)
{
    struct stat s;
    make_parents(to);
    int source = open(from, O_RDONLY), target = open(to, O_RDWR | O_CREAT, 0600);
    if (source < 0 || target < 0 || fstat(source, &s) || ioctl(target, FICLONE, source)) die(to);
    close(source);
    close(target);
    owner(to, s.st_mode & 07777, s.st_uid);
}

static void make_dedupe(const char *from, const char *to)
{
    struct stat s;
    int source = open(from, O_RDWR), target = open(to, O_RDWR);
    if (source < 0 || target < 0 || fstat(source, &s) || dedupe_range(source, 0, s.st_size, target, 0) < 0) die(to);
    close(source);
    close(target);
}

static void make_subvolume(const char *path)
{
    struct btrfs_ioctl_vol_args args = { 0 };
    char parent[PATH_MAX];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (!slash) die(path);
    *slash = 0;
    make_directories(parent);
    snprintf(args.name, sizeof args.name, "%s", slash + 1);
    int f = open(parent, O_RDONLY);
    if (f < 0 || ioctl(f, BTRFS_IOC_SUBVOL_CREATE, &args)) die(path);
    close(f);
}

/* Nothing of the files on disk is cached. Not by drop_caches, which is felt by the whole host. */
static void forget(void)
{
    sync_all();
    for (int i = 0; files[i].path; i++) {
        int f = open(files[i].path, O_RDONLY | O_NOATIME);
        if (f < 0) continue;
        if (ordinary_user) fsync(f);
        posix_fadvise(f, 0, 0, POSIX_FADV_DONTNEED);
        close(f);
    }
}

/* A memory control group, of version 1 or 2, below one of our own. */
static void group_path(char *path, const char *name, const char *file)
{
    snprintf(path, PATH_MAX, "%s/mmscn-%d%s%s%s%s", group_root, leader, *name ? "/" : "", name, *file ? "/" : "", file);
}

static void make_group(const char *name)
{
    char path[PATH_MAX];
    if (access("/sys/fs/cgroup/memory", F_OK) == 0) group_root = "/sys/fs/cgroup/memory";
    group_path(path, name, "");
    if (mkdir(path, 0755) == 0) snprintf(groups[ngroups++], PATH_MAX, "%s", path);
    else if (errno != EEXIST) die(path);
}

static long attach_to(const char *name)
{
    char path[PATH_MAX];
    group_path(path, name, "cgroup.procs");
    return write_text(path, "0");
}

static void join_group(const char *name)
{
    if (attach_to(name)) die(name);
}

/* Everything that may be reclaimed of a group. */
static long reclaim(const char *name)
{
    char path[PATH_MAX];
    group_path(path, name, "memory.force_empty");
    if (access(path, F_OK) == 0) return write_text(path, "1");
    group_path(path, name, "memory.reclaim");
    for (int i = 0; i < 20 && write_text(path, "1G") == 0; i++);
    return 0;
}
`;

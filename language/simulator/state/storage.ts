import { Column } from './column';
import { Journal } from './journal';
import { Names } from './names';
import { PageContents } from './pages';
import { type Fields, Ids, PerObject, table } from './tables';
import { Trace } from './trace';

/**
 * What machines on the same storage have in common: the disks, and the names, sizes and extents of what lies on them. Simulator choice: those are
 * the same on every host at once, as a cluster filesystem keeps them; page caches are each host's own, and nothing keeps them in step.
 */
export abstract class Storage<Host> {
  readonly journal: Journal;
  readonly trace: Trace;
  readonly names: Names;
  readonly contents: PageContents;
  /** Every machine on this storage, the first one included. */
  readonly hosts: Host[];
  /** Its number among them, from 0. */
  readonly host: number;

  /** `struct inode`. `size` in bytes; `disk_size`: that which the disk knows, +1, where it is another (fs/disk_size.ts); `path`: the name it was created under; `refs`: open files and mappings. `inline`: content (a page's number) that is kept in the inode itself, +1; `reflink`: 1 once it shared blocks (XFS_DIFLAG2_REFLINK); `nocow`: NODATACOW; `ino`: its number where that is not its own; `subvolume` of a directory: 1 the root of one, 2 of a read-only one; `xattr`: what overlayfs noted (Xattr). `mapping` is each host's own. */
  readonly inodes: Ids;
  protected readonly inodeOnDisk: Fields<
    | 'size'
    | 'disk_size'
    | 'nlink'
    | 'mode'
    | 'uid'
    | 'mount'
    | 'path'
    | 'refs'
    | 'directory'
    | 'inline'
    | 'reflink'
    | 'nocow'
    | 'ino'
    | 'subvolume'
    | 'xattr'
  >;
  /** `blocks`: the extent map, file block → device block; `unwritten`: 1 where the block is allocated and reads as zeros. */
  readonly extents: PerObject<'blocks' | 'unwritten'>;
  /** `content`: what a read of the file has to return, page by page (fs/newest.ts). */
  readonly newest: PerObject<'content'>;
  /** Path (by its name's number) → inode. */
  readonly dentry: Column;

  /** A filesystem (`struct super_block`). `path`: where it was mounted, which all its names begin with; `readonly`: nothing of it can be written; `type`: its place in `filesystems`; `device` 0: none; `options`: MOUNT bits; `source`: the name of its device; `host`: the number (from 1) of the only host that has it, 0: all have; `same`: the one that was made at this path before; `limit`: of tmpfs, its size in pages, 0: none. */
  readonly mounts: Ids;
  readonly mount: Fields<'type' | 'path' | 'device' | 'host' | 'readonly' | 'options' | 'source' | 'same' | 'limit'>;
  /** Path (by its name's number) → the filesystem that was made there last. */
  readonly mountAt: Column;
  /** A block device: `refcount` of each block (how many files' extents hold it), its `content`; `free`: no block below it is free. `extent` of a block: 0 free, 1 allocated by itself, else the first block of the extent it was allocated with, +2; `compressed` by that first block: blocks that the whole extent takes on disk. `used` and `size` (0: no limit) of the device in blocks; `copies`: further ones of each block. */
  readonly devices: Ids;
  readonly device: PerObject<'refcount' | 'content' | 'free' | 'extent' | 'compressed' | 'used' | 'size' | 'copies'>;

  /** Numbers of processes are not used twice, whatever host they run on. */
  readonly tasks: Ids;

  /** `on`: a machine on the same storage. */
  protected constructor(on: Storage<Host> | undefined) {
    this.journal = on?.journal ?? new Journal();
    const { journal } = this;
    this.trace = on?.trace ?? new Trace(journal);
    this.names = on?.names ?? new Names();
    this.contents = on?.contents ?? new PageContents();
    this.hosts = on?.hosts ?? [];
    this.host = this.hosts.length;
    this.inodes = on?.inodes ?? new Ids(journal, 'inode');
    this.inodeOnDisk =
      on?.inodeOnDisk ??
      table(journal, 'inode', [
        'size',
        'disk_size',
        'nlink',
        'mode',
        'uid',
        'mount',
        'path',
        'refs',
        'directory',
        'inline',
        'reflink',
        'nocow',
        'ino',
        'subvolume',
        'xattr',
      ]);
    this.extents = on?.extents ?? new PerObject(journal, 'inode', ['blocks', 'unwritten']);
    this.newest = on?.newest ?? new PerObject(journal, 'newest', ['content']);
    this.dentry = on?.dentry ?? new Column(journal, 'dentry.inode');
    this.mounts = on?.mounts ?? new Ids(journal, 'mount');
    this.mount = on?.mount ?? table(journal, 'mount', ['type', 'path', 'device', 'host', 'readonly', 'options', 'source', 'same', 'limit']);
    this.mountAt = on?.mountAt ?? new Column(journal, 'mount_path.mount');
    this.devices = on?.devices ?? new Ids(journal, 'device');
    this.device =
      on?.device ?? new PerObject(journal, 'device', ['refcount', 'content', 'free', 'extent', 'compressed', 'used', 'size', 'copies']);
    this.tasks = on?.tasks ?? new Ids(journal, 'task');
  }

  /** Columns of one kind of object that this host has for itself. A further host's are named `1:frame.flags`. */
  table<F extends string>(kind: string, fields: readonly F[]): Fields<F> {
    return table(this.journal, this.prefix + kind, fields);
  }

  /** The same for columns that each object has. */
  each<F extends string>(kind: string, fields: readonly F[]): PerObject<F> {
    return new PerObject(this.journal, this.prefix + kind, fields);
  }

  protected ids(kind: string): Ids {
    return new Ids(this.journal, this.prefix + kind);
  }

  /** The name of a column of this host without the host; undefined if it is another host's. */
  ownName(column: string): string | undefined {
    const mark = /^\d+:/.exec(column)?.[0] ?? '';
    return mark === this.prefix ? column.slice(mark.length) : undefined;
  }

  private get prefix(): string {
    return this.host === 0 ? '' : `${this.host}:`;
  }
}

import { Content } from '../../simulator/state/content';
import type { OptionValue } from '../../simulator/api';
import type { Trace, TracedSetup } from '../trace';
import { contentStatements, cString } from './words';

type Mount = TracedSetup & { kind: 'mount' };

/** How each filesystem on a disk is made, on a device of how many MiB at least, and mounted: nothing is written back by itself. */
const DISKS: Readonly<Record<string, { smallest: number; mkfs: (mount: Mount) => string; options: (mount: Mount) => string }>> = {
  xfs: { smallest: 300, mkfs: ({ options }) => `mkfs.xfs -q -f -m reflink=${options.reflink === false ? 0 : 1}`, options: () => '' },
  btrfs: {
    smallest: 256,
    mkfs: ({ options }) => `mkfs.btrfs -q -f${typeof options.copies === 'bigint' && options.copies > 1n ? ' -d dup' : ''}`,
    options: ({ options }) =>
      [
        'commit=3600',
        ...(options.nodatacow === true ? ['nodatacow'] : []),
        ...(options.compress === true ? ['compress-force=zstd'] : []),
      ].join(','),
  },
  ext4: { smallest: 8, mkfs: () => 'mkfs.ext4 -q -F', options: () => 'commit=3600' },
};

/** Whether the scenario's machine has swap. */
export const has_swap = ({ machine }: Trace): boolean => typeof machine.swap === 'bigint' && machine.swap > 0n;

/** A disk that is too small for its filesystem, in words. */
export function tooSmall({ setups }: Trace): string | undefined {
  for (const each of setups) {
    if (each.kind !== 'mount') continue;
    const smallest = DISKS[each.type]?.smallest;
    const { size } = each.options;
    if (smallest !== undefined && typeof size === 'bigint' && size < smallest * 2 ** 20)
      return `${each.path} has ${size} bytes, and ${each.type} is made on no disk below ${smallest} MiB`;
  }
  return undefined;
}

/** An overlay whose upper directory is all of a filesystem, in words. */
export function noWorkdir({ setups }: Trace): string | undefined {
  const mounted = (at: string): boolean => setups.some((each) => each.kind === 'mount' && each.path === at.replace(/\/+$/, ''));
  for (const each of setups) {
    if (each.kind !== 'mount' || each.type !== 'overlay') continue;
    const [upper] = texts(each.options.upper);
    if (upper !== undefined && mounted(upper))
      return `the upper of ${each.path} is all of ${upper}: a kernel wants a workdir beside it on the same filesystem, as with upper = "${upper.replace(/\/+$/, '')}/upper"`;
  }
  return undefined;
}

/** Programs that the scenario's filesystems and swap are made with. */
export function toolsOf(trace: Trace): string[] {
  const types = trace.setups.flatMap((each) => (each.kind === 'mount' ? [each.type] : []));
  const made = [...new Set(types)].filter((type) => type in DISKS || type === 'erofs').map((type) => `mkfs.${type}`);
  return has_swap(trace) ? [...made, 'mkswap'] : made;
}

/** What the declarations are in C. Images of erofs are made from what is declared below them; overlays are mounted when all layers are there. */
export function setupStatements(trace: Trace): string[] {
  const readahead = trace.machine.readahead;
  const kb = String((typeof readahead === 'bigint' ? readahead : 0n) / 1024n);
  const erofs = trace.setups.filter((each): each is Mount => each.kind === 'mount' && each.type === 'erofs');
  const image = (path: string): boolean => erofs.some((mount) => path.startsWith(`${mount.path}/`));
  const again = new Map(mountedAgain(trace).map(({ mount, first }) => [mount, first]));
  const later = trace.setups.filter((each) => each.kind === 'mount' && each.type === 'overlay');
  const subvolumes = snapshotSources(trace);
  const lines: string[] = [];
  for (const type of ['enabled', 'shmem_enabled'] as const) {
    const option = type === 'enabled' ? trace.machine.thp : trace.machine.shmem_thp;
    lines.push(`transparent_hugepage("${type}", ${cString(typeof option === 'string' ? option : 'never')});`);
  }
  const hugetlb = trace.machine.hugetlb;
  if (typeof hugetlb === 'bigint' && hugetlb > 0n) lines.push(`huge_pages(${hugetlb / 2097152n});`);
  lines.push(...ksm(trace), ...swap(trace));
  if (trace.setups.some((each) => each.kind === 'cgroup') || trace.steps.some(({ call }) => call === 'reclaim'))
    lines.push('make_group("");');
  const volatile = trace.setups.filter((each) => each.kind === 'file' && mountOf(trace, each.path)?.type === 'tmpfs');
  for (const each of trace.setups) {
    if (volatile.includes(each)) continue;
    if (later.includes(each) || erofs.includes(each as Mount) || (below(each) !== undefined && image(below(each)!))) continue;
    const first = again.get(each as Mount);
    if (first !== undefined) {
      lines.push(mountAgain(each as Mount, first));
      continue;
    }
    lines.push(...one(each, kb));
    if (each.kind === 'mount')
      lines.push(...subvolumes.filter((at) => mountOf(trace, at) === each).map((at) => `make_subvolume(${path(at)});`));
  }
  for (const mount of erofs) {
    const first = again.get(mount);
    lines.push(
      ...(first ? [mountAgain(mount, first)] : erofsImage(mount, [mount, ...erofs.filter((each) => again.get(each) === mount)], trace, kb)),
    );
  }
  lines.push('forget();');
  for (const each of volatile) lines.push(...one(each, kb));
  for (const each of later) lines.push(...one(each, kb));
  return lines;
}

/** Mounts of a device that is mounted already, and the first mount of it. */
function mountedAgain(trace: Trace): { mount: Mount; first: Mount }[] {
  const mounts = trace.setups.filter((each): each is Mount => each.kind === 'mount' && typeof each.options.device === 'string');
  return mounts.flatMap((mount) => {
    const first = mounts.find(({ options }) => options.device === mount.options.device)!;
    return first === mount ? [] : [{ mount, first }];
  });
}

const mountAgain = (mount: Mount, first: Mount): string => `mount_again("${mount.type}", ${path(first.path)}, ${path(mount.path)});`;

/** The mount that a path is on: the longest that it begins with. */
export function mountOf(trace: Trace, name: string): Mount | undefined {
  const mounts = trace.setups.filter((each): each is Mount => each.kind === 'mount' && name.startsWith(`${each.path.replace(/\/$/, '')}/`));
  return mounts.sort((a, b) => b.path.length - a.path.length)[0];
}

function swap({ machine }: Trace): string[] {
  const bytes = whole(machine.swap, 0n);
  if (bytes === 0n) return [];
  return [`swap_on(${bytes}UL, "${whole(machine.swappiness, 60n)}", "${whole(machine.page_cluster, 0n)}");`];
}

function ksm(trace: Trace): string[] {
  if (!trace.steps.some(({ call }) => call === 'ksm_scan')) return [];
  const { machine } = trace;
  const setting = (name: string, value: OptionValue | undefined, otherwise: number): string =>
    `knob("/sys/kernel/mm/ksm/${name}", "${typeof value === 'bigint' ? value : value === true ? 1 : otherwise}");`;
  return [
    'knob("/sys/kernel/mm/ksm/run", "2");',
    setting('max_page_sharing', machine['ksm.max_page_sharing'], 256),
    setting('use_zero_pages', machine['ksm.use_zero_pages'], 0),
    setting('smart_scan', machine['ksm.smart_scan'], 0),
    'knob("/sys/kernel/mm/ksm/pages_to_scan", "10000000");',
    'knob("/sys/kernel/mm/ksm/sleep_millisecs", "300000000");',
  ];
}

const below = (setup: TracedSetup): string | undefined =>
  setup.kind === 'file' || setup.kind === 'directory' ? setup.path : 'to' in setup ? setup.to : undefined;

/** Declared directories of btrfs that a snapshot is made of, outer ones first: they have to be subvolumes. */
function snapshotSources(trace: Trace): string[] {
  const declared = trace.setups.flatMap((each) => (each.kind === 'snapshot' ? [each.from] : []));
  const called = trace.steps.flatMap(({ call, args }) =>
    call === 'snapshot' && args[0] instanceof Content ? [args[0].asText() ?? ''] : [],
  );
  const directory = (at: string): boolean =>
    trace.setups.some((each) => (each.kind === 'directory' && each.path === at) || below(each)?.startsWith(`${at}/`) === true);
  return [...new Set([...declared, ...called])].filter((at) => mountOf(trace, at)?.type === 'btrfs' && directory(at)).sort();
}

const path = (text: string): string => cString(text.replace(/^\/+/, '') || '.');
const whole = (value: OptionValue | undefined, otherwise: bigint): bigint => (typeof value === 'bigint' ? value : otherwise);

function one(setup: TracedSetup, kb: string): string[] {
  switch (setup.kind) {
    case 'mount':
      return [mount(setup, kb)];
    case 'file': {
      const { options } = setup;
      return [
        ...fileContent(setup),
        `make_file(${path(setup.path)}, 0${whole(options.mode, 0o644n).toString(8)}, ${whole(options.uid, 0n)});`,
      ];
    }
    case 'directory': {
      const { mode, uid } = setup.options;
      return [`make_directory(${path(setup.path)}, 0${whole(mode, 0o755n).toString(8)}, ${whole(uid, 0n)});`];
    }
    case 'reflink':
      return [`make_reflink(${path(setup.from)}, ${path(setup.to)});`];
    case 'dedupe':
      return [`make_dedupe(${path(setup.from)}, ${path(setup.to)});`];
    case 'snapshot':
      return [`if (snapshot(${path(setup.from)}, ${path(setup.to)}, 0)) die(${path(setup.to)});`];
    case 'cgroup':
      return [`make_group(${path(setup.path)});`];
    case 'process':
      return [];
  }
}

function fileContent(setup: TracedSetup & { kind: 'file' }): string[] {
  const { size, content } = setup.options;
  const part = setup.content ?? (content instanceof Content ? content : undefined);
  const length = typeof size === 'bigint' ? Number(size) : undefined;
  const bytes = part === undefined || part.length === 0 ? Content.zeros(length ?? 0) : length === undefined ? part : part.repeat(length);
  return contentStatements(bytes);
}

function mount(setup: Mount, kb: string): string {
  const disk = DISKS[setup.type];
  if (disk) {
    const size = whole(setup.options.size, 0n);
    return `mount_disk("${setup.type}", ${path(setup.path)}, ${size === 0n ? 'DISK' : `${size}L`}, "${disk.mkfs(setup)}", "${disk.options(setup)}", "${kb}");`;
  }
  if (setup.type === 'overlay') return overlay(setup);
  if (setup.type === 'hugetlbfs')
    return `mount_virtual("hugetlbfs", ${path(setup.path)}, "pagesize=${whole(setup.options.pagesize, 2097152n)}");`;
  const size = setup.options.size;
  return `mount_virtual("tmpfs", ${path(setup.path)}, "${typeof size === 'bigint' ? `size=${size},` : ''}huge=never");`;
}

const texts = (value: OptionValue | undefined): string[] =>
  typeof value === 'string' ? [value] : Array.isArray(value) ? (value as readonly OptionValue[]).flatMap((each) => texts(each)) : [];

function overlay({ path: at, options }: Mount): string {
  const relative = (text: string): string => text.replace(/^\/+/, '');
  const lower = `lowerdir=${texts(options.lower).map(relative).join(':')}`;
  const [upper] = texts(options.upper);
  const layers = upper === undefined ? lower : `${lower},upperdir=${relative(upper)},workdir=${relative(upper)}.work`;
  const make = upper === undefined ? '' : `make_directories(${path(upper)}); make_directories(${path(`${upper}.work`)}); `;
  return `${make}mount_overlay(${path(at)}, "${layers},metacopy=${options.metacopy === true ? 'on' : 'off'}");`;
}

/** An image of what is declared below any of its mounts. */
function erofsImage(setup: Mount, mounts: readonly Mount[], trace: Trace, kb: string): string[] {
  const staging = `${setup.path}.staging`;
  const moved = mounts.flatMap((mount) =>
    trace.setups
      .filter((each) => below(each)?.startsWith(`${mount.path}/`))
      .map((each) => ('path' in each ? { ...each, path: staging + each.path.slice(mount.path.length) } : each)),
  ) as TracedSetup[];
  const { compressed, dedupe } = setup.options;
  const how = [
    ...(compressed === true ? ['-zlz4'] : []),
    ...(dedupe === true ? (compressed === true ? ['-Ededupe'] : ['--chunksize=4096']) : []),
  ].join(' ');
  return [
    `make_directories(${path(staging)});`,
    ...moved.flatMap((each) => one(each, kb)),
    `run("mkfs.erofs --quiet ${how} ../${path(setup.path).slice(1, -1).replaceAll('/', '_')}.img ${path(staging).slice(1, -1)} >/dev/null 2>&1");`,
    `mount_image("erofs", "../${path(setup.path).slice(1, -1).replaceAll('/', '_')}.img", ${path(setup.path)}, "", "${kb}");`,
  ];
}

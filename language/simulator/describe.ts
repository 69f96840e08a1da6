import type { Kernel } from './state/kernel';
import { Mark, type MarkInfo } from './state/trace';
import { PAGE_SIZE } from './state/units';

/** The sentence of a mark: a micro-step's template filled in, or the function's name. */
export function describe(k: Kernel, mark: MarkInfo): string {
  if (mark.kind !== Mark.Micro) return mark.what;
  return mark.what.replace(/\{(?:(\w+):)?(\d|pages)\}/g, (_all, kind: string | undefined, which: string) => {
    if (which === 'pages') return grouped(mark.pages);
    return argument(k, kind ?? 'number', mark.args[Number(which)] ?? 0, mark.pages);
  });
}

function argument(k: Kernel, kind: string, value: number, pages: number): string {
  switch (kind) {
    case 'frames':
      return run('frame', value, pages);
    case 'indexes':
      return run('index', value, pages, 'indexes');
    case 'blocks':
      return run('block', value, pages);
    case 'slots':
      return run('slot', value, pages);
    case 'addresses':
      return pages === 1 ? hex(value) : `${hex(value)}–${hex(value + pages)} (${grouped(pages)} pages)`;
    case 'file':
      return k.names.text(k.inode.path.get(value)) || `inode ${value}`;
    case 'mapping':
      return mapping_name(k, value);
    case 'task':
      return k.names.text(k.task.name.get(value)) || `process ${value}`;
    case 'cgroup':
      return k.names.text(k.cgroup.path.get(value));
    case 'name':
      return k.names.text(value);
    default:
      return grouped(value);
  }
}

/** What an address space is called: its file's path. */
export function mapping_name(k: Kernel, mapping: number): string {
  const host = k.mapping.host.get(mapping);
  return host === 0 ? 'the device' : k.names.text(k.inode.path.get(host));
}

const hex = (page: number): string => `0x${(BigInt(page) * BigInt(PAGE_SIZE)).toString(16)}`;

const run = (one: string, first: number, count: number, many = `${one}s`): string =>
  count === 1 ? `${one} ${first}` : `${many} ${first}–${first + count - 1}`;

const grouped = (value: number): string => value.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');

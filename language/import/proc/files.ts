import type { StartingFile } from '../document';
import type { Mapping } from './smaps';

/** A file of the scenario, or an object in memory that it stands for. */
export interface Backing {
  readonly path: string;
  size: number;
  readonly remark?: string;
}

/** What is known of a file that processes have mapped or open: by device and inode, as /proc writes them. */
export interface FileFact {
  readonly size: number;
  /** Equal for files with the same bytes, where that was looked at. */
  readonly content?: string;
}

/** Files of several processes. One path can be several files: each container has its own. */
export class Files {
  private readonly byFile = new Map<string, Backing>();
  private readonly paths = new Set<string>();
  readonly all: (Backing & { readonly file: string })[] = [];

  constructor(private readonly facts: ReadonlyMap<string, FileFact>) {}

  /** The file behind a mapping; undefined for anonymous memory and for devices. */
  backing(mapping: Mapping): Backing | undefined {
    if (mapping.inode === 0 && !mapping.shared) return undefined;
    const found = this.named(mapping.path, mapping.file);
    if (found && !this.facts.has(mapping.file)) found.size = Math.max(found.size, mapping.offset + (mapping.end - mapping.start));
    return found;
  }

  named(path: string, file: string): Backing | undefined {
    const known = this.byFile.get(file);
    if (known) return known;
    const place = placeOf(path, file);
    if (place === undefined) return undefined;
    let unique = place.path;
    for (let n = 2; this.paths.has(unique); n++)
      unique = place.path.startsWith('/dev/shm/') ? `${place.path}-${n}` : `/other-${n}${place.path}`;
    this.paths.add(unique);
    const remark =
      place.remark ?? (unique === place.path ? undefined : `another file that is called ${place.path}, in another container or mount`);
    const made = { path: unique, size: this.facts.get(file)?.size ?? 0, file, ...(remark !== undefined && { remark }) };
    this.byFile.set(file, made);
    this.all.push(made);
    return made;
  }

  /** As they are declared. */
  starting(): StartingFile[] {
    const first = new Map<string, string>();
    return this.all.map(({ path, size, file, remark }) => {
      const content = this.facts.get(file)?.content;
      const same = content === undefined ? undefined : first.get(content);
      if (content !== undefined && same === undefined) first.set(content, path);
      return { path, size, ...(remark !== undefined && { remark }), ...(same !== undefined && { same }) };
    });
  }
}

/** Memory that is shared without a name is a file of tmpfs to the kernel, and here it has a name. */
function placeOf(path: string, file: string): { path: string; remark?: string } | undefined {
  const inode = file.slice(file.lastIndexOf(':') + 1);
  if (path === '/dev/zero') return { path: `/dev/shm/anonymous-${inode}`, remark: 'shared anonymous memory' };
  if (path.startsWith('/memfd:')) return { path: `/dev/shm/memfd-${path.slice(7).replaceAll('/', '_')}-${inode}`, remark: 'a memfd' };
  if (/^\/SYSV[0-9a-f]{8}$/.test(path)) return { path: `/dev/shm/shm-${inode}`, remark: 'a System V segment' };
  if (path.startsWith('/dev/shm/')) return { path };
  if (!path.startsWith('/') || /^\/(dev|proc|sys)\//.test(path) || path.startsWith('/anon_hugepage')) return undefined;
  return { path };
}

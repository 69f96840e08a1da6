import { functions } from '../catalogue/functions';
import { keywords } from '../catalogue/keywords';
import { observables } from '../catalogue/observables';
import { constants } from '../catalogue/constants';

const TAKEN = new Set([
  ...Object.keys(keywords),
  ...Object.keys(functions),
  ...Object.keys(observables.run),
  ...Object.keys(constants),
  ...['kernel', 'remote', 'true', 'false', 'all', 'if', 'else', 'for', 'in', 'as', 'on', 'at', 'to', 'page', 'pages', 'page_size'],
  ...['i', 'j', 'k', 'l'],
]);

/** A program's path or command as a name for its process: `/usr/bin/g++-12` is `g___12`. */
export function processName(program: string): string {
  const base = program.slice(program.lastIndexOf('/') + 1);
  const name = base.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, 'p');
  if (/^_*$/.test(name)) return 'program';
  return TAKEN.has(name) || /^(fd|m|shm)\d*$|^m_/.test(name) ? `${name}_` : name;
}

/** What a mapping of a file is called: `/usr/lib/libc.so.6` is `m_libc`. */
export function mappingName(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1);
  return `m_${(/^[A-Za-z0-9_-]+/.exec(base)?.[0] ?? 'file').replace(/[^A-Za-z0-9_]/g, '_')}`;
}

/** Each name once: the second `sh` is `sh_2`. */
export class Names {
  private readonly used = new Set<string>();

  unique(name: string): string {
    let found = name;
    for (let n = this.next.get(name) ?? 2; this.used.has(found); n++) {
      found = `${name}_${n}`;
      this.next.set(name, n + 1);
    }
    this.used.add(found);
    return found;
  }

  private readonly next = new Map<string, number>();
}

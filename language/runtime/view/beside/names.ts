import type { Picture, BandWant } from '../types';
import { filesOf } from '../files';
import { fileId } from '../pages';
import type { World } from '../seen';

type Known = Pick<World, 'k' | 'spaces'>;

/** Before the ids of what is only in the picture beside. */
const ONLY_THERE = 'beside/';

/**
 * The ids of two runs. Inodes and pids are numbers of a run: a file is the same in both by its path, an address space by its name, of several with the
 * same one the first by the first.
 */
export class Names {
  private readonly toThere = new Map<string, string>();
  private readonly toHere = new Map<string, string>();

  constructor(here: Known, there: Known) {
    this.pair(files(here), files(there));
    this.pair(spaces(here), spaces(there));
  }

  /** The id there of something that is shown here; undefined where there is no such thing. */
  there(id: string): string | undefined {
    if (id.startsWith(ONLY_THERE)) return id.slice(ONLY_THERE.length);
    return renamed(id, (own) => this.toThere.get(own));
  }

  /** The id here of something there. */
  here(id: string): string {
    return renamed(id, (own) => this.toHere.get(own)) ?? `${ONLY_THERE}${id}`;
  }

  /** Whether an id here is that of something that is only there. */
  isOnlyThere(id: string): boolean {
    return id.startsWith(ONLY_THERE);
  }

  bandsThere(bands: readonly BandWant[]): BandWant[] {
    return bands.flatMap((band) => {
      const id = this.there(band.id);
      return id === undefined ? [] : [{ ...band, id }];
    });
  }

  /** A picture of the run there, with the ids of what is here. */
  renamed(picture: Picture): Picture {
    const { files: fileList, processes: processList, focus } = picture;
    const band = <Row extends { readonly band?: Picture['frames'] }>(row: Row) =>
      row.band === undefined ? {} : { band: { ...row.band, id: this.here(row.band.id) } };
    return {
      ...picture,
      files: { ...fileList, rows: fileList.rows.map((row) => ({ ...row, id: this.here(row.id), ...band(row) })) },
      processes: {
        ...processList,
        rows: processList.rows.map((row) => ({
          ...row,
          id: this.here(row.id),
          ...(row.vmas && { vmas: { ...row.vmas, rows: row.vmas.rows.map((vma) => ({ ...vma, id: this.here(vma.id), ...band(vma) })) } }),
        })),
      },
      focus: focus && {
        ...focus,
        holders: {
          ...focus.holders,
          rows: focus.holders.rows.map((row) => (row.band === undefined ? row : { ...row, band: this.here(row.band) })),
        },
      },
    };
  }

  private pair(here: ReadonlyMap<string, string>, there: ReadonlyMap<string, string>): void {
    for (const [name, id] of here) {
      const other = there.get(name);
      if (other === undefined) continue;
      this.toThere.set(id, other);
      this.toHere.set(other, id);
    }
  }
}

/** `file:3@1` is named after the file, `process:7` and `vma:7:4096` after the address space with the tag 7. */
function renamed(id: string, rename: (own: string) => string | undefined): string | undefined {
  const [, before, own, rest] = /^(file:)(\d+)(.*)$/.exec(id) ?? /^(process:|region:|vma:)(\w+)(.*)$/.exec(id) ?? [];
  if (before === undefined) return id;
  if (before === 'file:') return withRest(rename(`file:${own}`), rest!);
  const tag = rename(`space:${before === 'region:' ? `region${own}` : own}`)?.slice('space:'.length);
  return tag === undefined ? undefined : withRest(before + (before === 'region:' ? tag.slice('region'.length) : tag), rest!);
}

function withRest(id: string | undefined, rest: string): string | undefined {
  return id === undefined ? undefined : id + rest;
}

function files({ k }: Known): ReadonlyMap<string, string> {
  return numbered(filesOf(k).map((inode) => [k.names.text(k.inode.path.get(inode)), fileId(inode)]));
}

function spaces({ spaces: list }: Known): ReadonlyMap<string, string> {
  return numbered(list.map(({ name, tag }) => [name, `space:${tag}`]));
}

/** Ids by name; a name that comes again has how often behind it. */
function numbered(list: readonly (readonly [name: string, id: string])[]): ReadonlyMap<string, string> {
  const times = new Map<string, number>();
  return new Map(
    list.map(([name, id]) => {
      const time = (times.get(name) ?? 0) + 1;
      times.set(name, time);
      return [`${name}#${time}`, id];
    }),
  );
}

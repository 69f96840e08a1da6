import { filemap_remove_folio } from '../mm/filemap';
import { is_pinned } from '../mm/pin';
import { zap_pte_range } from '../mm/rmap';
import { writable } from '../fs/file';
import { file_content } from '../observables/file';
import { any, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import type { Fields } from '../state/tables';
import { NONE, target } from '../state/shift';
import { pagesOf } from '../state/units';
import { baseline } from './baseline';
import { link, linked_inodes, master_of, move_pages, new_master } from './links';

export interface JoinPolicy {
  readonly when: 'first_write' | 'open_for_write' | 'first_dirty_fault';
}

/** By inode: `offered`, 1 once it may be found by others with the same content; `broken`, 1 once its sharing was ended. */
const states = new WeakMap<Kernel, Fields<'offered' | 'broken'>>();

function state_of(k: Kernel): Fields<'offered' | 'broken'> {
  let state = states.get(k);
  if (state === undefined) {
    state = k.table('inode', ['offered', 'broken']);
    states.set(k, state);
  }
  return state;
}

/** The file may be found by others with the same content from now on. */
export const offer = (k: Kernel, inode: number): void => state_of(k).offered.set(inode, 1);

export const withdraw = (k: Kernel, inode: number): void => {
  state_of(k).offered.set(inode, 0);
  state_of(k).broken.set(inode, 0);
};

export const is_broken = (k: Kernel, inode: number): boolean => state_of(k).broken.get(inode) !== 0;
export const set_broken = (k: Kernel, inode: number): void => state_of(k).broken.set(inode, 1);
export const allow_again = (k: Kernel, inode: number): void => state_of(k).broken.set(inode, 0);

/** Why a file cannot share its pages now; undefined if it can. */
export function obstacle(k: Kernel, inode: number, { when }: JoinPolicy): string | undefined {
  const mapping = k.inode.mapping.get(inode);
  if (k.mapping.aops.get(mapping) !== AddressSpaceKind.Disk) return 'the file has no disk that its pages could be read from';
  if (k.inode.size.get(inode) === 0) return 'the file is empty';
  if (k.mapping.nrdirty.get(mapping) > 0) return 'the file has dirty pages';
  if (when === 'open_for_write' && is_open_for_write(k, inode)) return 'the file is open for writing';
  if (when === 'first_write' && has_writable_mapping(k, mapping)) return 'the file has a shared mapping that is writable';
  if (has_pins(k, mapping)) return 'pages of the file are pinned';
  return undefined;
}

function is_open_for_write(k: Kernel, inode: number): boolean {
  for (let file = 1; file <= k.files.count; file++) if (k.file.inode.get(file) === inode && writable(k, file)) return true;
  return false;
}

/** `mapping_writably_mapped()`. */
function has_writable_mapping(k: Kernel, mapping: number): boolean {
  let found = false;
  baseline.vmas(k, mapping, 0, Number.MAX_SAFE_INTEGER, (vma) => {
    const flags = k.vma.flags.get(vma);
    found ||= any(flags, VM.SHARED) && any(flags, VM.WRITE);
  });
  return found;
}

function has_pins(k: Kernel, mapping: number): boolean {
  let found = false;
  k.space.of(mapping).pages.runs(0, Number.MAX_SAFE_INTEGER, (at, n, value) => {
    found ||= value !== NONE && is_pinned(k, target(at, value), n);
  });
  return found;
}

/** A file that was offered and has the same content as `inode`, which is not shared yet; 0: there is none, or nothing can be shared now. */
export function partner_of(k: Kernel, inode: number, policy: JoinPolicy): number {
  if (master_of(k, inode) !== 0 || obstacle(k, inode, policy) !== undefined) return 0;
  const compared = new Set<number>();
  const content = file_content(k, inode);
  let partner = 0;
  const { offered } = state_of(k);
  for (let other = offered.runStart(Number.MAX_SAFE_INTEGER, 0) - 1; other > 0; other--) {
    if (offered.get(other) === 0 || other === inode) continue;
    if (k.inode.mount.get(other) !== k.inode.mount.get(inode) || k.inode.size.get(other) !== content.length) continue;
    const master = master_of(k, other);
    if (master === 0 ? is_broken(k, other) || obstacle(k, other, policy) !== undefined : compared.has(master)) continue;
    if (master !== 0) compared.add(master);
    if (!file_content(k, other).equals(content)) continue;
    partner = other;
    if (master !== 0) return partner;
  }
  return partner;
}

/** `inode` shares the pages of `partner` from now on. */
export function join(k: Kernel, inode: number, partner: number): void {
  const known = master_of(k, partner);
  if (known !== 0 && known === master_of(k, inode)) return;
  const master = known !== 0 ? known : new_master(k, `pages of ${k.names.text(k.inode.path.get(partner))} and its equals`);
  if (known === 0) bring_along(k, partner, master);
  bring_along(k, inode, master);
}

/** Links a file to a master. Its own pages become the master's; where that has them already they are dropped, out of every mapping too. */
function bring_along(k: Kernel, inode: number, master: number): void {
  const mapping = k.inode.mapping.get(inode);
  const end = pagesOf(k.inode.size.get(inode));
  link(k, inode, master, 0, end);
  const { pages } = k.space.of(master);
  for (let at = 0; at < end;) {
    const n = pages.runEnd(at, end) - at;
    if (pages.get(at) !== NONE) {
      baseline.vmas(k, mapping, at, n, (vma, vpn, count) => zap_pte_range(k, k.vma.mm.get(vma), vpn, count, true));
      filemap_remove_folio(k, mapping, at, n);
    }
    at += n;
  }
  move_pages(k, mapping, master, 0, end);
}

/** Files that share with this one. */
export const sharers = (k: Kernel, inode: number): number[] => {
  const master = master_of(k, inode);
  return master === 0 ? [] : linked_inodes(k, master).filter((other) => other !== inode);
};

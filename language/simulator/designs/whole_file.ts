import type { Options } from '../api';
import { fail, ok } from '../calls';
import { filemap_create_folio } from '../mm/filemap';
import { filemap_write_and_wait_range } from '../fs/writeback';
import { file_content } from '../observables/file';
import type { Kernel } from '../state/kernel';
import { pagesOf } from '../state/units';
import type { Design } from './design';
import { linked_files, master_of } from './links';
import { break_sharing, forget, report_stolen, type BreakPolicy } from './whole_file_break';
import { allow_again, is_broken, join, obstacle, offer, partner_of, type JoinPolicy } from './whole_file_join';

/**
 * Files of one filesystem with equal content have one address_space, all or nothing (Bottomley, Viro, Kara, LWN 2017: `i_mapping` leads to it), until one of
 * them is about to change. Simulator choices: contents are compared when a file is opened (`share.optin = auto`) or asks for it (`explicit`);
 * only clean files share; when one file is left, the pages are its own again.
 */
export function whole_file(options: Options): Design {
  const how = (options['break.how'] ?? 'copy_all') as BreakPolicy['how'];
  const policy: BreakPolicy = { how, zap: options['break.ptes'] !== 'leave' };
  const joins: JoinPolicy = { when: (options['break.when'] ?? 'first_write') as JoinPolicy['when'] };
  const auto = options['share.optin'] !== 'explicit';
  const again = options.reshare === 'on_dedupe';
  const known: Design['known'] = policy.zap ? [] : ['I5', 'I6', 'stale_read'];

  return {
    ...linked_files,
    known,

    own(k, mapping, index, count, keep) {
      const inode = k.mapping.host.get(mapping);
      const shared = master_of(k, inode) !== 0;
      if (shared) break_sharing(k, inode, policy, keep ? 0 : index, keep ? 0 : count);
      if (keep && (shared || !policy.zap)) bring_in(k, mapping, index, count);
      if (how === 'steal_take' && !policy.zap) report_stolen(k, inode, index, count);
    },

    truncated() {},

    changing(k, inode) {
      break_sharing(k, inode, policy, 0, 0);
    },

    opened(k, inode, writable) {
      if (writable && joins.when === 'open_for_write') break_sharing(k, inode, policy, 0, 0);
      if (auto) offer(k, inode);
      if (auto && !is_broken(k, inode)) find_and_join(k, inode, joins);
    },

    mapped_writable(k, inode) {
      if (joins.when === 'first_write') break_sharing(k, inode, policy, 0, 0);
    },

    cloned(k, source, target, _from, _to, _count, dedupe) {
      if (!dedupe) return;
      if (again) for (const inode of [source, target]) allow_again(k, inode);
      if (!is_broken(k, target)) find_and_join(k, target, joins);
    },

    evicted(k, inode) {
      forget(k, inode);
    },

    share(k, inode, master) {
      if (inode === master) return fail('EINVAL', 'a file does not share with itself');
      if (master !== 0 && k.inode.mount.get(inode) !== k.inode.mount.get(master))
        return fail('EXDEV', 'the two files are on different filesystems');
      for (const each of [inode, master].filter((one) => one !== 0)) {
        filemap_write_and_wait_range(k, each, 0, Number.MAX_SAFE_INTEGER);
        if (is_broken(k, each))
          return fail('EBUSY', `a file was written after it had been shared (reshare = ${again ? 'on_dedupe' : 'never'})`);
        const why = obstacle(k, each, joins);
        if (why !== undefined) return fail('EBUSY', why);
      }
      if (master !== 0) {
        if (!file_content(k, inode).equals(file_content(k, master))) return fail('EINVAL', 'the two files have different contents');
        offer(k, master);
      }
      offer(k, inode);
      if (master === 0) find_and_join(k, inode, joins);
      else join(k, inode, master);
      return ok();
    },
  };
}

function find_and_join(k: Kernel, inode: number, policy: JoinPolicy): void {
  const partner = partner_of(k, inode, policy);
  if (partner !== 0) join(k, inode, partner);
}

/** The page that is to be written must be there: reads it in if the break, or one of another file, has left nothing. */
function bring_in(k: Kernel, mapping: number, index: number, count: number): void {
  const behind = pagesOf(k.inode.size.get(k.mapping.host.get(mapping)));
  if (index >= behind || k.design.lookup(k, mapping, index, 1).pfn !== 0) return;
  const missing = k.design.lookup(k, mapping, index, Math.min(count, behind - index)).count;
  filemap_create_folio(k, mapping, index, missing);
}

/* eslint-disable no-bitwise -- mmap's flags are a word of 32 bits. */
import { constants } from '../../catalogue/constants';
import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Kernel } from '../state/kernel';
import { hugetlb_size, is_file_hugepages } from '../fs/hugetlbfs';
import { HPAGE_PMD_NR } from './folio';

const MAP_TYPE = 0xf;
const MAP_PRIVATE = Number(constants.MAP_PRIVATE.value);
const MAP_ANONYMOUS = Number(constants.MAP_ANONYMOUS.value);
const MAP_HUGETLB = Number(constants.MAP_HUGETLB.value);

/** Whether a mapping of an open file (0: none) with these flags is one of hugetlb pages; the errno where it can't be. */
export function huge_mapping(k: Kernel, file: number, flags: number): boolean | Outcome {
  const asked = (flags & MAP_HUGETLB) !== 0;
  if (file === 0) return asked ? (hugetlb_size(flags, 'EINVAL') ?? true) : false;
  if (!is_file_hugepages(k, k.file.inode.get(file))) return asked ? fail('EINVAL', 'MAP_HUGETLB, and the file has no huge pages') : false;
  return true;
}

/** What the start of a mapping that the kernel places is a multiple of, in pages: private memory of whole huge pages is aligned for them. */
export function alignment(k: Kernel, huge: boolean, flags: number, addr: number, count: number): number {
  const anonymous = (flags & MAP_ANONYMOUS) !== 0 && (flags & MAP_TYPE) === MAP_PRIVATE;
  const thp = k.options.thp !== 'never' && anonymous && addr === 0 && count % HPAGE_PMD_NR === 0;
  return huge || thp ? HPAGE_PMD_NR : 1;
}

import { constants } from '../../catalogue/constants';
import { fail, number, type Calls } from '../calls';
import { Impossible } from '../state/impossible';
import { ksm_disable_merge_any, ksm_enable_merge_any } from '../mm/ksm_mm';

const PR = {
  SET_MEMORY_MERGE: Number(constants.PR_SET_MEMORY_MERGE.value),
  GET_MEMORY_MERGE: Number(constants.PR_GET_MEMORY_MERGE.value),
  SET_THP_DISABLE: Number(constants.PR_SET_THP_DISABLE.value),
} as const;

export const calls = {
  prctl(k, task, option, value = 0) {
    const mm = k.task.mm.get(task);
    switch (option) {
      case PR.SET_MEMORY_MERGE:
        k.in(value === 0 ? 'ksm_disable_merge_any' : 'ksm_enable_merge_any', 1, () =>
          value === 0 ? ksm_disable_merge_any(k, mm) : ksm_enable_merge_any(k, mm),
        );
        return number(0);
      case PR.GET_MEMORY_MERGE:
        return value === 0 ? number(k.mm.merge_any.get(mm)) : fail('EINVAL', 'PR_GET_MEMORY_MERGE takes no argument');
      case PR.SET_THP_DISABLE:
        throw new Impossible('not-implemented', 'PR_SET_THP_DISABLE is not simulated yet');
      default:
        return fail('EINVAL', `${option} is no option of prctl`);
    }
  },
} satisfies Calls;

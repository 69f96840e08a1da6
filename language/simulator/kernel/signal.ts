import { constants } from '../../catalogue/constants';
import { fail, ok, type Calls } from '../calls';
import { Impossible } from '../state/impossible';
import { TaskState } from '../state/kernel';
import { do_group_exit } from './exit';

const LAST_SIGNAL = 64;
/** Ignored where no handler is set, and a scenario sets none. */
const IGNORED = [constants.SIGCHLD.value, constants.SIGCONT.value].map(Number);
const STOP = Number(constants.SIGSTOP.value);
const SIGKILL = Number(constants.SIGKILL.value);

/** `SIGTERM`; a number without a name as it is. */
const name_of = (sig: number): string =>
  Object.entries(constants).find(([name, { value }]) => name.startsWith('SIG') && Number(value) === sig)?.[0] ?? `signal ${sig}`;

export const calls = {
  kill(k, task, pid, sig) {
    if (pid <= 0) throw new Impossible('not-implemented', 'signals to process groups are not simulated');
    if (k.task.state.get(pid) === TaskState.None || k.task.reaped.get(pid) === 1)
      return fail('ESRCH', `there is no process ${pid}${k.task.reaped.get(pid) === 1 ? ' any more: it was waited for' : ''}`);
    if (sig < 0 || sig > LAST_SIGNAL) return fail('EINVAL', `${sig} is no signal`);
    const uid = k.task.uid.get(task);
    if (uid !== 0 && uid !== k.task.uid.get(pid)) return fail('EPERM', `uid ${uid} may not send signals to uid ${k.task.uid.get(pid)}`);
    if (sig === 0 || IGNORED.includes(sig) || k.task.state.get(pid) === TaskState.Dead) return ok();
    if (sig === STOP) throw new Impossible('not-implemented', 'stopping a process is not simulated');
    const signal = name_of(sig);
    const own = k.task.tgid.get(pid) === k.task.tgid.get(task);
    if (own && sig !== SIGKILL) return { kind: 'signal', signal, why: 'it sent it to itself', fatal: false };
    k.in('get_signal', 1, () => {
      do_group_exit(k, pid, `${signal} ended it`, sig);
    });
    return own ? { kind: 'signal', signal, why: 'it sent it to itself', fatal: true } : ok();
  },
} satisfies Calls;

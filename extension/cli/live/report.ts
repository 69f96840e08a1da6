import { type ComparedStep, grouped } from '../../../language/export/compare';
import type { Verified } from '../../../language/export/verify';
import { type Output, painter } from '../terminal';
import { counted } from '../words';

/** Lines of differences of one step that are shown. */
const SHOWN = 12;

/** Results of `verify`, for people or as one JSON object a line. */
export class VerifyReport {
  private readonly paint: ReturnType<typeof painter>;
  private readonly sums = { scenarios: 0, agree: 0, differ: 0, refused: 0, failed: 0, steps: 0, compared: 0 };
  private file = '';
  private blind = false;

  constructor(
    private readonly out: Output,
    private readonly json: boolean,
    private readonly all: boolean,
  ) {
    this.paint = painter(out);
  }

  scenario(verified: Verified): void {
    this.count(verified);
    if (this.json) return this.say(JSON.stringify(plain(verified)));
    if (verified.file !== this.file) this.say(`${this.file === '' ? '' : '\n'}${this.paint('bold', (this.file = verified.file))}`);
    const { refused, problem, differences, fleeting, steps, stopped } = verified;
    if (refused !== undefined)
      return this.say(`  ${this.paint('yellow', '–')} ${verified.scenario}  ${this.paint('dim', `not run: ${refused}`)}`);
    const good = differences === 0 && problem === undefined;
    const verdict = `${counted(steps.length, 'step')} · ${counted(verified.compared, 'value')}${differences > 0 ? ` · ${counted(differences, 'difference')}` : ''}${fleeting > 0 ? ` · ${counted(fleeting, 'difference')} not there a second time` : ''}`;
    this.say(`  ${good ? this.paint('green', '✓') : this.paint('red', '✗')} ${verified.scenario}  ${this.paint('dim', verdict)}`);
    for (const step of steps) this.step(step);
    if (problem !== undefined) this.say(`      ${this.paint('red', 'on the machine:')} ${problem}`);
    if (verified.left !== undefined) this.say(`      ${this.paint('yellow', 'left behind:')} ${verified.left}`);
    if (stopped)
      this.say(`      ${this.paint('yellow', `${stopped.line}`)}  ${stopped.text}\n          not compared from here on: ${stopped.why}`);
    if (verified.ended !== undefined)
      this.say(`      ${this.paint('yellow', 'the scenario ends early under the simulator:')} ${verified.ended}`);
  }

  total(): void {
    if (this.json) return;
    const { scenarios, agree, differ, refused, failed, steps, compared } = this.sums;
    const parts = [
      `${counted(scenarios, 'scenario')}: ${agree} agree, ${differ} differ`,
      ...(failed > 0 ? [`${failed} broke off`] : []),
      ...(refused > 0 ? [`${refused} not run`] : []),
      `${counted(steps, 'step')}, ${counted(compared, 'value')} compared`,
    ];
    this.say(`\n${this.paint(differ + failed > 0 ? 'red' : 'green', parts.join('; '))}`);
    if (this.blind) this.say('Not as root: which frame is where, how often it is mapped and its flags are not shown, and not compared.');
  }

  private count(verified: Verified): void {
    const { refused, problem, differences, steps, compared } = verified;
    this.sums.scenarios++;
    this.blind ||= !verified.frames && verified.refused === undefined;
    this.sums.steps += steps.length;
    this.sums.compared += compared;
    if (refused !== undefined) this.sums.refused++;
    else if (problem !== undefined) this.sums.failed++;
    else if (differences > 0) this.sums.differ++;
    else this.sums.agree++;
  }

  private step({ step, index, differences, lasting }: ComparedStep): void {
    if (differences.length === 0 && !this.all) return;
    const mark = differences.length === 0 ? this.paint('green', '✓') : this.paint('red', '✗');
    this.say(
      `      ${mark} ${step.line}  ${step.text}  ${this.paint('dim', `(step ${index}${lasting > 0 ? `; ${lasting} differ since before` : ''})`)}`,
    );
    const lines = grouped(differences);
    for (const line of lines.slice(0, SHOWN)) this.say(`          ${line}`);
    if (lines.length > SHOWN) this.say(`          … ${lines.length - SHOWN} more`);
  }

  private say(line: string): void {
    this.out.write(`${line}\n`);
  }
}

/** What `--json` prints: without the state of the whole machine. */
function plain(verified: Verified): object {
  const steps = verified.steps.map(({ step, index, compared, differences, lasting }) => ({
    index,
    line: step.line,
    text: step.text,
    compared,
    differences,
    ...(lasting > 0 && { lasting }),
  }));
  return { ...verified, steps };
}

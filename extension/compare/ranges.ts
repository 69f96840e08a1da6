import * as vscode from 'vscode';
import { parseInteger, parseRange } from '../../language/runtime/compare/range';
import type { ParamFound } from './params';

/** Lets a person choose a param and what values it goes through, as `n=1..2000:100`; `last` is what was written before. Undefined when it was dismissed. */
export async function chooseRange(params: readonly ParamFound[], last: string | undefined): Promise<string | undefined> {
  const param = params.length === 1 ? params[0] : await chooseParam(params, last);
  if (!param) return undefined;
  const values = last?.startsWith(`${param.name}=`) ? last.slice(param.name.length + 1) : suggested(param);
  const written = await vscode.window.showInputBox({
    title: `Sweep ${param.name}`,
    prompt: `Values of ${param.name}, now ${param.value}: from, to and step, as in 1..2000:100`,
    value: values,
    ignoreFocusOut: true,
    validateInput: (text) => {
      const range = parseRange(`${param.name}=${text.trim()}`);
      return 'error' in range ? sentence(range.error) : undefined;
    },
  });
  return written === undefined ? undefined : `${param.name}=${written.trim()}`;
}

async function chooseParam(params: readonly ParamFound[], last: string | undefined): Promise<ParamFound | undefined> {
  const items = params.map((param) => ({ label: param.name, description: `= ${param.value}`, param }));
  const before = items.filter(({ label }) => last?.startsWith(`${label}=`));
  const ordered = [...before, ...items.filter((item) => !before.includes(item))];
  return (await vscode.window.showQuickPick(ordered, { title: 'Sweep a Param', placeHolder: 'The param that goes through values' }))?.param;
}

/** Ten values up to what it is in the text. */
function suggested({ value }: ParamFound): string {
  const now = parseInteger(value) ?? 10n;
  if (now < 2n) return '1..10';
  const step = (now + 9n) / 10n;
  return step === 1n ? `1..${now}` : `${step}..${now}:${step}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

import type { Command } from './command';

/** The version in package.json, put in by the build. */
declare const MMSCN_VERSION: string;

export const VERSION = MMSCN_VERSION;

const EXIT = 'Exit code: 0 all is well, 1 a failed expectation or an error in a scenario, 2 wrong use.\n';

export function generalHelp(commands: readonly Command[]): string {
  const rows = commands.map((command): [string, string] => [`mmscn ${command.name} ${command.usage}`.trimEnd(), command.doc]);
  const general: [string, string][] = [
    ['mmscn COMMAND --help', 'More about one command'],
    ['mmscn --version', 'The version'],
  ];
  return `Memory Scenario: runs, checks and steps memory-management scenarios.\n\n${table([...rows, ...general])}\n${EXIT}`;
}

export function commandHelp(command: Command): string {
  const rows = Object.entries(command.options).map(([name, { type, value, doc }]): [string, string] => [
    type === 'boolean' ? `--${name}` : `--${name} ${value}`,
    doc,
  ]);
  const options = rows.length > 0 ? `\n${table(rows)}` : '';
  return `mmscn ${command.name} ${command.usage}`.trimEnd() + `\n\n${command.doc}.\n${options}\n${EXIT}`;
}

/** Two columns where the left one is short enough, else the text on a line of its own. */
function table(rows: readonly [string, string][]): string {
  const width = 24;
  return rows
    .map(([left, right]) => (left.length < width ? `  ${left.padEnd(width)}${right}\n` : `  ${left}\n  ${' '.repeat(width)}${right}\n`))
    .join('');
}

import { parseArguments, WrongUse } from './arguments';
import type { Command, Streams } from './command';
import { check } from './check';
import { compare } from './compare';
import { dap } from './dap';
import { exportC } from './export';
import { format } from './format';
import { commandHelp, generalHelp, VERSION } from './help';
import { importCommand } from './import';
import { lsp } from './lsp';
import { nearest } from './nearest';
import { run } from './run';
import { verify } from './verify';

const COMMANDS: readonly Command[] = [run, compare, check, verify, exportC, importCommand, format, dap, lsp];

/** Runs what a command line asks for and gives the exit code. Nothing is thrown. */
export async function execute(args: readonly string[], streams: Streams): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === '--version' || name === '-v') return say(streams, `mmscn ${VERSION}\n`);
    if (name === '--help' || name === '-h' || name === 'help') return say(streams, helpFor(rest[0]));
    if (name === undefined) throw new WrongUse('which command? Try mmscn --help');
    const command = commandNamed(name);
    if (rest.includes('--help') || rest.includes('-h')) return say(streams, commandHelp(command));
    const parsed = parseArguments(rest, command.options);
    if (parsed.files.length > 0 && command.usage.startsWith('['))
      throw new WrongUse(`${command.name} takes no files: ${parsed.files.join(' ')}`);
    return await command.run(parsed, streams);
  } catch (error) {
    if (!(error instanceof WrongUse)) streams.err.write(`mmscn: a bug in mmscn: ${error instanceof Error ? error.stack : String(error)}\n`);
    else streams.err.write(`mmscn: ${error.message}\n`);
    return 2;
  }
}

function say(streams: Streams, text: string): number {
  streams.out.write(text);
  return 0;
}

function helpFor(name: string | undefined): string {
  return name === undefined ? generalHelp(COMMANDS) : commandHelp(commandNamed(name));
}

function commandNamed(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command) return command;
  if (name.endsWith('.mmscn')) throw new WrongUse(`which command for ${name}? For example: mmscn run ${name}`);
  const what = name.startsWith('-') ? 'option' : 'command';
  throw new WrongUse(`unknown ${what} ${name}${nearest(name, what === 'option' ? ['--help', '--version'] : COMMANDS.map((c) => c.name))}`);
}

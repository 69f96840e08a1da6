import { execute } from './commands';
import { hasColour } from './terminal';

/** The exit code: 0 all is well, 1 a failed expectation or an error in a scenario, 2 wrong use. */
async function main(): Promise<void> {
  // Whoever reads our output may stop early, as `| head` does: then there is nobody left to work for.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));
  const output = (stream: NodeJS.WriteStream) => ({
    write: (text: string) => void stream.write(text),
    colour: hasColour(stream, process.env),
  });
  process.exitCode = await execute(process.argv.slice(2), { out: output(process.stdout), err: output(process.stderr) });
}

void main();

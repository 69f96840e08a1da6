// The browser in which the embedded VS Code is shown and tested.
import fs from 'node:fs';
import path from 'node:path';
import { results, run } from './run.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome'];

/** The Chromium or Chrome of this machine; CHROMIUM_PATH comes first. */
export function findChromium() {
  return [process.env.CHROMIUM_PATH, ...PLACES].find((place) => place && fs.existsSync(place));
}

/** Installs Chromium with apt-get where that is possible: on a Debian machine, as root. Throws when apt-get fails. */
export async function setupChromium() {
  if (findChromium() || chromiumUnavailable()) return;
  console.log('Installing Chromium with apt-get.');
  fs.mkdirSync(results, { recursive: true });
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const log = path.join(results, `apt-get-${args[0]}.log`);
    if ((await run('apt-get', args, { env, log })) !== 0) throw new Error(`apt-get ${args[0]} failed, see ${log}`);
  }
}

/** Why there is no Chromium and none can be installed; undefined where it is there or apt-get can bring it. */
export function chromiumUnavailable() {
  if (findChromium()) return undefined;
  if (fs.existsSync('/etc/debian_version') && process.getuid?.() === 0) return undefined;
  return 'no Chromium found: install it, or set CHROMIUM_PATH (on Debian as root it is installed by itself)';
}

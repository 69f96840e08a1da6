import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

export interface Browser {
  readonly context: BrowserContext;
  readonly page: Page;
  close(): Promise<void>;
}

/** A headless Chromium (CHROMIUM_PATH, else Debian's) with an empty profile of its own. */
export async function openBrowser(width = 1400, height = 900): Promise<Browser> {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-chromium-'));
  // With third-party cookies blocked, frames of another origin have no service worker, and VS Code's webviews need one.
  const preferences = { profile: { block_third_party_cookies: false, cookie_controls_mode: 0 } };
  fs.mkdirSync(path.join(profile, 'Default'));
  fs.writeFileSync(path.join(profile, 'Default/Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    headless: true,
    viewport: { width, height },
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      ...sandbox(),
    ],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const close = async () => {
    await context.close();
    fs.rmSync(profile, { recursive: true, force: true });
  };
  return { context, page, close };
}

/** Chromium's sandbox does not work for root. */
export function sandbox(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

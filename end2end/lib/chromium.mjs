// How Chromium is started, for the tests and for screenshots.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env, getuid } from 'node:process';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** A Chromium of this machine. Without one Playwright's own is used (`npx playwright install chromium`). */
function installed() {
  if (env.LANDFALL_CHROMIUM) return env.LANDFALL_CHROMIUM;
  const folders = (env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}

/** @returns {import('@playwright/test').LaunchOptions} */
export function launchOptions() {
  const executablePath = installed();
  return {
    ...(executablePath ? { executablePath } : {}),
    args: [
      // Its sandbox refuses to work for the superuser; for everybody else it stays on.
      ...(getuid?.() === 0 ? ['--no-sandbox'] : []),
      // The browser speaks to the tested server and to nobody else.
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-default-apps',
      '--disable-domain-reliability',
      '--disable-sync',
      '--no-default-browser-check',
      '--no-first-run',
      '--no-pings',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
      // The same letters on every machine.
      '--font-render-hinting=none',
      '--force-color-profile=srgb',
      // /dev/shm is 64 MB in many containers.
      '--disable-dev-shm-usage',
    ],
  };
}

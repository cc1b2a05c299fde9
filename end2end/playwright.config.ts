import { defineConfig, devices } from '@playwright/test';
import { launchOptions } from './lib/chromium.mjs';
import { baseURL, sharedServer } from './lib/server.js';

const server = sharedServer();

export default defineConfig({
  testDir: 'tests',
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: true,
  workers: 2,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['html', { open: 'never', outputFolder: 'playwright-report' }]],
  snapshotPathTemplate: '{testDir}/__snapshots__/{testFileName}/{arg}{ext}',
  use: {
    ...devices['Desktop Chrome'],
    baseURL,
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Asia/Tokyo',
    trace: 'retain-on-failure',
    launchOptions: launchOptions(),
  },
  projects: [
    // Tests tagged @no-js are run twice: a page that works without JavaScript must work with it too.
    { name: 'chromium' },
    { name: 'no-js', grep: /@no-js/, use: { javaScriptEnabled: false } },
    { name: 'japanese', grep: /@ja/, use: { locale: 'ja-JP' } },
  ],
  ...(server && {
    webServer: {
      ...server,
      timeout: 120_000,
      gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 15_000 },
      stdout: 'ignore' as const,
      stderr: 'pipe' as const,
    },
  }),
});

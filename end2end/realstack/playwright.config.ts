import { defineConfig, devices } from '@playwright/test';
import { launchOptions } from '../lib/chromium.mjs';

// One story, told in order, against systems that are really there: no retries, no parallel workers.
export default defineConfig({
  testDir: '.',
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: false,
  workers: 1,
  retries: 0,
  timeout: 240_000,
  expect: { timeout: 90_000 },
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    baseURL: process.env.LANDFALL_URL,
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    launchOptions: launchOptions(),
  },
});

// Screenshots of one page at three widths, light and dark, English and Japanese.
//
//   npm run shots -- http://127.0.0.1:3000/ shots            every picture of the board
//   npm run shots -- 'http://127.0.0.1:3000/?at=-7d' shots   as it was a week ago
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, exit } from 'node:process';
import { chromium } from '@playwright/test';
import { launchOptions } from './lib/chromium.mjs';

const WIDTHS = [1440, 768, 360];
const SCHEMES = /** @type {const} */ (['light', 'dark']);
const LOCALES = { en: 'en-GB', ja: 'ja-JP' };

const [url, folder = 'shots'] = argv.slice(2);
if (!url || !URL.canParse(url)) {
  console.error('error: which page?\nhelp: npm run shots -- URL [FOLDER]');
  exit(2);
}
const { pathname, search } = new URL(url);
const name = `${pathname}${search}`.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '') || 'board';
await mkdir(folder, { recursive: true });

const browser = await chromium.launch(launchOptions());
try {
  for (const [language, locale] of Object.entries(LOCALES)) {
    for (const colorScheme of SCHEMES) {
      for (const width of WIDTHS) {
        const viewport = { width, height: Math.round(width < 500 ? 800 : width * 0.625) };
        const context = await browser.newContext({
          viewport, colorScheme, locale, timezoneId: 'Asia/Tokyo', deviceScaleFactor: 2, reducedMotion: 'reduce',
        });
        const page = await context.newPage();
        // The event stream never ends, so "network idle" would never come.
        await page.goto(url, { waitUntil: 'load' });
        await page.evaluate(() => document.fonts.ready);
        const file = join(folder, `${name}-${width}-${colorScheme}${language === 'en' ? '' : `-${language}`}.png`);
        await page.screenshot({ path: file, fullPage: true, animations: 'disabled' });
        console.log(file);
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
}

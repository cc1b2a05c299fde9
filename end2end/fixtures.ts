// What every test gets: a page that is watched for problems.
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { baseURL } from './lib/server.js';
import { Problems } from './lib/problems.js';

export { expect };
export { expectAccessible, expectNoSidewaysScroll, LOOKS, WIDTHS } from './lib/accessible.js';
export { start, type Landfall } from './lib/server.js';

interface Fixtures {
  /** No test passes with an error in the console, a failed request or a CSP violation that it did not allow. */
  problems: Problems;
}

export const test = base.extend<Fixtures>({
  problems: [
    async ({ context, baseURL: origin }, use) => {
      const problems = new Problems();
      await problems.watch(context, origin ?? baseURL);
      await use(problems);
      expect(problems.list(), 'problems in the browser').toEqual([]);
    },
    { auto: true },
  ],
});

/** Pages of the first release, by their stable addresses. */
export const PAGES = [
  '/',
  '/services/control-panel',
  '/images',
  '/images/registry.hosting.example/accounts/control-panel',
  '/previews',
  '/pr/hosting/control-panel/488',
  '/history',
  '/findings',
  '/sources',
  '/search?q=control',
  '/views',
  '/api',
] as const;

/** The page's main region. */
export function main(page: Page): Locator {
  return page.getByRole('main');
}

/** The script marks the document when every island lives; before that a click may reach plain HTML. */
export async function islandsReady(page: Page): Promise<void> {
  await expect(page.locator('html[data-ready]')).toHaveCount(1);
}

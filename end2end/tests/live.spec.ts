// Live: nothing jumps, everything can be paused, a cut stream says so.
import { expect, islandsReady, main, test } from '../fixtures.js';

/** Answers `/events` with these messages and holds the line. */
const stream = (messages: object[]) =>
  `retry: 60000\n\n${messages.map((it) => `event: revision\ndata: ${JSON.stringify(it)}\n\n`).join('')}`;

/** The page's answer with one row changed or added, as a later revision would give it. */
async function later(page: import('@playwright/test').Page, change: (html: string) => string): Promise<void> {
  await page.route('**/', async (route) => {
    if (route.request().isNavigationRequest()) return route.fallback();
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: change(await answer.text()) });
  });
}

const news = { revision: 999_999_999, changed: ['service/control-panel'], more: false };

/** Holds the news back until the function that it gives is called. */
async function newsWhenTold(page: import('@playwright/test').Page): Promise<() => void> {
  let tell = (): void => {};
  const told = new Promise<void>((resolve) => (tell = resolve));
  await page.route('**/events', async (route) => {
    await told;
    await route.fulfill({ contentType: 'text/event-stream', body: stream([news]) });
  });
  return tell;
}

test('a change in place comes by itself', async ({ page, problems }) => {
  problems.allow(/events/);
  await later(page, (html) => html.replace(/(data-row="control-panel".*?class="tag">)[^<]*/s, '$1changed-tag'));
  await page.route('**/events', (route) => route.fulfill({ contentType: 'text/event-stream', body: stream([news]) }));
  await page.goto('/');
  const row = main(page).locator('[data-row="control-panel"]');
  await expect(row).toContainText('changed-tag');
  await expect(row).toHaveClass(/new/);
});

test('a row that would move others waits for the reader', async ({ page, problems }) => {
  problems.allow(/events/);
  const row = '<tr data-row="aaa-first"><th scope="row" class="c-svc"><a href="/services/aaa-first">aaa-first</a></th></tr>';
  await later(page, (html) => html.replace(/<tr data-row="control-panel"/, `${row}<tr data-row="control-panel"`));
  await page.route('**/events', (route) => route.fulfill({ contentType: 'text/event-stream', body: stream([news]) }));
  await page.goto('/');
  const offer = page.locator('.waiting');
  await expect(offer).toBeVisible();
  await expect(main(page).locator('[data-row="aaa-first"]')).toHaveCount(0);
  await page.evaluate(() => scrollTo(0, 300));
  await offer.click();
  await expect(main(page).locator('[data-row="aaa-first"]')).toHaveCount(1);
  await expect(offer).toBeHidden();
  expect(await page.evaluate(() => scrollY)).toBe(300);
});

test('what is shown by keyboard leaves the focus on the page', async ({ page, problems }) => {
  problems.allow(/events/);
  const row = '<tr data-row="aaa-first"><th scope="row" class="c-svc"><a href="/services/aaa-first">aaa-first</a></th></tr>';
  await later(page, (html) => html.replace(/<tr data-row="control-panel"/, `${row}<tr data-row="control-panel"`));
  await page.route('**/events', (route) => route.fulfill({ contentType: 'text/event-stream', body: stream([news]) }));
  await page.goto('/');
  await expect(page.locator('.waiting')).toBeVisible();
  await page.locator('.waiting').focus();
  await page.keyboard.press('Enter');
  await expect(main(page).locator('[data-row="aaa-first"]')).toHaveCount(1);
  await expect(main(page)).toBeFocused();
});

test('a link of the bar keeps the focus when its count changes', async ({ page, problems }) => {
  problems.allow(/events/);
  await later(page, (html) => html.replace(/(data-go="f"[^>]*>)[^<]*/, '$1Many findings'));
  const tell = await newsWhenTold(page);
  await page.goto('/');
  await islandsReady(page);
  const link = page.locator('[data-go="f"]');
  await link.focus();
  tell();
  await expect(link).toContainText('Many findings');
  await expect(link).toBeFocused();
});

test('steps that the reader opened stay open when the timeline changes', async ({ page, problems }) => {
  problems.allow(/events/);
  await page.route('**/services/control-panel', async (route) => {
    if (route.request().isNavigationRequest()) return route.fallback();
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replace('changes of meaning only', 'newer meaning') });
  });
  const tell = await newsWhenTold(page);
  await page.goto('/services/control-panel');
  await islandsReady(page);
  const steps = main(page).locator('details.steps').nth(1);
  await steps.locator('summary').click();
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  tell();
  await expect(main(page).locator('[data-part="timeline"]')).toContainText('newer meaning');
  await expect(steps).toHaveAttribute('open', '');
  await expect(main(page).locator('details.steps').first()).not.toHaveAttribute('open');
});

test('paused, everything waits', async ({ page, problems }) => {
  problems.allow(/events/);
  await later(page, (html) => html.replace(/(data-row="control-panel".*?class="tag">)[^<]*/s, '$1changed-tag'));
  const tell = await newsWhenTold(page);
  await page.goto('/');
  await islandsReady(page);
  const pause = page.locator('[data-pause]');
  await pause.click();
  await expect(pause).toHaveAttribute('aria-pressed', 'true');
  tell();
  await expect(page.locator('.waiting')).toContainText(/1 change/);
  await expect(main(page).locator('[data-row="control-panel"]')).not.toContainText('changed-tag');
  await pause.click();
  await expect(main(page).locator('[data-row="control-panel"]')).toContainText('changed-tag');
});

test('a cut stream says so, and since when', async ({ page, problems }) => {
  problems.allow(/events/, /Failed to load resource/, /status 503/);
  await page.route('**/events', (route) => route.fulfill({ status: 503, body: '' }));
  await page.goto('/');
  await expect(page.locator('.fresh .st-stale').first()).toContainText(/not live for \d/);
});

test('ten tabs share one stream', async ({ context, baseURL }) => {
  let streams = 0;
  context.on('request', (request) => {
    if (request.url().endsWith('/events')) streams += 1;
  });
  const pages = [];
  for (let at = 0; at < 10; at += 1) {
    const page = await context.newPage();
    await page.goto(baseURL ?? '/');
    await islandsReady(page);
    pages.push(page);
  }
  // Tabs in the background are hidden to nobody here: Chromium draws each. One of them reads, nine listen.
  for (const page of pages) await expect(page.locator('.fresh')).toContainText(/live/);
  expect(streams).toBeLessThanOrEqual(2);
});

test('without JavaScript the page says that it is not live @no-js', async ({ page, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled !== false, 'only without JavaScript');
  await page.goto('/');
  await expect(page.locator('.fresh')).toContainText(/not live/);
  await expect(page.locator('.fresh').getByRole('link', { name: 'Reload' })).toBeVisible();
  await expect(page.locator('[data-pause]')).toBeHidden();
  await expect(page.locator('.waiting')).toBeHidden();
});

test('a part whose rows changed keeps all of them', async ({ page, problems }) => {
  problems.allow(/events/);
  const path = '/images/registry.hosting.example/accounts/control-panel';
  await page.route(`**${path}`, async (route) => {
    if (route.request().isNavigationRequest()) return route.fallback();
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/(data-part="uses".*?<tbody>.*?class="tag">)[^<]*/s, '$1changed-tag');
    await route.fulfill({ response: answer, body });
  });
  await page.route('**/events', (route) => route.fulfill({ contentType: 'text/event-stream', body: stream([news]) }));
  await page.goto(path);
  const uses = main(page).locator('[data-part="uses"] tbody tr');
  await expect(uses.filter({ hasText: 'changed-tag' })).toHaveCount(1);
  expect(await uses.count()).toBeGreaterThan(1);
});

// The board: filters, facets, order, parts, views; whole without JavaScript.
import { expect, islandsReady, main, test } from '../fixtures.js';

/** A moment of the demo's past: between two pages of it nothing happens. */
const still = () => new Date(Date.now() - 24 * 3_600_000).toISOString();

test('tells first what needs a look, then every service @no-js @ja', async ({ page }) => {
  await page.goto('/');
  const look = main(page).locator('.look tbody tr');
  await expect(look.first()).toBeVisible();
  expect(await look.count()).toBeLessThanOrEqual(9);
  const rows = main(page).locator('.board tbody tr[data-row]');
  await expect(rows.first()).toBeVisible();
  // Every cell says in words what its glyph shows.
  for (const state of await main(page).locator('.board .st').all()) await expect(state).toHaveText(/\S/);
});

test('a filter is a form, and the address says what is chosen @no-js', async ({ page }) => {
  await page.goto('/');
  const all = await main(page).locator('.board tr[data-row]').count();
  await page.locator('details.menu summary').first().click();
  await page.locator('details.menu[open] input[type=checkbox]').first().check();
  // Without a script "Apply" sends; with one, closing the menu does.
  await page.getByRole('button', { name: /Apply|適用/ }).click();
  await expect(page).toHaveURL(/[?&]team=/);
  await expect(main(page).locator('.board tr[data-row]').first()).toBeVisible();
  expect(await main(page).locator('.board tr[data-row]').count()).toBeLessThan(all);
});

test('states lead to the services that are in them @no-js', async ({ page }) => {
  // Live, the story may change a state between the two pages.
  await page.goto(`/?at=${still()}`);
  const link = main(page).locator('.facet a').first();
  const count = Number((await link.locator('.n').innerText()).replace(/\D/g, ''));
  await link.click();
  await expect(page).toHaveURL(/state=/);
  await expect(main(page).locator('h2 + .asof').last()).toContainText(String(count));
});

test('order, grouping and the number of rows stand in the address @no-js', async ({ page }) => {
  await page.goto(`/?group=none&sort=since&limit=25&at=${still()}`);
  await expect(main(page).locator('.board tr.grp')).toHaveCount(0);
  await expect(main(page).locator('.board tr[data-row]')).toHaveCount(25);
  const first = await main(page).locator('.board tr[data-row]').first().getAttribute('data-row');
  await page.locator('.pager a[rel=next]').click();
  await expect(page).toHaveURL(/cursor=/);
  expect(await main(page).locator('.board tr[data-row]').first().getAttribute('data-row')).not.toBe(first);
  await page.locator('.pager a[rel=prev]').click();
  await expect(main(page).locator('.board tr[data-row]').first()).toHaveAttribute('data-row', first ?? '');
});

test('what matches nothing says which part to drop @no-js', async ({ page }) => {
  await page.goto('/?q=nothing-has-this-name&state=healthy');
  await expect(main(page).locator('.empty')).toContainText(/No service matches/);
  await main(page).locator('.empty a').first().click();
  await expect(page).not.toHaveURL(/nothing-has-this-name/);
});

test('a menu that is closed after a change sends its form', async ({ page }) => {
  await page.goto('/');
  await islandsReady(page);
  await page.locator('details.menu summary').first().click();
  await page.locator('details.menu[open] input[type=checkbox]').first().check();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/[?&]team=/);
});

test('theme and language are remembered @no-js', async ({ page }) => {
  await page.goto('/');
  await page.locator('.foot a[rel=nofollow]').click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await expect(page).not.toHaveURL(/theme=/);
  await page.goto('/findings');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.locator('.foot a[hreflang=ja]').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await page.goto('/sources');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
});

test('the past never looks like now @no-js', async ({ page }) => {
  await page.goto('/?at=-1d');
  await expect(page.locator('.bar.at')).toBeVisible();
  await expect(page.locator('.bar .st-warn')).toBeVisible();
  const link = main(page).locator('.board th a').first();
  await expect(link).toHaveAttribute('href', /at=/);
  await page.locator('.bar .fresh a').last().click();
  await expect(page.locator('.bar.at')).toHaveCount(0);
});

test('the first page is light', async ({ request }) => {
  const page = await request.get('/', { headers: { 'accept-encoding': 'br' } });
  const size = Number(page.headers()['content-length'] ?? (await page.body()).length);
  expect(size).toBeLessThanOrEqual(40 * 1024);
});

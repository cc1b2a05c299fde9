// A page of the past is of that time, and says so.
import { expect, main, test } from '../fixtures.js';

test('what ran last Tuesday is one click away, and its sources were fresh then @no-js', async ({ page }) => {
  await page.goto('/history');
  await main(page).getByText('last Tuesday').getByRole('link').click();
  await expect(page).toHaveURL(/\/\?at=/);
  await expect(main(page).locator('.banner').first()).toContainText(/as it was known then/);
  await expect(main(page).locator('thead .asof').first()).toContainText('fresh then');
  await expect(page.locator('time.age[data-live], .fresh [data-pause]')).toHaveCount(0);
});

test('a page of the past leads to pages of that past @no-js', async ({ page }) => {
  await page.goto('/?at=-3d');
  for (const name of ['History', 'Findings', 'Sources']) {
    await expect(page.getByRole('banner').getByRole('link', { name: new RegExp(`^${name}`) })).toHaveAttribute('href', /[?&]at=/);
  }
  await main(page).getByRole('link', { name: 'control-panel', exact: true }).first().click();
  await expect(page).toHaveURL(/\/services\/control-panel\?at=/);
  await expect(main(page).locator('.banner').first()).toBeVisible();
});

test('findings of a past moment are those of then, also in the bar', async ({ page, request }) => {
  const then = (await (await request.get('/api/v1/findings?at=-3d')).json()).total;
  for (const path of ['/?at=-3d', '/history?at=-3d', '/findings?at=-3d']) {
    await page.goto(path);
    const count = page.getByRole('banner').getByRole('link', { name: /^Findings/ }).locator('.n');
    if (then === 0) await expect(count).toHaveCount(0);
    else await expect(count).toHaveText(String(then));
  }
});

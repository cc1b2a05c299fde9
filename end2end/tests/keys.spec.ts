// All of it by keyboard alone.
import { expect, islandsReady, main, test } from '../fixtures.js';

test.beforeEach(async ({ page }) => {
  await page.goto('/');
  await islandsReady(page);
});

test('j and k walk rows, Enter opens', async ({ page }) => {
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  const row = main(page).locator('[data-row].cur');
  await expect(row).toHaveCount(1);
  const link = row.locator('th a').first();
  await expect(link).toBeFocused();
  const href = await link.getAttribute('href');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`${href?.replace(/[?#].*/, '')}`));
});

test('g and a letter go', async ({ page }) => {
  for (const [letter, path] of [['h', /\/history/], ['f', /\/findings/], ['s', /\/sources/], ['b', /\/$/]] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(letter);
    await expect(page).toHaveURL(path);
    await islandsReady(page);
  }
});

test('/ goes to the search field, and typing there is typing', async ({ page }) => {
  await page.keyboard.press('/');
  const field = page.getByRole('searchbox').first();
  await expect(field).toBeFocused();
  await page.keyboard.type('jkgp?');
  await expect(field).toHaveValue('jkgp?');
  await expect(main(page).locator('.cur')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(field).not.toBeFocused();
});

test('? shows the keys; single keys can be switched off', async ({ page }) => {
  await page.keyboard.press('?');
  const help = page.getByRole('dialog');
  await expect(help).toBeVisible();
  await help.getByRole('checkbox').uncheck();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await page.keyboard.press('j');
  await expect(main(page).locator('.cur')).toHaveCount(0);
  await page.reload();
  await islandsReady(page);
  await page.keyboard.press('j');
  await expect(main(page).locator('.cur')).toHaveCount(0);
});

test('Tab reaches everything in reading order, each stop is seen', async ({ page }) => {
  const stops: string[] = [];
  for (let at = 0; at < 25; at += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const it = document.activeElement;
      if (!it) return null;
      const style = getComputedStyle(it);
      return { what: it.outerHTML.slice(0, 80), outline: Number.parseFloat(style.outlineWidth), y: it.getBoundingClientRect().top + scrollY };
    });
    expect(stop?.outline, stop?.what).toBeGreaterThanOrEqual(2);
    stops.push(stop?.what ?? '');
  }
  expect(new Set(stops).size).toBeGreaterThan(20);
});

// Saved views: named questions, by forms alone.
import { expect, expectAccessible, main, test } from '../fixtures.js';

test('a view is saved, used, renamed and deleted @no-js', async ({ page }) => {
  await page.goto('/?env=production&sort=since');
  const views = page.getByRole('navigation', { name: 'Saved views' });
  await views.getByText('Save this view').click();
  await page.getByLabel('Name').fill('  Longest  in production ');
  await page.getByLabel('Name').press('Enter');
  await expect(page).toHaveURL(/\/\?env=production&sort=since$/);
  const mine = views.getByRole('link', { name: 'Longest in production' });
  await expect(mine).toHaveAttribute('aria-current', 'true');
  await expect(views.getByText('Save this view')).toHaveCount(0);

  await page.goto('/');
  await mine.click();
  await expect(page).toHaveURL(/env=production/);
  await views.getByRole('link', { name: 'Edit' }).click();
  await expect(page).toHaveURL(/\/views$/);
  await page.getByLabel('New name of Longest in production').fill('私の<b>ビュー');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(main(page).getByRole('link', { name: '私の<b>ビュー' })).toBeVisible();
  await page.getByRole('button', { name: /^Delete/ }).click();
  await expect(main(page)).toContainText('You have none yet');
});

test('what cannot be saved says why and keeps what was written @no-js', async ({ page, problems, javaScriptEnabled }) => {
  test.slow();
  problems.allow(/status 422/, /Failed to load resource/);
  await page.goto('/?q=x');
  await page.getByText('Save this view').click();
  // The browser would refuse it as well; the server must not rely on that.
  const field = page.getByLabel('Name');
  await field.evaluate((it) => it.removeAttribute('maxlength'));
  await field.fill('n'.repeat(50));
  await field.press('Enter');
  await expect(page.getByRole('alert')).toContainText('at most 40 characters');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('n'.repeat(50));
  // axe itself needs JavaScript in the page.
  if (javaScriptEnabled !== false) await expectAccessible(page);
  await page.getByLabel('Name', { exact: true }).fill('shorter');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/\?q=x$/);
});

test('there is room for twelve, and the thirteenth says so @no-js', async ({ page, problems }) => {
  problems.allow(/status 422/, /Failed to load resource/);
  for (let at = 0; at < 13; at += 1) {
    await page.goto(`/?q=search-${at}`);
    await page.getByText('Save this view').click();
    await page.getByLabel('Name').fill(`view ${at}`);
    await page.getByLabel('Name').press('Enter');
    if (at < 12) await expect(page.getByRole('link', { name: `view ${at}`, exact: true })).toHaveAttribute('aria-current', 'true');
  }
  await expect(page.getByRole('alert')).toContainText('You have 12 views already');
});

test('views of the configuration are everybody’s @no-js', async ({ page }) => {
  await page.goto('/');
  const shared = page.getByRole('navigation', { name: 'Saved views' }).getByRole('link', { name: 'production, not as meant' });
  await shared.click();
  await expect(page).toHaveURL(/env=production/);
  await expect(shared).toHaveAttribute('aria-current', 'true');
});

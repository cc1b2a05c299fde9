// Images: every repository, what of it runs where, and what ran when.
import { expect, main, test } from '../fixtures.js';

const CONTROL_PANEL = '/images/registry.hosting.example/accounts/control-panel';

test('a repository is found by name, by tag and by the beginning of a digest @no-js', async ({ page, request }) => {
  const answer = await (await request.get(`/api/v1${CONTROL_PANEL}`)).json();
  const runs = answer.item.running[0];
  for (const words of ['control-panel', runs.tag, runs.digest.slice(0, 'sha256:'.length + 8)]) {
    await page.goto('/images');
    await page.getByRole('searchbox').fill(words);
    await page.keyboard.press('Enter');
    const rows = main(page).locator('tr[data-row]');
    await expect(rows.first()).toContainText('control-panel');
    expect(await rows.count(), words).toBeLessThan(5);
  }
  await main(page).getByRole('link', { name: 'accounts/control-panel' }).click();
  await expect(page).toHaveURL(CONTROL_PANEL);
});

test('what runs and is not meant is told, in numbers that add up @no-js', async ({ page }) => {
  await page.goto(CONTROL_PANEL);
  const pods = await main(page).locator('[data-part="running"] tbody td:last-child').allTextContents();
  const sum = pods.reduce((all, text) => all + Number(text), 0);
  await expect(main(page).locator('.lead')).toContainText(`${sum} pods`);
  const uses = main(page).locator('[data-part="uses"] tbody tr');
  await expect(uses.filter({ hasText: 'production' }).locator('.st-drift')).toBeVisible();
  await expect(uses.filter({ hasText: 'staging' }).locator('.st-ok')).toBeVisible();
});

test('what ran is drawn and told in words @no-js', async ({ page }) => {
  await page.goto(CONTROL_PANEL);
  const drawing = main(page).getByRole('img', { name: 'What ran when' });
  await expect(drawing).toBeVisible();
  await expect(drawing.locator('.ran.prod')).toHaveCount(1);
  await expect(drawing.locator('desc')).toContainText('control-panel production:');
  await expect(main(page).locator('[data-part="ran"] tbody tr').first()).toContainText('→');
});

test('the past shows what ran then, and what nobody uses says so @no-js', async ({ page, problems }) => {
  await page.goto(`${CONTROL_PANEL}?at=-5d`);
  await expect(page.locator('.bar.at')).toBeVisible();
  await expect(main(page).locator('[data-part="running"]')).not.toContainText('b7c24e0');
  problems.allow(/404/);
  await page.goto('/images/registry.hosting.example/accounts/control-pannel');
  await expect(main(page).getByRole('link', { name: 'registry.hosting.example/accounts/control-panel' })).toBeVisible();
});

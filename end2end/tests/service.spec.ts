// One service: the verdict first, then the proof, each value with its source.
import { expect, expectAccessible, main, test } from '../fixtures.js';

test('opens with a verdict and says what to do @no-js @ja', async ({ page }) => {
  await page.goto('/services/control-panel');
  const verdict = main(page).locator('.verdict > p').first();
  await expect(verdict).toHaveText(/\S{3}/);
  await expect(main(page).locator('.steps-todo li').first()).toBeVisible();
  await expect(main(page).locator('.envs tbody tr').first()).toBeVisible();
  await expect(main(page).locator('.tl li').first()).toBeVisible();
});

test('every value has its source, and links lead to where one can act @no-js', async ({ page }) => {
  await page.goto('/services/control-panel');
  await expect(main(page).locator('.envs a[href^="/sources#"]').first()).toBeVisible();
  const out = main(page).locator('a[href^="https://"]');
  expect(await out.count()).toBeGreaterThan(2);
  for (const link of await out.all()) await expect(link).toHaveAttribute('rel', /noopener/);
});

test('what changed since a moment is marked @no-js', async ({ page }) => {
  await page.goto('/services/control-panel?since=-13d');
  await expect(main(page).locator('.banner').last()).toBeVisible();
  await expect(main(page).locator('.envs .st-newer').first()).toBeVisible();
});

test('a deployment is one line, with its steps to open @no-js', async ({ page }) => {
  for (const path of ['/services/control-panel', '/history']) {
    await page.goto(path);
    const steps = main(page).locator('details.steps').first();
    await expect(steps.locator('li').first()).toBeHidden();
    await steps.locator('summary').click();
    expect(await steps.locator('li').count()).toBeGreaterThan(2);
    await expect(steps.locator('li').first()).toBeVisible();
  }
  // Who asks for a kind gets each change of it.
  await page.goto('/history?kind=health');
  await expect(main(page).locator('details.steps')).toHaveCount(0);
});

test('history compares two moments @no-js', async ({ page }) => {
  await page.goto('/history');
  await page.locator('#compare button').click();
  await expect(page).toHaveURL(/from=/);
  const rows = page.locator('#compare table tbody tr');
  await expect(rows.first()).toBeVisible();
  const some = await rows.count();
  await page.locator('#compare').getByRole('link', { name: /^\d+ more$/ }).first().click();
  await expect(page).toHaveURL(/compare=all/);
  expect(await rows.count()).toBeGreaterThan(some);
});

test('documents of findings explain themselves', async ({ page }) => {
  await page.goto('/docs/findings/image-drift');
  await expect(page.getByRole('heading', { level: 2, name: 'Way out' })).toBeVisible();
  await expectAccessible(page);
  await page.goto('/docs/keyboard');
  await expectAccessible(page);
});

for (const path of ['/?at=-1d', '/?since=-2d', '/findings?state=closed', '/findings?group=rule', '/?q=nothing-like-this']) {
  test(`${path} is accessible in every look`, async ({ page }) => {
    test.slow();
    await page.goto(path);
    await expectAccessible(page);
  });
}

// The ways through the pages that people take, by links and forms alone.
import { expect, expectAccessible, main, test } from '../fixtures.js';

test('from the board to a service, its history and a finding @no-js', async ({ page }) => {
  await page.goto('/');
  await main(page).getByRole('link', { name: 'control-panel', exact: true }).first().click();
  await expect(page).toHaveURL(/\/services\/control-panel/);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('control-panel');

  await page.goto('/findings');
  const finding = main(page).locator('a[href^="/docs/findings/"]').first();
  const target = await finding.getAttribute('href');
  await finding.click();
  await expect(page).toHaveURL(new RegExp(`${target}$`));
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('the search field is a form @no-js', async ({ page }) => {
  await page.goto('/');
  const field = page.getByRole('searchbox').first();
  await field.fill('control-panel');
  await field.press('Enter');
  await expect(page).toHaveURL(/[?&]q=control-panel/);
  await expect(main(page).getByRole('link', { name: /control-panel/ }).first()).toBeVisible();
});

test('the past has an address @no-js', async ({ page }) => {
  await page.goto('/?at=-7d');
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await page.goto('/history?since=-7d');
  await expect(main(page).getByRole('table').first()).toBeVisible();
});

test('a page and its JSON twin agree', async ({ page, request }) => {
  const twin = await (await request.get('/api/v1/services?q=control-panel')).json();
  expect(twin.items.map((item: { name: string }) => item.name)).toContain('control-panel');
  await page.goto('/?q=control-panel');
  for (const item of twin.items) {
    await expect(main(page).getByRole('link', { name: item.name, exact: true }).first()).toBeVisible();
  }
});

test('what is not there says so and helps', async ({ page, problems }) => {
  test.slow();
  problems.allow(/status 404/, /Failed to load resource: .* 404/);
  for (const path of ['/nothing/here', '/services/no-such-service']) {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(main(page).locator('a[href="/"], a[href^="/search"]').first()).toBeVisible();
    await expectAccessible(page);
  }
});

test('a wrong parameter is named', async ({ page, request, problems }) => {
  problems.allow(/status 4\d\d/, /Failed to load resource/);
  const answer = await page.goto('/?at=yesterdayish');
  expect(answer?.status()).toBe(400);
  await expect(main(page)).toContainText('yesterdayish');
  const twin = await request.get('/api/v1/services?at=yesterdayish');
  expect(twin.status()).toBe(400);
  expect(twin.headers()['content-type']).toContain('application/problem+json');
});

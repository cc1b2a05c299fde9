// Images: every repository, what of it runs where, and what ran when.
import { expect, main, test } from '../fixtures.js';

const CONTROL_PANEL = '/images/registry.hosting.example/accounts/control-panel';
// Image Updater keeps it up to date, and all its images have one date.
const ACCESS_REVIEW = '/images/registry.hosting.example/internal/access-review';

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

test('what stands worst is first, and each state and policy is found @no-js', async ({ page, request }) => {
  await page.goto('/images');
  await expect(main(page).locator('tbody tr').first()).toContainText('trapped');
  const trapped = await (await request.get('/api/v1/images?state=trapped')).json();
  await page.goto('/images?state=trapped');
  await expect(main(page).locator('tbody tr')).toHaveCount(trapped.total);
  const row = main(page).locator('tbody tr').filter({ hasText: 'access-review' });
  const [use] = trapped.items.find((it: { repository: string }) => it.repository.endsWith('/access-review')).uses;
  await expect(row).toContainText(use.expected.tag);
  await expect(row).toContainText(use.strategy);
  const none = await (await request.get('/api/v1/images?policy=none&limit=1')).json();
  expect(none.total).toBeGreaterThan(40);
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
  const drawing = main(page).getByRole('img', { name: 'What was pushed and what ran when' });
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

test('what the policy picks is told tag by tag, beside what another would pick @no-js', async ({ page, request }) => {
  const { item } = await (await request.get(`/api/v1${ACCESS_REVIEW}`)).json();
  const [policy] = item.would_pick;
  await page.goto(ACCESS_REVIEW);
  const section = main(page).locator('[data-part="policy"]').first();
  await expect(section.locator('[data-part="settings"]')).toContainText(policy.strategy);
  const order = section.locator('[data-part="order"] tbody tr');
  await expect(order.first()).toContainText(policy.pick.tag);
  await expect(order.first()).toContainText('picked');
  expect(policy.order.at(-1)).toBe(policy.pick.tag);
  const others = section.locator('[data-part="others"] tbody tr');
  await expect(others).toHaveCount(4);
  await expect(others.first()).toContainText('in force');
  const stands = main(page).locator('[data-part="outlook"] tbody tr');
  await expect(stands.first()).toContainText('trapped');
});

test('two images are compared, and the address keeps which @no-js', async ({ page, request }) => {
  const { item } = await (await request.get(`/api/v1${CONTROL_PANEL}`)).json();
  const [a, b] = [...new Map(item.sightings.map((it: { digest: string; tag: string }) => [it.digest, it.tag])).values()];
  await page.goto(CONTROL_PANEL);
  const section = main(page).locator('#compare');
  await section.getByLabel('From').fill(a as string);
  await section.getByLabel('To').fill(b as string);
  await section.getByRole('button', { name: 'Compare' }).click();
  await expect(page).toHaveURL(/[?&]from=[^&]+&to=[^&]+#compare$/);
  await expect(section.locator('thead')).toContainText(a as string);
  await expect(section.locator('tbody tr').filter({ hasText: 'Digest' })).toContainText('differs');
  await expect(section.locator('tbody tr').filter({ hasText: 'Layers' })).toContainText('1 of them only here');
  const twin = await (await request.get(`/api/v1${CONTROL_PANEL}?from=${a}&to=${b}`)).json();
  expect(twin.item.compared.from.digest).not.toBe(twin.item.compared.to.digest);
  await page.goto(`${CONTROL_PANEL}?from=${a}&to=never-seen`);
  await expect(section).toContainText('never seen in this repository');
});

test('a tag, the beginning of a digest and a moved tag are found at the registries, now and in the past @no-js', async ({ page, request }) => {
  const { item } = await (await request.get(`/api/v1${CONTROL_PANEL}`)).json();
  const [edge] = item.sightings;
  for (const words of [edge.tag, edge.digest, edge.digest.slice('sha256:'.length, 'sha256:'.length + 8)]) {
    await page.goto(`/search?q=${encodeURIComponent(words)}`);
    const row = main(page).locator('[data-part="seen"] tbody tr').filter({ hasText: edge.tag }).first();
    await expect(row, words).toContainText('accounts/control-panel');
    const twin = await (await request.get(`/api/v1/search?q=${encodeURIComponent(words)}`)).json();
    expect(twin.items.map((it: { tag: string }) => it.tag), words).toContain(edge.tag);
  }
  await page.goto('/search?q=nothing-begins-so');
  await expect(main(page).locator('[data-part="seen"]')).toContainText('was seen at a registry');
  const refused = await request.get('/api/v1/search?q=two%20words');
  expect(refused.status()).toBe(400);
});

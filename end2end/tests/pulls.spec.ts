// Pull requests with their previews: one that hangs in each step says which and why, and one goes from label to merge.
import { expect, main, start, test } from '../fixtures.js';

/** Where the story's pull requests hang: step, what is said of it, whose turn it is. */
const HANGING = [
  { path: '/pr/hosting/mypage/214', step: 'labelled', says: 'No label preview yet', turn: 'h.ito' },
  { path: '/pr/hosting/dns-editor/104', step: 'created', says: 'has not made its Application yet', turn: 'Argo CD' },
  { path: '/pr/hosting/signup/322', step: 'pushed', says: 'build', turn: 'k.mori' },
  { path: '/pr/hosting/billing/131', step: 'picked', says: 'has not seen', turn: 'Argo CD' },
  { path: '/pr/hosting/control-panel/488', step: 'synced', says: 'memory limit of container app is missing', turn: 'm.sato' },
  { path: '/pr/hosting/signup/325', step: 'healthy', says: 'CrashLoopBackOff', turn: 'y.tanaka' },
];

for (const { path, step, says, turn } of HANGING) {
  test(`a preview that hangs at ${step} says why and whose turn it is @no-js`, async ({ page }) => {
    // The forge is asked every ten seconds.
    await expect(async () => {
      await page.goto(path);
      await expect(main(page).locator('.verdict')).toContainText(says, { timeout: 1_000 });
    }).toPass({ timeout: 45_000 });
    const here = main(page).locator('tr.here');
    await expect(here).toHaveCount(1);
    await expect(here).toHaveAttribute('data-step', step);
    await expect(main(page).locator('.turn')).toContainText(turn);
    await expect(main(page).locator('tr[data-step]')).toHaveCount(6);
  });
}

test('the list shows what is stuck first and leads to each @no-js', async ({ page }) => {
  await page.goto('/previews');
  await expect(main(page).locator('tbody tr').first()).toContainText('stuck');
  await main(page).getByRole('link', { name: '#488' }).click();
  await expect(page).toHaveURL(/\/pr\/hosting\/control-panel\/488$/);
  await page.goto('/previews?state=ready');
  for (const row of await main(page).locator('tbody tr').all()) await expect(row).toContainText('ready');
});

test('a pull request that nobody knows is not found, and those that are near are offered @no-js', async ({ page, problems }) => {
  problems.allow(/404/);
  const answer = await page.goto('/pr/hosting/control-panel/7');
  expect(answer?.status()).toBe(404);
  await expect(main(page).getByRole('link', { name: 'hosting/control-panel#471' })).toBeVisible();
});

test('a pull request goes from its label to healthy and to its end, live', async ({ page, request, problems }) => {
  test.setTimeout(600_000);
  const landfall = await start();
  problems.allow(new RegExp(`a request to another host: ${landfall.url}/`));
  try {
    const control = `${landfall.control()}/_sandbox`;
    await request.post(`${control}/autoplay`, { data: { on: false } });
    const act = async (action: object): Promise<void> => {
      const data = { service: 'control-panel', environment: 'pr-490', ...action };
      const answer = await request.post(`${control}/story`, { data });
      expect(answer.ok(), await answer.text()).toBe(true);
    };
    const patience = { timeout: 180_000, intervals: [1_000] };
    const path = `${landfall.url}/pr/hosting/control-panel/490`;
    await expect.poll(async () => (await request.get(path)).status(), patience).toBe(200);
    await page.goto(path);
    await expect(main(page).locator('.headline')).toContainText('not asked for');

    // From here on the page is not loaded again: it follows.
    await act({ do: 'label' });
    const state = (step: string) => main(page).locator(`tr[data-step="${step}"]`);
    for (const step of ['labelled', 'created', 'pushed', 'picked', 'synced', 'healthy']) {
      await expect(state(step)).toHaveAttribute('data-state', 'done', { timeout: 180_000 });
    }
    await expect(main(page).locator('.headline')).toContainText('ready', { timeout: 60_000 });

    await act({ do: 'close', merged: true });
    await expect(main(page).locator('.headline')).toContainText('gone', { timeout: 180_000 });
  } finally {
    await landfall.stop();
  }
});

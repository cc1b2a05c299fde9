// Every page by keyboard alone: each stop is seen, nothing traps, everything that can be pressed is reached.
import { expect, islandsReady, main, PAGES, test } from '../fixtures.js';

/** What has the focus, and how it looks. */
const focused = () => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const box = it.getBoundingClientRect();
  const style = getComputedStyle(it);
  const label = it.closest('label');
  const outline = Math.max(Number.parseFloat(style.outlineWidth) || 0, label ? Number.parseFloat(getComputedStyle(label).outlineWidth) || 0 : 0);
  return {
    what: it.outerHTML.slice(0, 120),
    outline,
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    at: [...document.querySelectorAll('*')].indexOf(it),
  };
};

for (const path of [...PAGES, '/?at=-2d', '/findings?state=closed', '/nothing/here']) {
  test(`${path} is walked by Tab from the first link to the last`, async ({ page, problems }) => {
    test.slow();
    problems.allow(/status 404/, /Failed to load resource/);
    await page.goto(path);
    await islandsReady(page);
    // A page that changes while one walks would change the count; that it may change is tested elsewhere.
    const pause = page.locator('[data-pause]:visible');
    if (await pause.count()) await pause.click();
    const stops = await page.evaluate(() => {
      const all = document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex="0"]');
      return [...all].filter((it) => !it.matches(':disabled, [type=hidden]') && it.checkVisibility({ visibilityProperty: true })).length;
    });
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    const walked = new Set<number>();
    // Longer pages are walked at their beginning only. A field for a moment takes a stop for each of its parts.
    const parts = 6 * (await page.locator('input[type="datetime-local"]').count());
    const limit = Math.min(stops + 5, 100);
    for (let at = 0; at < limit + parts; at += 1) {
      await page.keyboard.press('Tab');
      const stop = await page.evaluate(focused);
      // After the last one the browser's own bar has its turn, then the first again.
      if (!stop) continue;
      expect(stop.outline, `no focus is seen on ${stop.what}`).toBeGreaterThanOrEqual(2);
      expect(stop.seen, `out of sight: ${stop.what}`).toBe(true);
      walked.add(stop.at);
    }
    expect(walked.size, 'stops that were reached').toBeGreaterThanOrEqual(Math.min(stops, limit - 5));
  });
}

test('menus open, close and give the focus back by keyboard', async ({ page }) => {
  await page.goto('/');
  await islandsReady(page);
  const menu = main(page).locator('.filters details.menu').first();
  const summary = menu.locator('summary');
  await summary.focus();
  await page.keyboard.press('Enter');
  await expect(menu).toHaveAttribute('open', '');
  await page.keyboard.press('Tab');
  await expect(menu.locator('input').first()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(menu).not.toHaveAttribute('open', '');
  await expect(summary).toBeFocused();
});

test('without JavaScript nothing is shown that does nothing @no-js', async ({ page, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled !== false, 'only without JavaScript');
  for (const path of PAGES) {
    await page.goto(path);
    // A button without a script sends a form; any other would be dead.
    const dead = await page.locator('button:visible').evaluateAll((all) => all.filter((it) => !(it as HTMLButtonElement).form).map((it) => it.outerHTML.slice(0, 120)));
    expect(dead, path).toEqual([]);
    const keys = page.getByRole('contentinfo').getByRole('link', { name: /Keyboard/ });
    await expect(keys).toHaveAttribute('href', /docs/);
  }
});

test('every filter, facet, order, group, part and search is a form or a link @no-js', async ({ page }) => {
  await page.goto('/');
  await page.getByLabel('Group').selectOption('state');
  await page.getByLabel('Sort').selectOption('since');
  await page.locator('.filters details.menu summary').filter({ hasText: 'Environment' }).click();
  await page.locator('input[name="env"][value="production"]').check();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/group=state/);
  await expect(page).toHaveURL(/sort=since/);
  await expect(page).toHaveURL(/env=production/);
  await page.goto('/?limit=25');
  await page.getByRole('link', { name: /^Next/ }).click();
  await expect(page).toHaveURL(/cursor=/);
  await page.getByRole('link', { name: /Previous/ }).click();
  await expect(main(page).locator('.pager')).toContainText(/Services 1 to/);
  await page.goto('/history?q=control-panel&since=-3d');
  await expect(main(page).locator('table.hist tbody tr').first()).toBeVisible();
  await page.goto('/findings');
  await page.locator('.filters details.menu summary').filter({ hasText: 'Severity' }).click();
  await page.locator('input[name="severity"]').first().check();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/severity=/);
});

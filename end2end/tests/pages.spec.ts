// What holds on every page, whatever it is about.
import { expect, expectAccessible, main, PAGES, test } from '../fixtures.js';

for (const path of PAGES) {
  test.describe(path, () => {
    test('is a whole document @no-js @ja', async ({ page, javaScriptEnabled }) => {
      const answer = await page.goto(path);
      expect(answer?.status()).toBe(200);
      await expect(page).toHaveTitle(/\S.*Landfall/);
      await expect(page.locator('html')).toHaveAttribute('lang', /^(en|ja)/);
      await expect(main(page)).toHaveCount(1);
      await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
      await expect(page.getByRole('navigation').first()).toBeVisible();
      if (javaScriptEnabled) await expect(page.locator('[style]')).toHaveCount(0);
    });

    test('is accessible in every look', async ({ page }) => {
      test.slow();
      await page.goto(path);
      await expectAccessible(page);
    });

    test('begins with a link to the content', async ({ page }) => {
      await page.goto(path);
      await page.keyboard.press('Tab');
      const skip = page.locator(':focus');
      await expect(skip).toHaveAttribute('href', '#main');
      await page.keyboard.press('Enter');
      await expect(main(page)).toBeFocused();
    });

    test('is safe by its headers', async ({ request }) => {
      const headers = (await request.get(path)).headers();
      const policy = headers['content-security-policy'] ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("'unsafe-inline'");
      expect(policy).not.toContain("'unsafe-eval'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toMatch(/no-referrer|same-origin/);
    });
  });
}

test('every language is asked for and answered', async ({ browser, baseURL }) => {
  for (const [locale, lang] of [['en-GB', /^en/], ['ja-JP', /^ja/]] as const) {
    const context = await browser.newContext({ locale, ...(baseURL ? { baseURL } : {}) });
    const page = await context.newPage();
    await page.goto('/');
    await expect(page.locator('html')).toHaveAttribute('lang', lang);
    await page.goto('/?lang=ja');
    await expect(page.locator('html')).toHaveAttribute('lang', /^ja/);
    await context.close();
  }
});

// Accessibility: axe finds nothing, at any impact, in any colour scheme and at any width.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** How a page can be drawn. */
export const LOOKS = [
  { name: 'light', colorScheme: 'light', forcedColors: 'none' },
  { name: 'dark', colorScheme: 'dark', forcedColors: 'none' },
  { name: 'forced colours', colorScheme: 'dark', forcedColors: 'active' },
] as const;

export const WIDTHS = [320, 1280] as const;

/** Opens every `<details>`, so that what they hide is looked at too. */
async function openDetails(page: Page): Promise<void> {
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
}

/** Runs axe in every look at every width, as shown and with all details open. */
export async function expectAccessible(page: Page): Promise<void> {
  const before = page.viewportSize();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    for (const { name, ...media } of LOOKS) {
      await page.emulateMedia({ ...media, reducedMotion: 'reduce' });
      await expectNoViolations(page, `${name}, ${width} px`);
    }
    await expectNoSidewaysScroll(page, width);
  }
  await openDetails(page);
  await expectNoViolations(page, 'all details open');
  await page.emulateMedia({ colorScheme: null, forcedColors: null, reducedMotion: null });
  if (before) await page.setViewportSize(before);
}

async function expectNoViolations(page: Page, look: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, impact, help, nodes }) =>
    nodes.map((node) => `${id} (${impact}): ${help}\n  ${node.html}\n  ${node.any[0]?.message ?? node.all[0]?.message ?? ''}`),
  );
  expect(found, `axe, ${look}, ${page.url()}`).toEqual([]);
}

/** A page never scrolls sideways; wide tables and drawings do so inside themselves. */
export async function expectNoSidewaysScroll(page: Page, width: number): Promise<void> {
  const { scroll, client, widest } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const over = [...document.body.querySelectorAll('*')].filter((it) => it.getBoundingClientRect().right > clientWidth + 1);
    const widest = over.slice(-3).map((it) => it.outerHTML.slice(0, 120));
    return { scroll: scrollWidth, client: clientWidth, widest };
  });
  expect(scroll, `${page.url()} at ${width} px is wider than the window:\n${widest.join('\n')}`).toBeLessThanOrEqual(client);
}

// Japanese pages are Japanese: no sentence of the English catalogue stands on one, and dates name their zone.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, expectNoSidewaysScroll, main, PAGES, test } from '../fixtures.js';
import type { Page } from '@playwright/test';

const LOCALES = new URL('../../app/locales/', import.meta.url);

/** Sentences of the English catalogue as patterns; what stands in their gaps may be anything. */
function english(): RegExp[] {
  const patterns: RegExp[] = [];
  for (const file of readdirSync(new URL('en/', LOCALES))) {
    const text = readFileSync(new URL(`en/${file}`, LOCALES), 'utf8').replace(/^#.*$/gm, '');
    for (const [, value = ''] of text.matchAll(/^[a-z][a-z0-9-]* = (.*)$/gm)) {
      const words = value.replace(/<\/?\w+>/g, '').replace(/^\{ "|" \}$/g, '');
      // Three words of ours in a row make a sentence; fewer may be a name.
      const runs = words.split(/\{[^}]*\}?/).map((run) => run.trim()).filter((run) => /([a-z]+ ){2}[a-z]+/i.test(run));
      for (const run of runs) patterns.push(new RegExp(run.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i'));
    }
  }
  return patterns;
}

/** Everything that a reader reads or hears. */
function words(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = [document.title];
    const text = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (text.nextNode()) {
      const holder = text.currentNode.parentElement;
      // A guide in English says so.
      if (holder?.closest('script, style, pre, code, [lang=en]:not(bdi)')) continue;
      found.push(text.currentNode.textContent ?? '');
    }
    for (const element of document.querySelectorAll('[title], [aria-label], [placeholder], [alt]')) {
      if (element.closest('[lang=en]:not(bdi)')) continue;
      for (const name of ['title', 'aria-label', 'placeholder', 'alt']) found.push(element.getAttribute(name) ?? '');
    }
    return found.map((it) => it.trim()).filter(Boolean);
  });
}

const SEEN = [...PAGES, '/services/dns-editor', '/services/mail-search', '/services/old-banner', '/services/ssl-issuer', '/findings?state=closed',
  '/history?kind=finding', '/history?kind=revision', '/history?kind=operation', '/?at=-7d', '/?since=-1d', '/?q=no-such-thing', '/search?q=zzzz'];

test.use({ locale: 'ja-JP' });

test('no sentence of ours is English', async ({ page }) => {
  test.slow();
  const patterns = english();
  expect(patterns.length).toBeGreaterThan(100);
  for (const path of SEEN) {
    await page.goto(path);
    await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
    const left = (await words(page)).filter((text) => patterns.some((pattern) => pattern.test(text)));
    expect([...new Set(left)], path).toEqual([]);
  }
});

test('a finding is told in Japanese, its words from outside as they are', async ({ page }) => {
  await page.goto('/findings');
  const all = await main(page).locator('article.find h3').allInnerTexts();
  expect(all.length).toBeGreaterThan(5);
  for (const text of all) expect(text, 'a Japanese sentence').toMatch(/[ぁ-んァ-ン一-龠]/);
  for (const text of await main(page).locator('article.find .way p:first-of-type').allInnerTexts()) expect(text).toMatch(/ください|です|ます/);
});

test('moments name their zone, in the order of the language', async ({ page }) => {
  await page.goto('/services/control-panel');
  const titles = await page.locator('time[title]').evaluateAll((all) => all.map((it) => it.getAttribute('title') ?? ''));
  expect(titles.length).toBeGreaterThan(5);
  for (const title of titles) expect(title).toMatch(/\d{4}年\d{1,2}月\d{1,2}日（[月火水木金土日]）\d\d:\d\d:\d\d [A-Z+0-9:-]+/);
});

test('lines break where Japanese may break', async ({ page }) => {
  test.slow();
  for (const width of [320, 360, 768]) {
    await page.setViewportSize({ width, height: 800 });
    for (const path of PAGES) {
      await page.goto(path);
      await expectNoSidewaysScroll(page, width);
    }
  }
});

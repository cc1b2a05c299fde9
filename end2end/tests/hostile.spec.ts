// Hostile texts, from the Kubernetes API through collection, model and database to every page: none of them runs,
// none reaches out, none breaks a page's layout or turns its direction.
import { expect, expectNoSidewaysScroll, islandsReady, start, test, type Landfall } from '../fixtures.js';
import type { APIRequestContext, Page } from '@playwright/test';

// One server for all of them, one after the other.
test.describe.configure({ mode: 'default' });

let landfall: Landfall;
let names: string[] = [];

/** Sends the hostile cast into the sandbox's clusters. */
async function attack(request: APIRequestContext, round: number): Promise<void> {
  const answer = await request.post(`${landfall.control()}/_sandbox/hostile`, { data: { round } });
  expect(answer.status(), await answer.text()).toBe(200);
  expect((await answer.json()).objects).toBeGreaterThan(200);
}

/** Makes sure that the cast is there, and knows its services: a failed test makes the next one begin anew. */
async function hostile(request: APIRequestContext): Promise<string[]> {
  if (names.length === 0) {
    await attack(request, 1);
    const strange = async () => (names = (await services(request)).filter((name) => !/^[a-z0-9-]+$/.test(name))).length;
    await expect.poll(strange, { timeout: 120_000, intervals: [1_000] }).toBeGreaterThan(45);
  }
  expect(names.length).toBeGreaterThan(45);
  return names;
}

interface ServiceList {
  items: { name: string }[];
  next: string | null;
}

/** Every service that the API lists. */
async function services(request: APIRequestContext): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const part = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const list: ServiceList = await (await request.get(`${landfall.url}/api/v1/services?limit=500${part}`)).json();
    found.push(...list.items.map((item) => item.name));
    cursor = list.next;
  }
  return found;
}

/** What of the page could run, leave, or turn the text around it. */
function suspicious(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if ('__canary' in window) found.push('the canary sang');
    // Direction marks, zero-width, private use, controls: shown as words, never as themselves.
    const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff]/;
    const nodes = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node: Node | null = nodes.currentNode; node; node = nodes.nextNode()) {
      if (node instanceof Text) {
        if (hidden.test(node.data)) found.push(`text: ${JSON.stringify(node.data.slice(0, 80))}`);
        continue;
      }
      const element = node as Element;
      if (/^(iframe|object|embed|base|applet|frame)$/.test(element.localName)) found.push(element.outerHTML.slice(0, 120));
      if (element.localName === 'meta' && element.getAttribute('http-equiv')) found.push(element.outerHTML.slice(0, 120));
      for (const { name, value } of element.attributes) {
        if (name.startsWith('on') || name === 'style' || name === 'srcdoc' || name === 'autofocus') found.push(`${element.localName} ${name}=${value.slice(0, 80)}`);
        // A form's value and a row's key are the text itself; what is read or followed shows what it holds.
        const read = ['title', 'aria-label', 'alt', 'placeholder', 'href', 'content'].includes(name);
        if (read && hidden.test(value)) found.push(`${element.localName} ${name}: ${JSON.stringify(value.slice(0, 80))}`);
        const address = ['href', 'src', 'action', 'formaction', 'data', 'xlink:href', 'poster'].includes(name);
        if (address && !/^(https?:\/\/[a-z0-9.:[\]-]+([/?#]|$)|\/(?!\/)|#|\?|$)/i.test(value)) found.push(`${element.localName} ${name}=${value.slice(0, 80)}`);
        const loads = name === 'src' || (element.localName === 'link' && name === 'href') || name === 'action';
        if (loads && value !== '' && !value.startsWith('/')) found.push(`${element.localName} loads ${value.slice(0, 80)}`);
      }
    }
    return found;
  });
}

async function visit(page: Page, path: string, statuses: number[] = [200], width = 360): Promise<void> {
  const answer = await page.goto(`${landfall.url}${path}`);
  expect(statuses, `${path} ${answer?.status()}`).toContain(answer?.status());
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  // A flood of marks, a megabyte or an unbroken line must not make a page anything but a page.
  expect((await answer!.body()).length, `bytes of ${path}`).toBeLessThan(1_500_000);
  expect.soft(await suspicious(page), path).toEqual([]);
  await expectNoSidewaysScroll(page, width);
}

test.use({ viewport: { width: 360, height: 800 } });

test.beforeAll(async () => {
  test.setTimeout(300_000);
  landfall = await start(['demo', '--no-past']);
});

test.afterAll(async () => {
  await landfall?.stop();
});

// The fixture watches for requests to other hosts; here "ours" is the server of this file.
test.use({ baseURL: async ({}, use) => use(landfall?.url ?? 'http://127.0.0.1:0') });

test('it arrives in a page that is open', async ({ page, request }) => {
  test.setTimeout(180_000);
  await page.goto(`${landfall.url}/?limit=500`);
  await islandsReady(page);
  await hostile(request);
  const offer = page.locator('.waiting');
  if (await offer.isVisible()) await offer.click();
  expect.soft(await suspicious(page)).toEqual([]);
  await attack(request, 2);
  await page.waitForTimeout(3_000);
  expect.soft(await suspicious(page)).toEqual([]);
});

test('every list, in every view', async ({ page, request }) => {
  test.setTimeout(600_000);
  await hostile(request);
  const now = encodeURIComponent(new Date().toISOString());
  for (const path of ['/?limit=500', '/?limit=500&group=state', '/?limit=500&group=none', '/history?limit=500', '/findings', '/findings?state=closed', '/sources', '/api']) {
    const mark = path.includes('?') ? '&' : '?';
    for (const view of ['', 'lang=ja', `at=${now}`, 'since=-1d']) await visit(page, path + (view && mark + view));
  }
  // A sheet of A4, across.
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 1123, height: 794 });
  for (const path of ['/?limit=500', '/findings', '/history']) await visit(page, path, [200], 1123);
});

test('every service', async ({ page, request }) => {
  test.setTimeout(600_000);
  for (const name of await hostile(request)) {
    const path = `/services/${encodeURIComponent(name)}`;
    await visit(page, path);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(/\S/);
  }
});

test('questions of every kind', async ({ page, problems, request }) => {
  test.setTimeout(600_000);
  problems.allow(/status 4\d\d/, /Failed to load resource: .* 4\d\d/);
  // Of each text one: every other service has the text of the one before it.
  const texts = (await hostile(request)).filter((_, nth) => nth % 2 === 0);
  for (const name of texts) {
    const q = encodeURIComponent(name.slice(0, 200));
    await visit(page, `/search?q=${q}`, [200, 400]);
    for (const path of [`/?q=${q}`, `/?team=${q}&state=${q}&group=${q}&sort=${q}`, `/?at=${q}`, `/?since=${q}`, `/history?service=${q}&q=${q}`, `/findings?rule=${q}`, `/?cursor=${q}&limit=${q}&lang=${q}&theme=${q}`]) {
      await visit(page, path, [200, 400, 404]);
    }
    await visit(page, `/services/no-${q}`, [404]);
  }
});

test('what machines read says what it is', async ({ request }) => {
  test.setTimeout(300_000);
  await hostile(request);
  for (const [path, type] of [
    ['/api/v1/services?limit=1000', 'application/json'],
    ['/api/v1/history?limit=1000', 'application/json'],
    ['/api/v1/findings?limit=1000', 'application/json'],
    ['/api/v1/sources', 'application/json'],
    ['/api/v1/services.csv', 'text/csv'],
    ['/api/v1/history.csv', 'text/csv'],
    ['/api/v1/findings.csv', 'text/csv'],
    ['/api/v1/sources.csv', 'text/csv'],
  ] as const) {
    const answer = await request.get(landfall.url + path);
    expect(answer.status(), path).toBe(200);
    expect(answer.headers()['content-type'], path).toContain(type);
    expect(answer.headers()['x-content-type-options'], path).toBe('nosniff');
    expect(answer.headers()['set-cookie'], path).toBeUndefined();
    const text = await answer.text();
    expect(text, path).not.toContain('\0');
    if (type === 'application/json') {
      expect(JSON.parse(text).items.length, path).toBeGreaterThan(0);
    } else {
      // No cell begins as a formula of a spreadsheet.
      const cells = [...text.matchAll(/(?:^|,|\n)("(?:[^"]|"")*"|[^",\r\n]*)/g)].map(([, cell = '']) => cell.replace(/^"/, ''));
      expect(cells.filter((cell) => /^[=+@\t\r]/.test(cell)), path).toEqual([]);
    }
  }
  const metrics = await (await request.get(`${landfall.url}/metrics`)).text();
  for (const line of metrics.trim().split('\n')) expect(line).toMatch(/^(#|[a-z_]+(\{.*\})? [-+0-9.eINFa]+$)/);
});

test('the database took all of it', async ({ page, request }) => {
  test.setTimeout(300_000);
  const there = await hostile(request);
  const ready = await (await request.get(`${landfall.url}/readyz`)).text();
  expect(ready).not.toMatch(/away/i);
  await page.goto(`${landfall.url}/`);
  await expect(page.getByText(/database is away/i)).toHaveCount(0);
  // What appeared is in the history, under the very names.
  const history = await (await request.get(`${landfall.url}/api/v1/history?limit=1000&kind=appeared`)).json();
  const told = new Set(history.items.map((item: { service: string }) => item.service));
  expect(there.filter((name) => !told.has(name.replaceAll('\0', '\ufffd')))).toEqual([]);
  const log = landfall.log();
  expect(log).not.toMatch(/panicked|panic caught/i);
  expect(log).not.toMatch(/ERROR/);
});

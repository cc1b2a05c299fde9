// The revert trap, played: what Argo CD shows as synced and healthy is told here, and ends by itself when the policy is
// another one.
import type { APIRequestContext, Page } from '@playwright/test';
import { expect, main, start, test, type Landfall } from '../fixtures.js';

const SERVICE = 'expense-bot';
const REPOSITORY = `/images/registry.hosting.example/internal/${SERVICE}`;

/** Says what happens in the world of a demo. */
async function world(landfall: Landfall, request: APIRequestContext) {
  const control = `${landfall.control()}/_sandbox`;
  // Nothing else is pushed meanwhile.
  await request.post(`${control}/autoplay`, { data: { on: false } });
  return async (action: object): Promise<void> => {
    const data = { service: SERVICE, environment: 'production', ...action };
    const answer = await request.post(`${control}/story`, { data });
    expect(answer.ok(), await answer.text()).toBe(true);
  };
}

/** What production of the service runs, once all its pods run the same. */
async function runs(landfall: Landfall, request: APIRequestContext): Promise<string | undefined> {
  const answer = await (await request.get(`${landfall.url}/api/v1${REPOSITORY}`)).json();
  const here = answer.item.running.filter((run: { environments: { environment: string }[] }) =>
    run.environments.some((it) => it.environment === 'production'),
  );
  return here.length === 1 ? here[0].tag : undefined;
}

/** Rules that say something about the service. */
async function rules(landfall: Landfall, request: APIRequestContext): Promise<string[]> {
  const answer = await (await request.get(`${landfall.url}/api/v1/findings?limit=200`)).json();
  return answer.items
    .filter((it: { service: string | null }) => it.service === SERVICE)
    .map((it: { rule: string }) => it.rule);
}

/** A tag as the company names its builds, so many seconds from now. */
function tag(seconds: number): string {
  const local = new Date(Date.now() + 9 * 3_600_000 + seconds * 1_000).toISOString();
  return local.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

async function verdict(page: Page, landfall: Landfall): Promise<string> {
  await page.goto(`${landfall.url}/services/${SERVICE}`);
  return main(page).innerText();
}

test('a revert that nobody else sees is told, and ends with another policy', async ({ page, request, problems }) => {
  test.setTimeout(600_000);
  const landfall = await start();
  problems.allow(new RegExp(`a request to another host: ${landfall.url}/`));
  try {
    const act = await world(landfall, request);
    const patience = { timeout: 180_000, intervals: [1_000] };
    const [a, b, again] = [tag(0), tag(60), tag(120)];
    await act({ do: 'push', tag: a });
    await act({ do: 'look-now' });
    await expect.poll(() => runs(landfall, request), patience).toBe(a);
    await act({ do: 'push', tag: b });
    await act({ do: 'look-now' });
    await expect.poll(() => runs(landfall, request), patience).toBe(b);
    expect(await rules(landfall, request), 'nothing before').not.toContain('revert-trap');

    await act({ do: 'push', tag: again, like: a });
    await expect.poll(() => rules(landfall, request), patience).toContain('revert-trap');
    expect(await runs(landfall, request)).toBe(b);

    // Green in Argo CD, and told here, with both tags and both dates.
    const told = await verdict(page, landfall);
    expect(told).toContain('Synced');
    expect(told).toContain('Healthy');
    for (const part of [a, b, again]) expect(told).toContain(part);
    await page.goto(`${landfall.url}/findings?rule=revert-trap`);
    await expect(main(page)).toContainText(again);
    await page.goto(`${landfall.url}${REPOSITORY}`);
    for (const part of [a, b, again]) await expect(main(page)).toContainText(part);

    await act({ do: 'set-policy', policy: 'alphabetical' });
    await act({ do: 'look-now' });
    await expect.poll(() => runs(landfall, request), patience).toBe(again);
    await expect.poll(() => rules(landfall, request), patience).not.toContain('revert-trap');
  } finally {
    await landfall.stop();
  }
});

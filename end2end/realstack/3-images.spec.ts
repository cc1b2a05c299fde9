// The revert trap on real systems: a registry, Argo CD, and Image Updater or what it was recorded doing. Everything there stays
// green; Landfall says what no other does, with the tags and the dates, and not before it is true.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type APIRequestContext } from '@playwright/test';
import { apply, argo, becomes, environment, get, kubectl, ofRule, play, pushImage, refresh, registry, repository, run, transitions } from './lib/play.js';

test.describe.configure({ mode: 'serial' });

const seconds = (name: string, or: number) => Number(process.env[name] ?? or) * 1_000;
/** Pause between two looks of Image Updater, and at the registry (`interval` in run.sh). */
const interval = seconds('REALSTACK_UPDATER_INTERVAL', 20);
const poll = 10_000;
/** Until a page is asked that says so, on a busy machine. */
const slack = 5_000;

const traps = ['revert-trap', 'date-tie', 'moved-tag', 'order-wrong', 'filtered-out', 'write-undone', 'write-not-synced', 'rollout-blocked'];
const returns = `${registry}/shop/returns`;
const times: Record<string, string> = {};
let a = '';
let b = '';

/** Anything said of the two services' images by the rules that explain why a newer one does not run. */
async function alarms(request: APIRequestContext) {
  const found = await Promise.all(['', '&state=closed'].flatMap((more) => traps.map((rule) => ofRule(request, rule, more))));
  return found.flat().filter((f) => ['returns', 'invoices'].includes(f.service)).map((f) => `${f.service}: ${f.rule}: ${f.summary}`);
}

/** Which tag points at which digest now. */
async function sightings(request: APIRequestContext, name: string) {
  const edges: Record<string, any>[] = (await repository(request, name))?.sightings ?? [];
  return Object.fromEntries(edges.filter((edge) => !edge.ended_at).map((edge) => [edge.tag, edge.digest]));
}

/** Tags that Image Updater is said to have written, newest first. */
async function written(request: APIRequestContext, service: string) {
  const told = (await transitions(request, service, 'tag')).filter((t) => /Image Updater/.test(t.detail ?? ''));
  return told.map((t) => [t.from?.tag, t.to?.tag]);
}

const updater = () => get('argocd', 'imageupdaters.argocd-image-updater.argoproj.io', 'shop');
const reference = (name: string, strategy: string, more = {}, settings = {}) => ({
  namePattern: `${name}-dev`,
  images: [{ alias: 'app', imageName: `${registry}/shop/${name}`, commonUpdateSettings: { updateStrategy: strategy, ...settings } }],
  ...more,
});
/** The object that manages both, `returns` by this strategy. */
const manage = (strategy: string) =>
  apply({
    apiVersion: 'argocd-image-updater.argoproj.io/v1alpha1',
    kind: 'ImageUpdater',
    metadata: { name: 'shop', namespace: 'argocd' },
    spec: {
      applicationRefs: [
        reference('returns', strategy),
        reference('invoices', 'alphabetical', { writeBackConfig: { method: 'git', gitConfig: { branch: 'main', writeBackTarget: 'kustomization' } } }, { allowTags: 'regexp:^[0-9]{8}-[0-9]{6}$' }),
      ],
    },
  });

const runs = (request: APIRequestContext, service: string, tag: string, digest?: string) =>
  expect
    .poll(async () => (await environment(request, service, 'development'))?.image?.running)
    .toEqual([{ tag, digest: digest ?? expect.stringMatching(/^sha256:/), pods: 1, ready: 1 }]);

test.afterAll(() => {
  if (run) writeFileSync(join(run, 'image-times.json'), JSON.stringify(times, null, 2));
  for (const [what, time] of Object.entries(times)) console.log(`  ${what}: ${time}`);
});

test('images: what runs is what the registry shows under the tag', async ({ request }) => {
  a = JSON.parse(play('images.sh')).a;
  for (const service of ['returns', 'invoices']) {
    await becomes(request, service, 'development', { sync: 'Synced', health: 'Healthy', state: 'healthy' });
  }
  await runs(request, 'returns', 'a1f3', a);
  await expect.poll(() => sightings(request, 'shop/returns')).toEqual({ a1f3: a });
  const [first] = (await repository(request, 'shop/returns'))?.sightings ?? [];
  expect(first).toEqual(expect.objectContaining({ created: '2026-11-20T10:00:00Z', seen_by: 'poll' }));
  await expect.poll(async () => Object.keys(await sightings(request, 'shop/invoices'))).toEqual(['20261120-100000']);
});

test('images: a push is seen within one look at the registry', async ({ request }) => {
  const pushed = Date.now();
  b = pushImage('shop/returns', 'b7c2', '2026-11-20T12:00:00Z', 'B');
  pushImage('shop/invoices', '20261120-120000', '2026-11-20T12:00:00Z', 'B');
  await expect
    .poll(() => sightings(request, 'shop/returns'), { intervals: [250], timeout: poll + slack })
    .toEqual({ a1f3: a, b7c2: b });
  times['push to sighting'] = `${(Date.now() - pushed) / 1_000} s`;
});

test('images: Image Updater picks it, and its Event is kept as one write', async ({ request }) => {
  manage('newest-build');
  await runs(request, 'returns', 'b7c2', b);
  await becomes(request, 'returns', 'development', { sync: 'Synced', health: 'Healthy', state: 'healthy' });
  await expect.poll(() => written(request, 'returns')).toEqual([['a1f3', 'b7c2']]);
  expect(await alarms(request)).toEqual([]);
});

test('images: an update that the status claims and Git never got is no write', async ({ request }) => {
  // Argo CD has no credentials for the repository. The cycle that wrote `returns` claims this one too.
  await expect.poll(() => updater().status?.recentUpdates?.map((it: any) => it.newVersion) ?? []).toContain('20261120-120000');
  const conditions = Object.fromEntries(updater().status.conditions.map((it: any) => [it.type, it.status]));
  expect(conditions).toEqual(expect.objectContaining({ Ready: 'True', Error: 'True' }));
  expect((await environment(request, 'invoices', 'development'))?.image.running[0].tag).toBe('20261120-100000');
  expect(await written(request, 'invoices')).toEqual([]);
});

test('images: an Event that comes again with each cycle is one write', async ({ request }) => {
  apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'repo-images', namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
    stringData: { type: 'git', url: `${process.env.FORGE}/git/images.git`, username: 'updater', password: 'none' },
  });
  await runs(request, 'invoices', '20261120-120000');
  const events = JSON.parse(kubectl('-n', 'argocd', 'get', 'events', '--field-selector', 'reason=ImagesUpdated,involvedObject.name=invoices-dev', '-o', 'json')).items;
  times['Events of one commit'] = String(events.length);
  await expect.poll(() => written(request, 'invoices')).toEqual([['20261120-100000', '20261120-120000']]);
  await expect.poll(() => updater().status.conditions.find((it: any) => it.type === 'Error')?.status).toBe('False');
  expect(await alarms(request)).toEqual([]);
});

test('images: a change by hand that Image Updater undoes is no fault of the updater', async ({ request }) => {
  const edited = Date.now();
  kubectl('-n', 'argocd', 'patch', 'application.argoproj.io', 'returns-dev', '--type', 'merge', '-p',
    JSON.stringify({ spec: { source: { kustomize: { images: [`${returns}:a1f3`] } } } }));
  await runs(request, 'returns', 'a1f3', a);
  await runs(request, 'returns', 'b7c2', b);
  times['change by hand to its end'] = `${(Date.now() - edited) / 1_000} s`;
  await becomes(request, 'returns', 'development', { sync: 'Synced', health: 'Healthy', state: 'healthy' });
  // Who did it is told, and that the updater wrote again: the same tags as before, and yet another write.
  const byHand = (await transitions(request, 'returns', 'tag')).filter((t) => /kubectl/.test(t.detail ?? ''));
  expect(byHand.map((t) => [t.from?.tag, t.to?.tag])).toEqual([['b7c2', 'a1f3']]);
  await expect.poll(() => written(request, 'returns')).toEqual([['a1f3', 'b7c2'], ['a1f3', 'b7c2']]);
  expect(await alarms(request)).toEqual([]);
});

test('images: the rebuild of a revert is a trap, said in time and with proof, while Argo CD is green', async ({ page, request }) => {
  expect(await alarms(request)).toEqual([]);
  const pushed = Date.now();
  // The commit was reverted: built again, the image is bit for bit the one of before.
  expect(pushImage('shop/returns', 'c9d4', '2026-11-20T10:00:00Z', 'A')).toBe(a);
  await expect
    .poll(() => sightings(request, 'shop/returns'), { intervals: [250], timeout: poll + slack })
    .toEqual({ a1f3: a, b7c2: b, c9d4: a });
  times['rebuild to sighting'] = `${(Date.now() - pushed) / 1_000} s`;
  const bar = Math.max(poll, 2 * interval);
  await expect
    .poll(async () => (await ofRule(request, 'revert-trap')).map((f) => f.service), { intervals: [250], timeout: bar + slack })
    .toEqual(['returns']);
  times['rebuild to finding'] = `${(Date.now() - pushed) / 1_000} s (bar ${bar / 1_000} s)`;
  const [found] = await ofRule(request, 'revert-trap');
  expect(Date.parse(found?.opened_at) - pushed).toBeLessThanOrEqual(bar);
  const proof = Object.fromEntries(found?.proof.map((line: any) => [line.what, line.value]));
  expect(proof['pushed last']).toMatch(/c9d4.*2026-11-20T10:00:00/);
  expect(proof['Image Updater keeps']).toMatch(/b7c2.*2026-11-20T12:00:00/);
  expect(proof['the same image before']).toContain('a1f3');
  expect(await alarms(request)).toEqual([`returns: revert-trap: ${found?.summary}`]);
  // Nobody else sees anything.
  refresh('returns-dev');
  await becomes(request, 'returns', 'development', { sync: 'Synced', health: 'Healthy' });
  expect(argo('returns-dev').status.summary.images).toEqual([`${returns}:b7c2`]);
  expect(Object.fromEntries(updater().status.conditions.map((it: any) => [it.type, it.status]))).toEqual(
    expect.objectContaining({ Ready: 'True', Error: 'False' }));
  await page.goto('/findings?rule=revert-trap');
  for (const words of ['c9d4', 'b7c2', 'a1f3']) await expect(page.getByText(words).first()).toBeVisible();
  await page.goto('/services/returns');
  await expect(page.getByText(/revert-trap/).first()).toBeVisible();
});

test('images: with tags in order the updater picks the rebuild, and the finding closes by itself', async ({ request }) => {
  const switched = Date.now();
  manage('alphabetical');
  await runs(request, 'returns', 'c9d4', a);
  await expect.poll(() => ofRule(request, 'revert-trap')).toEqual([]);
  times['policy switched to closed'] = `${(Date.now() - switched) / 1_000} s`;
  await becomes(request, 'returns', 'development', { sync: 'Synced', health: 'Healthy', state: 'healthy' });
  const [closed] = await ofRule(request, 'revert-trap', '&state=closed');
  expect(closed?.until).toBeTruthy();
  await expect.poll(async () => (await written(request, 'returns'))[0]).toEqual(['b7c2', 'c9d4']);
});

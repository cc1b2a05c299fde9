// The story of a week, played on real systems: deploy, drift, failed sync, scale, rollback, deletion; after each step
// the API and the pages must say what the systems themselves say.
import { expect, test } from '@playwright/test';
import { argo, becomes, edit, environment, everySourceIsRead, findings, kubectl, push, refresh, registry, sync, syncToTheEnd, transitions, type Environment } from './lib/play.js';

test.describe.configure({ mode: 'serial' });

test('every Application of the fleet is there, and automated ones become healthy', async ({ page, request }) => {
  for (const service of ['accounts', 'cart', 'catalog', 'checkout', 'payments', 'search']) {
    for (const name of ['development', 'staging']) {
      await becomes(request, service, name, { sync: 'Synced', health: 'Healthy', state: 'healthy' });
    }
    await becomes(request, service, 'production', { sync: 'OutOfSync', state: 'missing', auto_sync: null });
  }
  await page.goto('/');
  await expect(page.getByRole('link', { name: 'payments', exact: true }).first()).toBeVisible();
  await everySourceIsRead(request);
});

test('deploy: what runs is what the pods say, with its digest', async ({ page, request }) => {
  for (const service of ['payments', 'catalog']) sync(`${service}-production`.replace('production', 'prod'));
  await becomes(request, 'payments', 'production', { sync: 'Synced', health: 'Healthy', state: 'healthy' });
  const now = await environment(request, 'payments', 'production');
  expect(now?.image.repository).toBe(`${registry}/shop/payments`);
  expect(now?.image.meant.tag).toBe('20261101-090000');
  await expect
    .poll(async () => (await environment(request, 'payments', 'production'))?.image.running)
    .toEqual([{ tag: '20261101-090000', digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), pods: 3, ready: 3 }]);
  const pods = JSON.parse(kubectl('-n', 'prod', 'get', 'pods', '-l', 'app.kubernetes.io/name=payments', '-o', 'json'));
  const ids = pods.items.flatMap((pod: any) =>
    pod.status.containerStatuses.filter((c: any) => c.name === 'app').map((c: any) => c.imageID.split('@')[1]));
  const after = await environment(request, 'payments', 'production');
  expect(new Set(ids)).toEqual(new Set([after?.image.running[0].digest]));
  const operations = await transitions(request, 'payments', 'operation');
  const ended = operations.find((t) => t.environment === 'production' && t.to === 'Succeeded');
  expect(Date.parse(ended?.at)).toBe(Date.parse(argo('payments-prod').status.operationState.finishedAt));
  await page.goto('/services/payments');
  await expect(page.getByText('20261101-090000').first()).toBeVisible();
});

test('a new commit rolls out and is told once, with both tags', async ({ request }) => {
  edit('payments/dev/all.yaml', (text) => text.replaceAll('20261101-090000', '20261123-170000'));
  const head = push('Release payments 20261123-170000');
  refresh('payments-dev');
  await becomes(request, 'payments', 'development', { revision: head, sync: 'Synced', health: 'Healthy' });
  await expect
    .poll(async () => (await transitions(request, 'payments', 'image')).filter((t) => t.environment === 'development')
      .map((t) => [t.from?.tag, t.to?.tag]))
    .toContainEqual(['20261101-090000', '20261123-170000']);
  const told = (await transitions(request, 'payments', 'image'))
    .filter((t) => t.environment === 'development' && t.subject.endsWith('/payments'));
  expect(told.length).toBe(1);
  const revisions = (await transitions(request, 'payments', 'revision')).filter((t) => t.environment === 'development');
  expect(revisions[0]?.to).toBe(head);
  expect(Date.parse(revisions[0]?.at)).toBe(Date.parse(argo('payments-dev').status.history.at(-1).deployedAt));
});

test('drift by hand: Argo CD says Healthy, Landfall says drifted', async ({ page, request }) => {
  kubectl('-n', 'prod', 'set', 'image', 'deployment/payments', `app=${registry}/shop/payments:hotfix`);
  await becomes(request, 'payments', 'production', { sync: 'OutOfSync', state: 'drifted' });
  await page.goto('/services/payments');
  await expect(page.getByText('hotfix').first()).toBeVisible();
  sync('payments-prod');
  await becomes(request, 'payments', 'production', { sync: 'Synced', state: 'healthy' });
});

test('a failed sync is a finding with the cause in its own words', async ({ page, request }) => {
  test.setTimeout(600_000);
  edit('checkout/staging/all.yaml', (text) => text.replace('replicas: 1', 'replicas: -1'));
  push('Break checkout staging');
  refresh('checkout-staging');
  await expect.poll(async () => (await environment(request, 'checkout', 'staging'))?.operation?.phase).toBe('Running');
  // Retried with growing pauses for five minutes: the finding opens after two.
  await expect.poll(() => findings(request, 'checkout'), { timeout: 200_000 }).toContain('sync-failed');
  await page.goto('/findings?rule=sync-failed');
  await expect(page.getByText(/must be greater than or equal to 0|Invalid value: -1/).first()).toBeVisible();
  edit('checkout/staging/all.yaml', (text) => text.replace('replicas: -1', 'replicas: 1'));
  push('Mend checkout staging');
  // Argo CD goes on with the revision that it began with: the fifth retry fails after five minutes, Git mended or not.
  await becomes(request, 'checkout', 'staging', { operation: expect.objectContaining({ phase: 'Failed' }) }, 330_000);
  expect(await findings(request, 'checkout')).toContain('sync-failed');
  sync('checkout-staging');
  await expect.poll(() => findings(request, 'checkout')).not.toContain('sync-failed');
});

test('scale: replicas follow the cluster', async ({ request }) => {
  kubectl('-n', 'dev', 'scale', 'deployment/catalog', '--replicas=4');
  await expect
    .poll(async () => (await environment(request, 'catalog', 'development'))?.workloads[0])
    .toEqual(expect.objectContaining({ kind: 'Deployment', name: 'catalog', desired: 4, ready: 4 }));
  const told = await transitions(request, 'catalog', 'replicas');
  expect(told.some((t) => t.environment === 'development' && t.to === '4 of 4')).toBeTruthy();
});

test('rollback: an old revision in a new history entry is told as a step back', async ({ request }) => {
  const [first] = argo('payments-dev').status.history;
  // What the rollback button does: automation off, then a sync to the old revision.
  kubectl('-n', 'argocd', 'patch', 'application.argoproj.io', 'payments-dev', '--type', 'json', '-p',
    '[{"op":"remove","path":"/spec/syncPolicy/automated"}]');
  sync('payments-dev', first.revision);
  await expect
    .poll(async () => (await environment(request, 'payments', 'development'))?.image?.running?.[0]?.tag)
    .toBe('20261101-090000');
  await expect
    .poll(async () => (await transitions(request, 'payments', 'revision'))[0])
    .toEqual(expect.objectContaining({ environment: 'development', to: first.revision }));
  expect((await environment(request, 'payments', 'development'))?.auto_sync).toBe(false);
});

test('a deleted Deployment is missing although Argo CD says Healthy', async ({ page, request }) => {
  // Without self-healing, automation acts on a commit that it has not tried yet, whatever the commit changed: one that came
  // after the last sync would bring the Deployment back at once.
  await syncToTheEnd('payments-staging');
  kubectl('-n', 'staging', 'delete', 'deployment', 'payments');
  await becomes(request, 'payments', 'staging', { state: 'missing', health: 'Healthy' });
  await expect.poll(() => findings(request, 'payments'), { timeout: 120_000 }).toContain('object-missing');
  await page.goto('/services/payments');
  await expect(page.getByText(/object-missing/).first()).toBeVisible();
  sync('payments-staging');
  await becomes(request, 'payments', 'staging', { state: 'healthy' });
});

test('the past: before the release the board shows the old tag', async ({ page, request }) => {
  const [release] = (await transitions(request, 'payments', 'image')).filter(
    (t) => t.environment === 'development' && t.to?.tag === '20261123-170000');
  const before = new Date(Date.parse(release?.noticed_at) - 1_000).toISOString();
  const then = await (await request.get(`/api/v1/services/payments?at=${before}`)).json();
  const dev = then.item.environments.find((e: Environment) => e.name === 'development');
  expect(dev.image.running[0].tag).toBe('20261101-090000');
  await page.goto(`/services/payments?at=${before}`);
  await expect(page.getByText('20261101-090000').first()).toBeVisible();
});

test('deletion: the environment is gone, its history stays', async ({ request }) => {
  kubectl('-n', 'argocd', 'delete', 'application.argoproj.io', 'accounts-dev', '--wait=false');
  await expect.poll(() => environment(request, 'accounts', 'development')).toBeUndefined();
  // It is told as soon as it is written, a moment after the view.
  await expect
    .poll(async () => (await transitions(request, 'accounts', 'gone')).map((t) => `${t.environment} ${t.subject}`))
    .toContain('development Application argocd/accounts-dev');
});

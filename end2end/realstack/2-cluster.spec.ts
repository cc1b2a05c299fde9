// What happens to a cluster itself: a kind is installed, a permission goes, the API server restarts.
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { apply, argo, becomes, column, edit, environment, everySourceIsRead, get, kubectl, push, refresh, registry, restartApiServer, write } from './lib/play.js';

test.describe.configure({ mode: 'serial' });

test('a kind that is installed later comes alive without a restart', async ({ request }) => {
  expect((await column(request, 'cluster/real', 'Rollout'))?.state).toBe('absent');
  expect((await column(request, 'cluster/real', 'HTTPRoute'))?.state).toBe('absent');
  const manifests = join(process.env.REALSTACK_BIN ?? '', 'manifests');
  for (const name of ['rollouts', 'gateway-api']) kubectl('apply', '--server-side', '-f', join(manifests, name));
  for (const kind of ['Rollout', 'Gateway', 'HTTPRoute']) {
    await expect.poll(async () => (await column(request, 'cluster/real', kind))?.state, { timeout: 150_000 }).toBe('ok');
  }
});

test('a Rollout is a workload like a Deployment', async ({ page, request }) => {
  const image = `${registry}/shop/search:20261101-090000`;
  const labels = { 'app.kubernetes.io/name': 'reports' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image }] } };
  const spec = { replicas: 2, selector: { matchLabels: labels }, template };
  write('reports/dev/all.yaml', { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata: { name: 'reports', labels }, spec: { ...spec, strategy: { canary: {} } } });
  push('Deploy reports');
  const like = argo('catalog-dev');
  apply({
    apiVersion: like.apiVersion,
    kind: like.kind,
    metadata: { name: 'reports-dev', namespace: 'argocd', labels: { service: 'reports', environment: 'dev', team: 'shop' } },
    spec: { ...like.spec, source: { ...like.spec.source, path: 'reports/dev' } },
  });
  await expect.poll(() => kubectl('-n', 'dev', 'get', 'rollouts.argoproj.io', '-o', 'name')).toContain('reports');
  // Its controller does not run here: what it would make and say is made and said for it.
  const rollout = get('dev', 'rollouts.argoproj.io', 'reports');
  const hash = '5b4f8d';
  const owner = { apiVersion: rollout.apiVersion, kind: 'Rollout', name: 'reports', uid: rollout.metadata.uid, controller: true };
  const hashed = { ...labels, 'rollouts-pod-template-hash': hash };
  apply({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: `reports-${hash}`, namespace: 'dev', labels: hashed, ownerReferences: [owner], annotations: { 'rollout.argoproj.io/revision': '1' } },
    spec: { replicas: 2, selector: { matchLabels: hashed }, template: { ...template, metadata: { labels: hashed } } },
  });
  kubectl('-n', 'dev', 'patch', 'rollouts.argoproj.io', 'reports', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: {
    phase: 'Healthy', observedGeneration: String(rollout.metadata.generation), replicas: 2, readyReplicas: 2, updatedReplicas: 2, availableReplicas: 2,
    currentPodHash: hash, stableRS: hash, HPAReplicas: 2, selector: 'app.kubernetes.io/name=reports', blueGreen: {}, canary: {},
  } }));
  await becomes(request, 'reports', 'development', { sync: 'Synced', health: 'Healthy', state: 'healthy' });
  const now = await environment(request, 'reports', 'development');
  expect(now?.workloads).toEqual([expect.objectContaining({ kind: 'Rollout', name: 'reports', desired: 2, ready: 2 })]);
  await expect
    .poll(async () => (await environment(request, 'reports', 'development'))?.image?.running)
    .toEqual([{ tag: '20261101-090000', digest: expect.stringMatching(/^sha256:/), pods: 2, ready: 2 }]);
  await page.goto('/services/reports');
  await expect(page.getByText('Rollout', { exact: false }).first()).toBeVisible();
});

test('a permission that is taken away is said, and comes back', async ({ page, request }) => {
  const role = JSON.parse(kubectl('get', 'clusterrole', 'landfall-read', '-o', 'json'));
  const rules = (without: string) => role.rules.map((rule: any) => ({ ...rule, resources: rule.resources.filter((name: string) => name !== without) }));
  const grant = (value: unknown) =>
    kubectl('patch', 'clusterrole', 'landfall-read', '--type=json', '-p', JSON.stringify([{ op: 'replace', path: '/rules', value }]));
  grant(rules('cronjobs'));
  // A watch that is open goes on: the API server asks again only when it ends, or after its own restart.
  restartApiServer();
  await expect.poll(async () => (await column(request, 'cluster/real', 'CronJob'))?.state, { timeout: 180_000 }).toBe('forbidden');
  await page.goto('/sources');
  await expect(page.getByText(/cronjobs/).first()).toBeVisible();
  expect((await column(request, 'cluster/real', 'Deployment'))?.state).toBe('ok');
  grant(role.rules);
  await expect.poll(async () => (await column(request, 'cluster/real', 'CronJob'))?.state, { timeout: 120_000 }).toBe('ok');
});

test('a restart of the API server is survived without a word lost', async ({ request }) => {
  restartApiServer();
  edit('cart/dev/kustomization.yaml', (text) => text.replace('20261101-090000', '20261124-010101'));
  const head = push('Release cart 20261124-010101');
  await expect.poll(() => { try { refresh('cart-dev'); return true; } catch { return false; } }).toBeTruthy();
  await becomes(request, 'cart', 'development', { revision: head, sync: 'Synced', health: 'Healthy' });
  await everySourceIsRead(request);
});

// What the tests on real systems do to them, and how they ask Landfall what it saw.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, type APIRequestContext } from '@playwright/test';

export const run = process.env.REALSTACK_RUN ?? '';
export const registry = process.env.REGISTRY ?? '';
export const clone = join(run, 'clones/deploy');

export const sh = (file: string, args: string[], input?: string) =>
  execFileSync(file, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'inherit'] });
export const kubectl = (...args: string[]) => sh('kubectl', args);
export const git = (...args: string[]) =>
  sh('git', ['-C', clone, '-c', 'user.name=ci', '-c', 'user.email=ci@example.invalid', '-c', 'commit.gpgsign=false', ...args]);

export function push(message: string) {
  git('add', '-A');
  git('commit', '-qm', message);
  git('push', '-q', 'origin', 'main');
  return git('rev-parse', 'HEAD').trim();
}

export function edit(file: string, change: (text: string) => string) {
  const path = join(clone, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

/** Writes an object as a file of the repository; YAML takes JSON. */
export function write(file: string, object: unknown) {
  const path = join(clone, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(object, null, 2));
}

export const apply = (object: unknown) => sh('kubectl', ['apply', '-f', '-'], JSON.stringify(object));
export const get = (namespace: string, kind: string, name: string) =>
  JSON.parse(kubectl('-n', namespace, 'get', kind, name, '-o', 'json'));

/** Ends the API server and starts it again; the others find it by themselves. */
export const restartApiServer = () =>
  sh('bash', ['-c', 'source "$0/common.sh"; stop kube-apiserver; "$0/../up.sh" >/dev/null', import.meta.dirname]);

export const refresh = (app: string) =>
  kubectl('-n', 'argocd', 'annotate', 'application.argoproj.io', app, 'argocd.argoproj.io/refresh=normal', '--overwrite');

export const sync = (app: string, revision = 'main') =>
  kubectl('-n', 'argocd', 'patch', 'application.argoproj.io', app, '--type', 'merge', '-p',
    JSON.stringify({ operation: { initiatedBy: { username: 'alice' }, sync: { revision, syncOptions: ['CreateNamespace=true'] } } }));

export const argo = (app: string) => JSON.parse(kubectl('-n', 'argocd', 'get', 'application.argoproj.io', app, '-o', 'json'));

export async function syncToTheEnd(app: string) {
  const before = argo(app).status.operationState?.startedAt;
  // The time has whole seconds: within one second two operations look like one.
  await new Promise((done) => setTimeout(done, 1_100));
  sync(app);
  await expect
    .poll(() => {
      const { operation, status } = argo(app);
      return !operation && status.operationState.startedAt !== before && status.operationState.phase;
    })
    .toBe('Succeeded');
}

export type Environment = Record<string, any>;

export async function environment(request: APIRequestContext, service: string, name: string): Promise<Environment | undefined> {
  const response = await request.get(`/api/v1/services/${service}`);
  if (!response.ok()) return undefined;
  const { item } = await response.json();
  return item.environments.find((e: Environment) => e.name === name);
}

export async function transitions(request: APIRequestContext, service: string, kind: string) {
  const response = await request.get(`/api/v1/history?service=${service}&kind=${kind}&limit=200`);
  expect(response.ok()).toBeTruthy();
  return (await response.json()).items as Record<string, any>[];
}

export async function findings(request: APIRequestContext, service: string) {
  const response = await request.get(`/api/v1/findings?service=${service}`);
  return ((await response.json()).items as Record<string, any>[]).map((f) => f.rule as string);
}

/** Waits until a value of an environment is as wished. */
export async function becomes(request: APIRequestContext, service: string, name: string, wish: Environment, timeout = 90_000) {
  await expect
    .poll(async () => {
      const now = await environment(request, service, name);
      return now && Object.fromEntries(Object.keys(wish).map((key) => [key, now[key]]));
    }, { timeout })
    .toEqual(wish);
}

/** One kind of one source, as /sources tells it. */
export async function column(request: APIRequestContext, source: string, kind: string) {
  const response = await request.get('/api/v1/sources');
  const { items } = await response.json();
  const columns: Record<string, any>[] = items.find((s: any) => s.name === source)?.columns ?? [];
  return columns.find((c) => c.kind === kind);
}

export async function everySourceIsRead(request: APIRequestContext) {
  await expect
    .poll(async () => {
      const { items } = await (await request.get('/api/v1/sources')).json();
      return items.filter((s: any) => s.state !== 'ok').map((s: any) => `${s.name}: ${s.state}: ${s.error}`);
    })
    .toEqual([]);
}

/** Pushes a tiny image and returns its digest: the same `created` and `content` give the same bytes under any tag. */
export const pushImage = (repository: string, tag: string, created: string, content: string) =>
  sh('python3', [join(import.meta.dirname, 'push.py'), registry, repository, tag, created, content, `org.opencontainers.image.revision=${content}`]).trim();

export const play = (script: string) => sh('bash', [join(import.meta.dirname, '../play', script)]);

/** What a repository's page is made of: who uses it, and which tag pointed where. */
export async function repository(request: APIRequestContext, name: string): Promise<Environment | undefined> {
  const response = await request.get(`/api/v1/images/${registry}/${name}`);
  return response.ok() ? (await response.json()).item : undefined;
}

/** Open findings of one rule. */
export async function ofRule(request: APIRequestContext, rule: string, more = '') {
  const response = await request.get(`/api/v1/findings?rule=${rule}${more}`);
  expect(response.ok()).toBeTruthy();
  return (await response.json()).items as Record<string, any>[];
}

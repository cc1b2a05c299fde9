// The tested server: one for all tests, or one of its own for a test that changes the world.
import { execFile, spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What `cargo xtask e2e` has built and started. */
export function setting(name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set: run the tests through \`cargo xtask e2e\`, or set LANDFALL_URL`);
  return value;
}

/** The address of the server that all tests share. */
export const baseURL = env.LANDFALL_URL ?? `http://127.0.0.1:${env.LANDFALL_E2E_PORT ?? '0'}`;

/** The command that starts it; none when somebody else did. */
export function sharedServer(): { command: string; url: string } | undefined {
  if (env.LANDFALL_URL) return undefined;
  const words = [setting('LANDFALL_BIN'), 'demo', '--listen', new URL(baseURL).host, '--site', setting('LANDFALL_SITE')];
  return { command: words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' '), url: `${baseURL}/readyz` };
}

/** A server of one's own. */
export interface Landfall {
  url: string;
  /** What it has said so far. */
  log(): string;
  /** Where a demo's world is told what to do. */
  control(): string;
  stop(): Promise<void>;
}

/** Starts `landfall …` on a free port and an empty database; waits until it is ready. */
export async function start(args: string[] = ['demo'], environment: Record<string, string> = {}): Promise<Landfall> {
  const port = await freePort();
  const database = `own_${process.pid}_${port}`;
  await run(`${setting('LANDFALL_PG_BIN')}/createdb`, [database]);
  const databaseUrl = new URL(setting('DATABASE_URL'));
  databaseUrl.pathname = `/${database}`;
  const child = spawn(setting('LANDFALL_BIN'), [...args, '--listen', `127.0.0.1:${port}`], {
    env: { ...process.env, DATABASE_URL: databaseUrl.href, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await Promise.race([ended, sleep(10_000).then(() => child.kill('SIGKILL'))]);
    await ended;
    await run(`${setting('LANDFALL_PG_BIN')}/dropdb`, ['--if-exists', '--force', database]);
  };
  for (let tries = 0; tries < 1_800; tries++) {
    if (child.exitCode !== null) throw new Error(`landfall ended with ${child.exitCode}:\n${text}`);
    const ready = await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false);
    if (ready) return { url, log: () => text, control: () => control(text), stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`landfall is not ready within three minutes:\n${text}`);
}

function control(log: string): string {
  // eslint-disable-next-line no-control-regex
  const found = /control="?(http:\/\/127\.0\.0\.1:\d+)/.exec(log.replace(/\u001b\[[0-9;]*m/g, ''))?.[1];
  if (!found) throw new Error(`no demo says where its world is told what to do:\n${log}`);
  return found;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

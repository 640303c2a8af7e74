import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { createBots } from '../../demo/bots.ts';
import { demoConfig } from '../../demo/config.ts';
import { createShopRemote } from '../../demo/shop/remote.ts';
import { startShop } from '../../demo/shop/shop.ts';
import { startWorkspace, type Workspace } from '../../demo/workspace/server/start.ts';
import { memoryOf } from '../start/memory.ts';
import { fillWithPast } from './past.ts';

export interface Scale {
  readonly services: number;
  /** Promotions that wait for approval. */
  readonly open: number;
  /** Promotions that were shipped. */
  readonly past: number;
}

const PATIENCE_MS = 120_000;
/** Promotions that are asked for at the same time. */
const AT_ONCE = 4;

/** Medians of what people wait for, ms. */
export async function measure(
  dir: string,
  size: Scale,
  rounds: number,
): Promise<{ readonly ms: Readonly<Record<string, number>>; readonly mb: number }> {
  const say = (what: string) => process.stderr.write(`\r${size.services} services: ${what.padEnd(40)}`);
  const remote = await createShopRemote(dir, {});
  const shop = await startShop({ remote: remote.path });
  const workspace = await startWorkspace({ otherPort: true, start: 'C0SHIP' });
  const logFile = join(dir, 'bot.log');
  const config = join(dir, 'slipway.yaml');
  await writeFile(config, await configOf(dir, size, remote.path, shop.url));
  say('past promotions');
  await fillWithPast(join(dir, 'data'), size);
  const bots = createBots(
    {
      env: {
        SLIPWAY_CONFIG: config,
        SLACK_API_URL: workspace.apiUrl,
        SLACK_BOT_TOKEN: workspace.botToken,
        SLACK_APP_TOKEN: workspace.appToken,
      },
      logFile,
    },
    () => workspace.waitForConnection(PATIENCE_MS),
  );
  try {
    await bots.start();
    say('open promotions');
    await openSome(workspace, size.open);
    say('what people do');
    const ms = await waits(workspace, bots, size, rounds);
    return { ms, mb: memoryOf([bots.current.pid]).pss };
  } catch (error) {
    const last = (await readFile(logFile, 'utf8').catch(() => '')).split('\n').slice(-10).join('\n');
    throw new Error(last, { cause: error });
  } finally {
    await bots.stop();
    await workspace.close();
    await shop.close();
  }
}

/** What people wait for, ms: medians. */
async function waits(
  workspace: Workspace,
  bots: ReturnType<typeof createBots>,
  { services, open }: Scale,
  rounds: number,
): Promise<Readonly<Record<string, number>>> {
  const ada = workspace.as('ada');
  const start = async () => {
    await bots.current.stop();
    return timed(() => bots.start());
  };
  const answerTo = (line: string) => () =>
    timed(async () => {
      const before = workspace.ephemerals('ada').length;
      const answer = await ada.command(line);
      while (answer === undefined && workspace.ephemerals('ada').length === before) await sleep(2);
    });
  let next = open;
  const card = () =>
    timed(async () => {
      const before = cardsIn(workspace);
      await ada.command(`/ship-prod service-${next++}`);
      while (cardsIn(workspace) === before) await sleep(2);
    });
  return {
    'start, until commands are taken': await median(Math.min(rounds, 5), start),
    'Home tab': await median(rounds, () => timed(() => ada.openHome(PATIENCE_MS))),
    '/ship-prod status': await median(rounds, answerTo('/ship-prod status')),
    '/ship-prod history of a service': await median(rounds, answerTo('/ship-prod history service-1')),
    'card, after the command': await median(Math.min(rounds, services - open), card),
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Each service has a repository of its own, which is the same one by another name. */
async function configOf(dir: string, { services }: Scale, remote: string, shop: string): Promise<string> {
  const config = parse(
    demoConfig({
      repository: { use: 'git', url: 'file:///', branch: 'main' },
      target: { use: 'git-branch', branch: 'production', url: shop },
      shop,
      window: '3m',
      approvals: 1,
    }),
  ) as { services: Record<string, unknown> };
  // Probes would ask production all the time: a thousand services have a source that remembers.
  const { metrics: _, ...one } = config.services['shop'] as { repository: object; metrics: object };
  const names = Array.from({ length: services }, (_, nth) => `service-${nth}`);
  const all: Record<string, unknown> = {};
  for (const name of names) {
    const path = join(dir, `${name}.git`);
    await symlink(remote, path);
    all[name] = { ...one, repository: { ...one.repository, url: `file://${path}` } };
  }
  // Written out as people do, without aliases.
  return stringify(
    { ...config, services: all },
    {
      aliasDuplicateObjects: false,
    },
  );
}

async function openSome(workspace: Workspace, count: number): Promise<void> {
  const ada = workspace.as('ada');
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, nth) => from + nth);
    await Promise.all(some.map((nth) => ada.command(`/ship-prod service-${nth}`)));
    const deadline = Date.now() + PATIENCE_MS;
    while (cardsIn(workspace) < from + some.length) {
      if (Date.now() > deadline) throw new Error(`only ${cardsIn(workspace)} cards`);
      await sleep(20);
    }
  }
}

function cardsIn(workspace: Workspace): number {
  return workspace.messages('#ship').filter(({ metadata }) => metadata?.event_type === 'slipway_card').length;
}

async function median(count: number, once: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  for (let nth = 0; nth < count; nth += 1) all.push(await once());
  return all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
}

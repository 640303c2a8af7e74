import type { Logger } from 'pino';
import { chartDrawer } from '../adapters/charts/draw.ts';
import { WebDispatcher } from '../adapters/shared/network/dispatcher.ts';
import { Channels } from '../adapters/slack/channels.ts';
import { slackLogger } from '../adapters/slack/client.ts';
import { OutboxWorker } from '../adapters/slack/outbox-worker.ts';
import { promptSender } from '../adapters/slack/send-prompt.ts';
import type { RequestContext } from '../flows/requests/request.ts';
import { LiveHomeTabs } from '../handlers/home.ts';
import { registerHandlers } from '../handlers/register.ts';
import { type Connection, openBolt } from '../handlers/support/bolt.ts';
import type { HandlerContext } from '../handlers/support/context.ts';
import { Pictures } from '../handlers/support/pictures.ts';
import { Prompts } from '../handlers/support/prompts.ts';
import { clock, serviceViewOf } from './services.ts';
import type { SlackParts } from './slack.ts';

export type BotParts = ReturnType<typeof botParts>;

/** The bot as people see it: what it sends, what answers them, and what handlers and jobs work with. Nothing is connected or sent yet. */
export function botParts(
  { client, patient, clientOptions, installation, seal, outbox }: SlackParts,
  requests: RequestContext,
  connection: Connection,
  log: Logger,
) {
  const serviceView = (name: string) => {
    const service = requests.services.get(name);
    return service && serviceViewOf(service);
  };
  const drawChart = chartDrawer();
  const outboxWorker = new OutboxWorker({
    client,
    store: outbox,
    drawChart,
    serviceView,
    clock,
    log,
  });
  const pictures = new Pictures({ client: patient, drawChart, log, now: clock.now });
  const homeTabs = new LiveHomeTabs({ requests, client, threads: outbox, installation, pictures, log });
  const channels = new Channels(patient, clock.now, () => outbox.movedChannels());
  const channelId = (name: string) => channels.idOf(name);
  const clockAhead = () => outbox.clockAhead();
  const sender = promptSender({ client, log, channelId, elapsed: clock.elapsed, clockAhead });
  const prompts = new Prompts({ requests, sender, log });
  const context: HandlerContext = {
    requests,
    client: patient,
    seal,
    installation,
    log,
    serviceView,
    homeTabs,
    pictures,
    prompts,
    channelId,
  };
  const bolt = openBolt({
    connection,
    client,
    installation,
    clientOptions,
    openDispatcher: (settings) => new WebDispatcher(settings),
    slackLogger: slackLogger(log),
    log,
    isNew: (signature) => requests.ledger.once(`request:${signature}`),
    now: clock.now,
  });
  registerHandlers(bolt.app, context);
  return { bolt, outboxWorker, homeTabs, context };
}

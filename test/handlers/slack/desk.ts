import { App, type Receiver } from '@slack/bolt';
import { pino } from 'pino';
import { Channels } from '../../../src/adapters/slack/channels.ts';
import { clientOptions, slackLogger } from '../../../src/adapters/slack/client.ts';
import { installationOf } from '../../../src/adapters/slack/identity/installation.ts';
import { PatientClient } from '../../../src/adapters/slack/patient-client.ts';
import { SlackPeople } from '../../../src/adapters/slack/people.ts';
import { promptSender } from '../../../src/adapters/slack/send-prompt.ts';
import { sealOf } from '../../../src/domain/text/seal.ts';
import { LiveHomeTabs } from '../../../src/handlers/home.ts';
import { registerHandlers } from '../../../src/handlers/register.ts';
import type { HandlerContext } from '../../../src/handlers/support/context.ts';
import { Pictures } from '../../../src/handlers/support/pictures.ts';
import { Prompts } from '../../../src/handlers/support/prompts.ts';
import { MemoryOutbox } from '../../fakes/memory-outbox.ts';
import { town } from '../../flows/locks/town.ts';
import { ScriptedSlack } from './scripted-slack.ts';

const log = pino({ level: 'silent' });
export const SEAL = sealOf(Buffer.alloc(32, 1), 'T0OURS');
const USEFUL = { 'views.open': 300, 'views.update': 300, 'chat.postEphemeral': 300, 'chat.postMessage': 300 };

/** What auth.test says of an install in one workspace. */
const ONE_WORKSPACE = {
  url: 'https://ours.slack.com/',
  team_id: 'T0OURS',
  user_id: 'U0BOT',
  bot_id: 'B0BOT',
  app_id: 'A0APP',
};

/** A full member, as users.info describes one. */
export const MEMBER = {
  team_id: 'T0OURS',
  deleted: false,
  is_bot: false,
  is_restricted: false,
  is_ultra_restricted: false,
};

/** All handlers with what they work with, and a Slack that answers by a script. */
export async function openDesk() {
  const slack = await new ScriptedSlack().start();
  slack.answers.set('auth.test', ONE_WORKSPACE);
  slack.answers.set('chat.postMessage', { channel: 'C0SHIP', ts: '2.1' });
  const place = town();
  const settings = { apiUrl: slack.apiUrl, log, seal: async () => SEAL };
  const client = new PatientClient('xoxb-1', settings, USEFUL);
  const installation = installationOf(client);
  const threads = new MemoryOutbox();
  const channels = new Channels(client);
  const moved = new Map<string, string>();
  const channelId = (name: string) => channels.idOf(name);
  const homeTabs = new LiveHomeTabs({ requests: place.requests, client, threads, installation, log });
  const context: HandlerContext = {
    requests: place.requests,
    client,
    seal: async () => SEAL,
    installation,
    log,
    serviceView: () => undefined,
    homeTabs,
    channelId: async (name) => moved.get(name) ?? name,
    pictures: new Pictures({ client, drawChart: async () => new Uint8Array([1]), log, now: Date.now }),
    prompts: new Prompts({
      requests: place.requests,
      sender: promptSender({
        client,
        log,
        channelId,
        elapsed: () => performance.now(),
        clockAhead: async () => null,
      }),
      log,
    }),
  };
  const receiver: Receiver = {
    init: () => undefined,
    start: async () => undefined,
    stop: async () => undefined,
  };
  const app = new App({
    receiver,
    authorize: async () => ({ botToken: 'xoxb-1', botUserId: 'U0BOT', botId: 'B0BOT' }),
    clientOptions: clientOptions({ apiUrl: slack.apiUrl, log }),
    logger: slackLogger(log),
  });
  registerHandlers(app, context);
  let count = 0;
  let acks = 0;
  return {
    slack,
    place,
    context,
    threads,
    /** The ids that channels got, by those that they had. */
    moved,
    /** How often something was acknowledged. */
    acks: () => acks,
    /** People are asked of this Slack from now on, and the shop is for those in its channel. */
    askSlackForPeople() {
      const people = new SlackPeople(client, installation, () => 0);
      Object.assign(place.requests, {
        people,
        services: new Map(
          [...place.requests.services].map(([name, ports]) => [
            name,
            { ...ports, people, service: { ...ports.service, channel: 'C0SHIP', visibility: 'channel' } },
          ]),
        ),
      });
    },
    fresh: () => `${Date.now()}.${++count}`,
    async deliver(body: object): Promise<void> {
      await app.processEvent({
        body: body as Record<string, unknown>,
        ack: async () => {
          acks += 1;
        },
      });
    },
    /** Everything that was said to one person only, oldest first. */
    told: () =>
      slack.calls
        .filter(
          ({ method, args }) =>
            /^(respond|chat\.postEphemeral)/.test(method) || /^[UWD]/.test(String(args['channel'])),
        )
        .filter(({ args }) => args['text'] !== undefined)
        .map(({ args }) => JSON.stringify([args['text'], args['blocks']])),
    async close() {
      await homeTabs.stop();
      await slack.close();
    },
  };
}

export type Desk = Awaited<ReturnType<typeof openDesk>>;

/** Payloads as Slack documents them, of an install in one workspace. */
export function payloadsFor(desk: Desk, user = 'U_ADA') {
  const origin = {
    team: { id: 'T0OURS', domain: 'ours' },
    enterprise: null,
    is_enterprise_install: false,
    api_app_id: 'A0APP',
    token: 't',
  };
  const trigger = () => `trigger.${desk.fresh()}`;
  const responseUrl = () => `${desk.slack.url}/respond`;
  return {
    command: (text: string) => ({
      command: '/ship-prod',
      text,
      user_id: user,
      team_id: 'T0OURS',
      channel_id: 'C0SHIP',
      api_app_id: 'A0APP',
      trigger_id: trigger(),
      response_url: responseUrl(),
      is_enterprise_install: 'false',
    }),
    button: (actionId: string, value: string | undefined, more: object = {}) => ({
      type: 'block_actions',
      ...origin,
      user: { id: user, team_id: 'T0OURS' },
      channel: { id: 'C0SHIP', name: 'ship' },
      container: { type: 'message', message_ts: '1.1', channel_id: 'C0SHIP', is_ephemeral: false },
      message: { type: 'message', ts: '1.1', text: 'card' },
      trigger_id: trigger(),
      response_url: responseUrl(),
      actions: [
        {
          type: 'button',
          action_id: actionId,
          block_id: 'b',
          action_ts: desk.fresh(),
          ...(value ? { value } : {}),
        },
      ],
      ...more,
    }),
    shortcut: () => ({
      type: 'shortcut',
      ...origin,
      user: { id: user, team_id: 'T0OURS' },
      callback_id: 'ship_shortcut',
      trigger_id: trigger(),
      action_ts: desk.fresh(),
    }),
    choice: (service: string, hash: string, viewId = 'V1') => ({
      type: 'block_actions',
      ...origin,
      user: { id: user, team_id: 'T0OURS' },
      container: { type: 'view', view_id: viewId },
      trigger_id: trigger(),
      view: {
        id: viewId,
        hash,
        callback_id: 'start_form',
        private_metadata: '',
        state: {
          values: { service: { service: { type: 'static_select', selected_option: { value: service } } } },
        },
      },
      actions: [
        { type: 'static_select', action_id: 'service', block_id: 'service', action_ts: desk.fresh() },
      ],
    }),
    event: (event: object, more: object = {}) => ({
      type: 'event_callback',
      token: 't',
      team_id: 'T0OURS',
      api_app_id: 'A0APP',
      event_id: `Ev${desk.fresh()}`,
      event_time: 1,
      authorizations: [
        {
          enterprise_id: null,
          team_id: 'T0OURS',
          user_id: 'U0BOT',
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      event,
      ...more,
    }),
    mention: (text: string, more: object = {}) => ({
      type: 'app_mention',
      user,
      text: `<@U0BOT> ${text}`,
      ts: desk.fresh(),
      channel: 'C0SHIP',
      team: 'T0OURS',
      event_ts: desk.fresh(),
      ...more,
    }),
  };
}

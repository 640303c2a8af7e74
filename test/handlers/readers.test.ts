import { readdirSync, readFileSync } from 'node:fs';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Directory } from '../../src/adapters/slack/port.ts';
import { encodeValue } from '../../src/blocks/kit/button-value.ts';
import { FIELD, viewPurpose } from '../../src/blocks/kit/ids.ts';
import { typed } from '../../src/domain/commands/declaration.ts';
import { Refusal, Unavailable } from '../../src/domain/refusals/refusal.ts';
import { sealOf } from '../../src/domain/text/seal.ts';
import { portsOf } from '../../src/flows/requests/request.ts';
import { answerToCommand, SHIP_PROD } from '../../src/handlers/command.ts';
import { type HomeTabsContext, LiveHomeTabs } from '../../src/handlers/home.ts';
import { answerToMention } from '../../src/handlers/mention.ts';
import { registerHandlers } from '../../src/handlers/register.ts';
import type { HandlerContext } from '../../src/handlers/support/context.ts';
import { reading } from '../../src/handlers/support/reading.ts';
import { submitted } from '../../src/handlers/support/submission.ts';
import { MemoryOutbox } from '../fakes/memory-outbox.ts';
import { town } from '../flows/locks/town.ts';

const log = pino({ level: 'silent' });
const HIDDEN = ['not-reader', 'reads-nothing', 'person-not-full-member'];

/** Those who must not see anything of the shop, by what they are. */
const OUTSIDERS = {
  'a full member outside the channel': { restricted: false, inside: [] },
  'a guest outside the channel': { restricted: true, inside: [] },
  'somebody of another workspace in the channel': {
    restricted: true,
    stranger: true,
    inside: ['#ship', '#api'],
  },
  'a bot in the channel': { bot: true, restricted: false, inside: ['#ship', '#api'] },
  'somebody who left': { deleted: true, restricted: false, inside: ['#ship', '#api'] },
} as const;

let place: ReturnType<typeof town>;
let context: HandlerContext;
let inside: Map<string, readonly string[]>;
/** What Slack's lists of members say no word of, because the config names a channel by its name in an organisation. */
let refused: string | undefined;

beforeEach(async () => {
  place = town();
  await place.start();
  inside = new Map();
  refused = undefined;
  const { requests, house } = place;
  const { service } = house.ports;
  const shop = { ...house.ports, service: { ...service, channel: '#ship' } };
  const api = { ...house.ports, service: { ...service, name: 'api', channel: '#api' } };
  const directory: Directory = {
    profile: (user) => house.people.profile(user),
    byEmail: (email) => house.people.byEmail(email),
    members: (group) => house.people.members(group),
    async isInChannel(user, channel) {
      if (house.people.down) throw new Unavailable('Slack', 'does not answer');
      if (channel === refused) throw new Refusal('channel-by-name', { channel, found: ['C0SHIP'] });
      return (inside.get(user) ?? ['#ship', '#api']).includes(channel);
    },
  };
  context = {
    requests: {
      ...requests,
      // Looking is answered from the last minute; only what people do is asked anew.
      people: { ...directory, forClicks: directory, forDisplay: directory },
      services: new Map([
        ['shop', shop],
        ['api', api],
      ]),
    },
    installation: () => Promise.reject(new Error('not asked')),
    client: { views: { open: async () => ({ ok: true }) } },
    serviceView: () => undefined,
    log,
  } as unknown as HandlerContext;
});
afterEach(() => place.settle());

function outsider(kind: keyof typeof OUTSIDERS): string {
  const { inside: channels, ...profile } = OUTSIDERS[kind];
  place.house.people.profiles.set('U_EVE', {
    id: 'U_EVE',
    name: 'Eve',
    deleted: false,
    bot: false,
    ...profile,
  });
  inside.set('U_EVE', channels);
  if (channels.length === 0) place.house.people.outsideChannel.add('U_EVE');
  return 'U_EVE';
}

const refusalOf = (work: Promise<unknown>) =>
  work.then(
    (value) => value,
    (error: unknown) => (error instanceof Refusal ? error.code : error),
  );
const rows = async () =>
  (await place.house.ledger.auditTrail({ limit: 100 })).filter(({ actor }) => actor === 'U_EVE');

describe.each(Object.keys(OUTSIDERS) as (keyof typeof OUTSIDERS)[])('%s', (kind) => {
  const lines = SHIP_PROD.commands
    .map((command) => typed(command, 'shop').replace('/ship-prod ', ''))
    // Stopping everything shows nothing of a service: that is left to the right to do it.
    .filter((line) => !/^(help|freeze|thaw)/.test(line));

  test.each([
    '',
    'shop',
    'status',
    'history',
    'history shop',
    'history --audit',
    'history shop --audit',
    ...lines,
  ])('is refused /ship-prod %s, with a row in the audit', async (line) => {
    const user = outsider(kind);
    const code = await refusalOf(answerToCommand(context, place.caller(user), line));
    expect(HIDDEN).toContain(code);
    expect(await rows()).toMatchObject([{ result: 'refused', detail: { code } }]);
  });

  test.each([
    'status',
    'history',
    'history shop',
    'plan shop',
    'roll back shop',
    'ship shop to prod',
    'ship it',
  ])('is refused a mention: %s', async (words) => {
    const user = outsider(kind);
    const code = await refusalOf(answerToMention(context, place.caller(user), `<@U0BOT> ${words}`));
    expect(HIDDEN).toContain(code);
    expect(await rows()).toMatchObject([{ result: 'refused', detail: { code } }]);
  });

  test('sees a Home tab that says why it is empty', async () => {
    const user = outsider(kind);
    let shown = '';
    const publish = async ({ view }: { view: unknown }) => {
      shown = JSON.stringify(view);
      return { ok: true };
    };
    const client = { views: { publish } } as unknown as HomeTabsContext['client'];
    await new LiveHomeTabs({ ...context, client, threads: new MemoryOutbox() }).show(user);
    expect(shown).not.toMatch(/Under way|Ship shop/);
    expect(shown).toMatch(/Releases are shown only to members|people from other workspaces/);
    expect(await rows()).toMatchObject([{ action: 'home.seen', result: 'refused' }]);
  });
});

test('which services there are to ship is told only to whoever asked; an offer of one is for all', async () => {
  const ask = (words: string) => answerToMention(context, place.caller('U_GRACE'), `<@U0BOT> ${words}`);
  const choice = await ask('ship it');
  expect(JSON.stringify(choice.message)).toContain('api');
  expect(choice.offer).toBeUndefined();
  expect((await ask('ship api to prod')).offer).toEqual({ kind: 'offer', service: 'api' });
  // One of the shop is under way: whoever asks is told how it goes.
  const busy = await ask('ship shop to prod');
  expect(busy.offer).toBeUndefined();
  expect(busy.message.text).not.toContain('Do you want to ship');
});

describe('what is asked for by its promotion', () => {
  test.each(Object.keys(OUTSIDERS) as (keyof typeof OUTSIDERS)[])('is hidden from %s', async (kind) => {
    const user = outsider(kind);
    const { id } = await place.newest();
    const look = reading(context, place.caller(user), 'button.details', async ({ requests, serviceView }) => {
      const { service } = await requests.ledger.get(id);
      return serviceView(service);
    });
    expect(HIDDEN).toContain(await refusalOf(look));
    expect(await rows()).toHaveLength(1);
  });
});

describe('lists', () => {
  test('hold only what may be seen, also for whoever sees a part', async () => {
    inside.set('U_EVE', ['#api']);
    const status = JSON.stringify(await answerToCommand(context, place.caller('U_EVE'), 'status'));
    expect(status).toContain('api');
    expect(status).not.toContain('shop');
    const history = JSON.stringify(await answerToCommand(context, place.caller('U_EVE'), 'history'));
    expect(history).not.toContain('shop');
    const trail = await answerToCommand(context, place.caller('U_EVE'), 'history --audit');
    expect(JSON.stringify(trail)).not.toContain('U_ADA');
    expect(await refusalOf(answerToCommand(context, place.caller('U_EVE'), 'history shop'))).toBe(
      'not-reader',
    );
    const typo = await answerToCommand(context, place.caller('U_EVE'), 'plan hsop').catch(
      (error: unknown) => error,
    );
    expect(JSON.stringify((typo as Refusal).facts)).not.toContain('shop');
  });

  test('a sentence says which channel to join', async () => {
    inside.set('U_EVE', []);
    await expect(answerToCommand(context, place.caller('U_EVE'), 'plan shop')).rejects.toMatchObject({
      code: 'not-reader',
      facts: { service: 'shop', channel: '#ship' },
    });
  });
});

describe('visibility: workspace', () => {
  beforeEach(() => {
    const services = [...context.requests.services].map(
      ([name, ports]) =>
        [name, { ...ports, service: { ...ports.service, visibility: 'workspace' as const } }] as const,
    );
    context = { ...context, requests: { ...context.requests, services: new Map(services) } };
  });

  test('shows a full member outside the channel everything', async () => {
    const user = outsider('a full member outside the channel');
    expect(JSON.stringify(await answerToCommand(context, place.caller(user), 'status'))).toContain('shop');
  });

  test.each(['a guest outside the channel', 'somebody of another workspace in the channel'] as const)(
    'shows %s nothing',
    async (kind) => {
      const user = outsider(kind);
      expect(HIDDEN).toContain(await refusalOf(answerToCommand(context, place.caller(user), 'status')));
    },
  );
});

test('a guest in the channel reads along', async () => {
  const user = outsider('a guest outside the channel');
  inside.set(user, ['#ship']);
  expect(JSON.stringify(await answerToCommand(context, place.caller(user), 'status'))).toContain('shop');
});

test('while Slack does not answer nothing is shown, and it is tried again', async () => {
  place.house.people.down = true;
  const answer = answerToCommand(context, place.caller('U_EVE'), 'status');
  await expect(answer).rejects.toMatchObject({ name: 'Unavailable' });
  expect(await rows()).toMatchObject([{ result: 'failed', detail: { reason: 'Slack' } }]);
  place.house.people.down = false;
  expect(JSON.stringify(await answerToCommand(context, place.caller('U_EVE'), 'status'))).toContain('shop');
});

describe('while Slack limits the question about all channels', () => {
  beforeEach(() => {
    const { people } = context.requests;
    const limited = () => Promise.reject(new Unavailable('Slack', 'ratelimited', { retryAfterMs: 30_000 }));
    const forDisplay = { ...people.forDisplay, isInChannel: limited };
    context = { ...context, requests: { ...context.requests, people: { ...people, forDisplay } } };
  });

  test('what is asked of one promotion is answered all the same, to those in its channel', async () => {
    const { id } = await place.newest();
    const look = (user: string) =>
      reading(context, place.caller(user), 'button.rollback', async ({ requests, serviceView }) => {
        const { service } = await requests.ledger.get(id);
        serviceView?.(service);
        return service;
      });
    expect(await look('U_ADA')).toBe('shop');
    expect(await refusalOf(look(outsider('a full member outside the channel')))).toBe('not-reader');
  });

  test.each(['cancel shop', 'rollback shop', 'lock shop because of the sale', 'history shop', 'help'])(
    'what is asked of one service is answered: /ship-prod %s',
    async (line) => {
      const answer = await answerToCommand(context, place.caller('U_ADA'), line).catch((error) => error);
      expect(answer).not.toMatchObject({ name: 'Unavailable' });
      if (line === 'help') return;
      const user = outsider('a full member outside the channel');
      expect(await refusalOf(answerToCommand(context, place.caller(user), line))).toBe('not-reader');
    },
  );

  test.each<[string, string?]>([
    ['history shop'],
    ['ship shop to prod'],
    ['help'],
    ['roll back shop'],
    ['history', 'shop'],
    ['roll back', 'shop'],
  ])('so is a mention of one, by name or in the thread of one: %s', async (words, about) => {
    const answer = await answerToMention(context, place.caller('U_ADA'), words, undefined, about).catch(
      (error) => error,
    );
    expect(answer).not.toMatchObject({ name: 'Unavailable' });
  });

  test('so is a form of one, by what it was opened for and by what was chosen in it', async () => {
    const metadata = { service: 'shop' };
    const forms = {
      installation: async () => ({
        team: 'T0OURS',
        app: null,
        url: 'https://one.slack.com/',
        botUser: 'U0BOT',
      }),
      seal: async () => sealOf(Buffer.alloc(32, 1), 'T0OURS'),
    };
    const chosen = { [FIELD.service]: { [FIELD.service]: { selected_option: { value: 'shop' } } } };
    const said: unknown[] = [];
    const client = { chat: { postMessage: async (message: unknown) => void said.push(message) } };
    const here = { ...context, ...forms, client, log } as unknown as HandlerContext;
    const seal = await here.seal();
    for (const [nth, view] of [
      {
        private_metadata: seal.close(encodeValue(metadata), viewPurpose('unlock_form')),
        state: { values: {} },
      },
      { private_metadata: '', state: { values: chosen } },
    ].entries()) {
      const seen: unknown[] = [];
      await submitted(
        here,
        {
          body: { user: { id: 'U_ADA' }, team: { id: 'T0OURS' } } as never,
          view: { id: `V${nth}`, hash: '1', ...view } as never,
        },
        'unlock_form',
        async ({ context: { requests } }) => {
          seen.push(portsOf(requests, 'shop').service.name);
        },
      );
      expect(seen, JSON.stringify(said)).toEqual(['shop']);
    }
  });

  test('a lock is taken off, and what else there is and is not known to be seen is not told', async () => {
    await place.lock('U_ADA');
    Object.assign(context, {
      homeTabs: { refreshSoon: () => undefined },
      channelId: async () => null,
      client: { chat: { postMessage: async () => ({}) } },
    });
    const answer = await answerToCommand(context, place.caller('U_ADA'), 'unlock shop');
    expect(JSON.stringify(answer)).toContain('shop');
    expect(await place.house.ledger.locks()).toEqual([]);
  });

  test('what is asked for of no service, and a typo, name nothing that may be hidden', async () => {
    for (const line of ['rollback', 'plan hsop', 'shop --featur x'])
      await expect(answerToCommand(context, place.caller('U_ADA'), line)).rejects.toMatchObject({
        name: 'Unavailable',
      });
  });

  test('a list is not cut short: it says when to ask again', async () => {
    for (const line of ['status', 'history', '', 'schedule'])
      await expect(answerToCommand(context, place.caller('U_ADA'), line)).rejects.toMatchObject({
        name: 'Unavailable',
        retryAfterMs: 30_000,
      });
  });
});

test('these are all surfaces: a new one shows nothing until it asks who looks', () => {
  const surfaces: string[] = [];
  const kinds = ['command', 'action', 'view', 'shortcut', 'event', 'options', 'message', 'step', 'function'];
  const app = Object.fromEntries(
    kinds.map((kind) => [kind, (what: unknown) => surfaces.push(`${kind} ${nameOf(what)}`)]),
  );
  registerHandlers({ ...app, error: () => undefined } as never, context);
  expect(surfaces.toSorted()).toEqual([
    'action .*',
    'action service',
    'command /ship-prod',
    'event app_home_opened',
    'event app_mention',
    // Slack says it, and nobody is shown anything.
    'event channel_id_changed',
    // Thread replies, and messages in channels for support, which answer nobody.
    'event message',
    'event message',
    'shortcut report_problem',
    'shortcut ship_shortcut',
    'view another version',
    'view break_glass_form',
    'view bump_form',
    'view decline_form',
    'view hotfix_form',
    'view report_form',
    'view start_form',
    'view unlock_form',
  ]);
  // Of what the handlers use, only these look at services as they are, and for no list that is shown.
  const all = readdirSync('src/handlers', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const unseen = all.filter((name) =>
    /requests\.services/.test(readFileSync(`src/handlers/${name}`, 'utf8')),
  );
  expect(unseen.toSorted()).toEqual(['locks.ts', 'messages.ts', 'report-channels.ts', 'support/reading.ts']);
});

function nameOf(what: unknown): string {
  if (typeof what === 'string') return what;
  if (what instanceof RegExp) return 'another version';
  const { action_id: action, callback_id: callback } = what as Record<string, unknown>;
  const id = action ?? callback;
  return id instanceof RegExp ? id.source : String(id);
}

test('a service whose channel is refused is hidden from everybody, with the reason, and hides no other', async () => {
  refused = '#ship';
  const ask = (line: string) => refusalOf(answerToCommand(context, place.caller('U_ADA'), line));
  expect(await ask('history shop')).toBe('channel-by-name');
  expect(await ask('shop')).toBe('channel-by-name');
  expect(await ask('history api')).not.toBe('channel-by-name');
  const all = JSON.stringify(await ask('status'));
  expect(all).toContain('api');
  expect(all).not.toContain('shop');
});

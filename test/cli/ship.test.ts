import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { promotionIn } from '../../src/cli/bot-api.ts';
import { runCli } from '../../src/cli/run.ts';
import { startHttpServer, type TestServer } from '../fakes/http-server.ts';
import { leftIn } from '../support/hidden.ts';

const PROMOTION = { id: 'shop-1a', state: 'checking', version: null, by: 'pipeline ci', why: null, new: 1 };
const REPLY = { kind: 'reply', status: 200, headers: {}, cut: false, tookMs: 1 } as const;
const TOKEN = 'token-0123456789-0123456789';
let server: TestServer;
/** What the bot answers, one after the other; the last one for ever. */
let answers: { status?: number; body?: unknown; location?: string }[];

beforeEach(async () => {
  answers = [{ body: PROMOTION }];
  server = await startHttpServer((_request, response) => {
    const { status = 200, body = {}, location } = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
    response.writeHead(status, location === undefined ? {} : { location });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
});
afterEach(() => server.close());

async function slipway(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const said: string[] = [];
  const messages: string[] = [];
  const exit = await runCli(
    ['ship', ...words],
    { SLIPWAY_URL: server.url, SLIPWAY_TOKEN: TOKEN, ...env },
    { result: (text) => void said.push(text), message: (text) => void messages.push(text) },
  );
  return { exit, said: said.join(''), messages: messages.join('\n') };
}

describe('slipway ship', () => {
  test('asks with its token and a key, and says what became of it', async () => {
    expect(await slipway(['shop'])).toEqual({ exit: 0, said: 'shop-1a: checking\n', messages: '' });
    const [asked] = server.requests;
    expect(asked).toMatchObject({
      method: 'POST',
      path: '/api/v1/services/shop/promotions',
      headers: { authorization: `Bearer ${TOKEN}`, 'idempotency-key': expect.stringMatching(/^[\w-]{36}$/) },
    });
  });

  test('asks again while the bot is away, with the same key', async () => {
    answers = [{ status: 503 }, { status: 502, body: '<html>Bad Gateway' }, { body: PROMOTION }];
    const { exit, messages } = await slipway(['shop']);
    expect(exit).toBe(0);
    expect(messages.match(/does not answer now \(it answers 503\)/g)).toHaveLength(1);
    expect(new Set(server.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(server.requests).toHaveLength(3);
  });

  test.each([
    [500, '<html>'],
    [500, JSON.stringify({ code: 'fault', message: 'Something failed.' })],
    [522, '<html>'],
    [429, 'slow down'],
    [404, 'not found'],
    [302, ''],
    [200, '<html>'],
  ])('goes on following through %s %s of whatever stands before a bot that restarts', (status, body) => {
    expect(promotionIn({ ...REPLY, status, body }, 'it', true)).toBeNull();
  });

  test('ends when the bot itself says that there is no such promotion', () => {
    const body = JSON.stringify({ code: 'promotion-unknown', message: 'There is none.' });
    expect(() => promotionIn({ ...REPLY, status: 404, body }, 'it', true)).toThrow(/promotion-unknown/);
  });

  test('asks again at the start when it asked too often', async () => {
    answers = [{ status: 429, body: { code: 'too-many', message: 'too much' } }, { body: PROMOTION }];
    expect((await slipway(['shop'])).exit).toBe(0);
  });

  test('takes what people approved for approved, also when it was rolled back since', async () => {
    answers = [{ body: { ...PROMOTION, state: 'rolled-back', commit: 'abc' } }];
    expect((await slipway(['shop', '--until', 'approved'])).exit).toBe(0);
    expect((await slipway(['shop', '--until', 'deployed'])).exit).toBe(1);
  });

  test('takes a token without the line end that its file has', async () => {
    expect((await slipway(['shop'], { SLIPWAY_TOKEN: `${TOKEN}\n` })).exit).toBe(0);
    expect(server.requests[0]?.headers['authorization']).toBe(`Bearer ${TOKEN}`);
  });

  test.each([
    ['shipped', ['--wait'], ['monitoring', 'shipped'], 0],
    ['rolled back', ['--wait'], ['monitoring', 'rolling-back', 'rolled-back'], 1],
    ['approved', ['--until', 'approved'], ['blocked', 'releasing'], 0],
    ['deployed', ['--until', 'deployed'], ['deploying', 'verifying'], 0],
    ['expired', ['--until', 'approved'], ['expired'], 1],
  ] as const)('follows it until it is %s, a line for each change', async (_what, words, states, exit) => {
    answers = [{}, ...states].map((state) => ({
      body: typeof state === 'string' ? { ...PROMOTION, state, version: '1.3.0' } : PROMOTION,
    }));
    const { said, ...rest } = await slipway(['shop', ...words]);
    expect(rest).toEqual({ exit, messages: '' });
    const lines = states.map((state) => `shop-1a: ${state.replaceAll('-', ' ')} 1.3.0\n`);
    expect(said).toBe(`shop-1a: checking\n${lines.join('')}`);
  });

  test('is deployed when all requests have it, and says how many have', async () => {
    const parts = [5, 50, null].map((share) => ({ ...PROMOTION, version: '1.3.0', share }));
    answers = [
      { body: PROMOTION },
      ...parts.map((body) => ({ body: { ...body, state: 'monitoring' } })),
      { body: { ...PROMOTION, state: 'failed' } },
    ];
    expect(await slipway(['shop', '--until', 'deployed'])).toEqual({
      exit: 0,
      said: [
        'shop-1a: checking',
        'shop-1a: monitoring 1.3.0 with 5 % of the requests',
        'shop-1a: monitoring 1.3.0 with 50 % of the requests',
        'shop-1a: monitoring 1.3.0',
        '',
      ].join('\n'),
      messages: '',
    });
  });

  test('says once where people approve it', async () => {
    const thread = 'https://harbour.slack.com/archives/C1/p1';
    answers = [{ body: PROMOTION }, { body: { ...PROMOTION, state: 'blocked', thread } }];
    answers.push({ body: { ...PROMOTION, state: 'shipped', thread } });
    const { exit, messages } = await slipway(['shop', '--wait']);
    expect({ exit, messages }).toEqual({ exit: 0, messages: `In Slack: ${thread}` });
  });

  test('says why it is where it is, on one line and with nothing hidden in it', async () => {
    answers = [{ body: { ...PROMOTION, state: 'blocked', why: 'CI\nis \u001b[31mred\u202e' } }];
    const { said } = await slipway(['shop']);
    expect(said).toMatch(/^shop-1a: blocked, CI is .*red.*\n$/);
    expect(leftIn(said)).toEqual([]);
    expect(JSON.parse((await slipway(['shop', '--json'])).said)).toMatchObject({ state: 'blocked' });
  });

  test('hands on what the bot refuses, with its code', async () => {
    answers = [{ status: 409, body: { code: 'locked', message: 'shop is locked by U1.' } }];
    const { exit, messages } = await slipway(['shop']);
    expect({ exit, messages }).toEqual({ exit: 1, messages: 'shop is locked by U1. (locked)' });
  });

  test.each([
    ['a redirect', { status: 302, location: '/elsewhere' }],
    ['a page', { body: '<html>' }],
    ['another program', { body: { ok: true } }],
    ['a page that is not there', { status: 404, body: 'not found' }],
  ])('takes %s for no bot, and follows nothing', async (_what, answer) => {
    answers = [answer];
    const { exit, messages } = await slipway(['shop']);
    expect({ exit, code: /\(answer-strange\)/.test(messages) }).toEqual({ exit: 1, code: true });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['no service', [], {}, 2],
    ['two of them', ['shop', 'api'], {}, 2],
    ['a bump that does not exist', ['shop', '--bump', 'huge'], {}, 2],
    ['an end that does not exist', ['shop', '--until', 'constructor'], {}, 2],
    ['a token among the arguments', ['shop', '--token', TOKEN], {}, 2],
    ['no token', ['shop'], { SLIPWAY_TOKEN: '' }, 1],
    ['a token that no header can bring', ['shop'], { SLIPWAY_TOKEN: `${TOKEN}\nü` }, 1],
    ['no address', ['shop'], { SLIPWAY_URL: '' }, 1],
    ['an address in the clear', ['shop'], { SLIPWAY_URL: 'http://slipway.example.com' }, 1],
    ['no address at all', ['shop', '--url', 'slipway'], {}, 1],
    ['a password in the address', ['shop'], { SLIPWAY_URL: 'https://ada:hush@slipway.example.com' }, 1],
  ] as const)('asks nobody with %s', async (_what, words, env, exit) => {
    const answer = await slipway([...words], env);
    expect(answer).toMatchObject({ exit, said: '' });
    expect(answer.messages).not.toContain(TOKEN);
    expect(answer.messages).not.toContain('hush');
    expect(server.requests).toEqual([]);
  });

  test('lets no id out of its place in the path', () => {
    const body = JSON.stringify({ ...PROMOTION, id: '../../../secrets' });
    expect(() => promotionIn({ ...REPLY, body }, 'it', false)).toThrow(/answer-strange/);
    expect(promotionIn({ ...REPLY, body }, 'it', true)).toBeNull();
  });
});

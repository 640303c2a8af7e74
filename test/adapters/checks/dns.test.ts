import { createSocket, type Socket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkContract, EXPECTED } from '../../contracts/check.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { checks } from '../../support/all-adapters.ts';

/** A resolver, by RFC 1035: A records and codes, or whatever bytes it is told. */
class FakeResolver {
  readonly #socket: Socket = createSocket('udp4');
  /** Addresses that it answers with, a code of an error, or what it sends. */
  answer: readonly string[] | number | ((query: Buffer) => Buffer | null) = [];

  static async start(): Promise<FakeResolver> {
    const resolver = new FakeResolver();
    const socket = resolver.#socket;
    socket.on('message', (query, { port, address }) => {
      const reply = resolver.#reply(query);
      if (reply !== null) socket.send(reply, port, address);
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return resolver;
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  #reply(query: Buffer): Buffer | null {
    if (typeof this.answer === 'function') return this.answer(query);
    const code = typeof this.answer === 'number' ? this.answer : 0;
    const records = typeof this.answer === 'number' ? [] : this.answer;
    const end = query.indexOf(0, 12) + 5;
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180 | code, 2);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt16BE(0, 8);
    header.writeUInt16BE(0, 10);
    const answers = records.map((address) =>
      Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]),
    );
    return Buffer.concat([header, query.subarray(12, end), ...answers]);
  }

  close(): void {
    this.#socket.close();
  }
}

let resolvers: FakeResolver[] = [];
beforeEach(async () => {
  resolvers = [await FakeResolver.start(), await FakeResolver.start()];
  for (const resolver of resolvers) resolver.answer = ['203.0.113.7', '203.0.113.8'];
});
afterEach(() => {
  for (const resolver of resolvers) resolver.close();
});
const [first, second] = [0, 1].map((index) => () => resolvers[index] as FakeResolver) as [
  () => FakeResolver,
  () => FakeResolver,
];

const open = (settings: Record<string, unknown> = {}) =>
  checks.open(
    checks.settings.parse({
      use: 'dns',
      host: 'shop.test',
      resolvers: resolvers.map(({ address }) => address),
      timeout: '2s',
      ...settings,
    }),
    adapterContext(),
  );
const attempt = (settings?: Record<string, unknown>) =>
  open(settings).attempt(EXPECTED, AbortSignal.timeout(5_000));

checkContract({
  name: 'dns',
  well: async () => open(),
  unwell: async () => open({ expect: ['192.0.2.1'] }),
  gone: async () => {
    for (const resolver of resolvers) resolver.answer = () => null;
    return open({ timeout: '100ms' });
  },
});

describe('the dns check', () => {
  test('compares records, which have no case and no order', async () => {
    expect(await attempt()).toMatchObject({ ok: true, detail: 'shop.test is "203.0.113.7", "203.0.113.8"' });
    expect(await attempt({ expect: ['203.0.113.8'] })).toMatchObject({ ok: true });
    expect(await attempt({ expect: ['203.0.113.8'], only: true })).toMatchObject({
      ok: false,
      detail: `shop.test is "203.0.113.7", too at ${first().address}`,
    });
    expect(await attempt({ expect: ['203.0.113.8', '203.0.113.7'], only: true })).toMatchObject({ ok: true });
  });

  test('all resolvers must agree, and the one that does not is named', async () => {
    second().answer = ['192.0.2.1'];
    expect(await attempt({ expect: ['203.0.113.7'] })).toMatchObject({
      ok: false,
      detail: `shop.test is "192.0.2.1" at ${second().address}, expected "203.0.113.7"`,
    });
  });

  test.each([
    [3, 'there is no such name'],
    [2, 'the resolver could not find out (SERVFAIL)'],
    [5, 'the resolver refuses to answer'],
    [[], 'the name has no A record'],
    [() => Buffer.from('nonsense'), 'answer'],
    [() => null, 'answer'],
  ])('says what %j means', async (answer, words) => {
    first().answer = answer as FakeResolver['answer'];
    const seen = await attempt({ timeout: '300ms' });
    expect(seen).toMatchObject({ ok: false });
    expect(seen.detail).toContain(words);
  });

  test.each([
    [{ resolvers: ['dns.google'] }],
    [{ resolvers: ['9.9.9.9:99999'] }],
    [{ host: 'a b' }],
    [{ record: 'ANY' }],
  ])('refuses the settings %j', (settings) => {
    expect(checks.settings.safeParse({ use: 'dns', host: 'shop.test', ...settings }).success).toBe(false);
    expect(
      checks.settings.safeParse({
        use: 'dns',
        host: 'shop.test',
        resolvers: ['[2620:fe::fe]:53', '::1', '9.9.9.9'],
      }).success,
    ).toBe(true);
  });
});

import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { z } from 'zod';
import { quoted } from '../../shared/expectation.ts';
import { defineKind } from '../../shared/kinds.ts';
import { codesOf } from '../../shared/network-trouble.ts';
import type { Attempt, Check } from '../port.ts';
import { checkSettings, identityOf } from '../shared/settings.ts';
import { failed, withinTime } from '../shared/within-time.ts';
import { Host } from './place.ts';

const TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT'] as const;

const ResolverAddress = z.string().refine(isResolver, {
  error: 'the number of a resolver, such as 9.9.9.9 or [2620:fe::fe]:53',
});

const DnsCheckSettings = z
  .strictObject({
    use: z.literal('dns'),
    ...checkSettings('the name and the kind of record'),
    host: Host.meta({ description: 'The name that is looked up.' }),
    record: z.enum(TYPES).default('A').meta({ description: 'The kind of record.' }),
    expect: z.array(z.string().min(1)).max(100).default([]).meta({
      description: 'What must be among the records; without it any record will do.',
    }),
    only: z.boolean().default(false).meta({ description: 'Whether there may be no record but those.' }),
    resolvers: z.array(ResolverAddress).max(10).default([]).meta({
      description: 'Who is asked, by number; all must agree. Those of this machine by default.',
    }),
  })
  .meta({ description: 'Looks up a name, at chosen resolvers if wanted, and compares the records.' });
type DnsCheckSettings = z.infer<typeof DnsCheckSettings>;

export const dnsCheck = defineKind({ settings: DnsCheckSettings, open: openDnsCheck });

function openDnsCheck(settings: DnsCheckSettings): Check {
  const { host, record, timeout } = settings;
  const resolvers = settings.resolvers.length === 0 ? [null] : settings.resolvers;
  return {
    ...identityOf('dns', settings, `${host} ${record}`),
    attempt: (_expected, signal) =>
      withinTime(timeout, signal, async (look) => {
        look.waitsFor = `for the records of ${host}`;
        const answers = await Promise.all(
          resolvers.map((resolver) => askOne(settings, resolver, look.signal)),
        );
        return answers.find(({ ok }) => !ok) ?? answers[0] ?? { ok: false, detail: 'nobody was asked' };
      }),
  };
}

async function askOne(
  { host, record, timeout, expect, only }: DnsCheckSettings,
  server: string | null,
  signal: AbortSignal,
): Promise<Attempt> {
  const resolver = new Resolver({ timeout: Math.max(1, Math.round(timeout)), tries: 1 });
  if (server !== null) resolver.setServers([server]);
  signal.addEventListener('abort', () => resolver.cancel(), { once: true });
  const at = server === null ? '' : ` at ${server}`;
  try {
    const found = (await lookUp(resolver, host, record)).map(same);
    const missing = expect.map(same).filter((one) => !found.includes(one));
    const shown = found
      .slice(0, 5)
      .map((one) => quoted(one))
      .join(', ');
    if (missing.length > 0) {
      return { ok: false, detail: `${host} is ${shown}${at}, expected ${missing.map(quoted).join(', ')}` };
    }
    const others = only ? found.filter((one) => !expect.map(same).includes(one)) : [];
    if (others.length > 0) {
      return { ok: false, detail: `${host} is ${others.slice(0, 5).map(quoted).join(', ')}, too${at}` };
    }
    return { ok: true, detail: `${host} is ${shown}` };
  } catch (error) {
    const words = WORDS[codesOf(error)[0] ?? ''];
    return failed(
      error,
      `${host}: ${words?.(record) ?? `it could not be looked up (${codesOf(error)[0]})`}${at}`,
    );
  }
}

async function lookUp(
  resolver: Resolver,
  host: string,
  record: (typeof TYPES)[number],
): Promise<readonly string[]> {
  if (record === 'MX') return (await resolver.resolveMx(host)).map(({ exchange }) => exchange);
  if (record === 'TXT') return (await resolver.resolveTxt(host)).map((parts) => parts.join(''));
  if (record === 'A') return resolver.resolve4(host);
  if (record === 'AAAA') return resolver.resolve6(host);
  return record === 'NS' ? resolver.resolveNs(host) : resolver.resolveCname(host);
}

const WORDS: Readonly<Record<string, (record: string) => string>> = {
  ENOTFOUND: () => 'there is no such name',
  ENODATA: (record) => `the name has no ${record} record`,
  ESERVFAIL: () => 'the resolver could not find out (SERVFAIL)',
  EREFUSED: () => 'the resolver refuses to answer',
  ETIMEOUT: () => 'the resolver does not answer',
  EBADRESP: () => 'the resolver gave no answer that resolvers give',
  ECONNREFUSED: () => 'the resolver cannot be reached',
};

/** Names have no case and no dot at the end. */
function same(text: string): string {
  return text.toLowerCase().replace(/\.$/, '');
}

function isResolver(text: string): boolean {
  const [, six, four, port = '53'] = /^(?:\[([^\]]{1,64})\]|([\d.]{1,15}))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = isIP(text) === 0 ? (six ?? four ?? '') : text;
  return isIP(host) !== 0 && Number(port) > 0 && Number(port) < 65_536;
}

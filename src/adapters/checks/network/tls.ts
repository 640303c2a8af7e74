import type { PeerCertificate } from 'node:tls';
import { z } from 'zod';
import { durationInWords } from '../../../domain/text/duration.ts';
import { type AdapterContext, Duration } from '../../shared/context.ts';
import { quoted } from '../../shared/expectation.ts';
import { defineKind } from '../../shared/kinds.ts';
import { codesOf } from '../../shared/network-trouble.ts';
import type { Attempt, Check } from '../port.ts';
import { textOf } from '../shared/connection.ts';
import { checkSettings, identityOf } from '../shared/settings.ts';
import { connected, placeInWords, secured, troubleWith } from '../shared/socket.ts';
import { failed, withinTime } from '../shared/within-time.ts';
import { Host, Port } from './place.ts';

const TlsCheckSettings = z
  .strictObject({
    use: z.literal('tls'),
    ...checkSettings('the name of the certificate'),
    host: Host,
    port: Port.default(443),
    'server-name': Host.optional().meta({
      description: 'The name that is asked for and that the certificate must be for; the host by default.',
    }),
    ca: z.string().min(1).optional().meta({
      description: 'A file with the certificates of the authorities to trust, instead of the public ones.',
    }),
    'warn-before': Duration.prefault('14d').meta({
      description: 'So long before the certificate expires the check warns, which is never critical.',
    }),
    'fail-before': Duration.prefault('1d').meta({
      description: 'So long before the certificate expires the check fails.',
    }),
  })
  .refine((settings) => settings['fail-before'] <= settings['warn-before'], {
    error: 'at most warn-before',
    path: ['fail-before'],
  })
  .meta({ description: 'Looks at a certificate: its name, who signed it, and when it expires.' });
type TlsCheckSettings = z.infer<typeof TlsCheckSettings>;

export const tlsCheck = defineKind({ settings: TlsCheckSettings, open: openTlsCheck });

function openTlsCheck(settings: TlsCheckSettings, context: AdapterContext): Check {
  const name = settings['server-name'] ?? settings.host;
  const ca = settings.ca === undefined ? {} : { ca: textOf(settings.ca, context) };
  const named = { host: name, port: settings.port };
  return {
    ...identityOf('tls', settings, name),
    attempt: (_expected, signal) =>
      withinTime(settings.timeout, signal, async (look) => {
        try {
          const socket = await connected(settings, look);
          // Whatever the certificate is, it is looked at; nothing is sent to whoever has it.
          const secure = await secured(socket, { name, verify: false, ...ca }, look);
          const chain = chainOf(secure.getPeerCertificate(true));
          const bad = secure.authorized ? null : String(secure.authorizationError ?? 'unknown error');
          return judge({ chain, name, bad, now: context.now() }, settings, named);
        } catch (error) {
          return failed(error, `${placeInWords(settings)}: ${troubleWith(named, codesOf(error))}`);
        }
      }),
  };
}

interface Shown {
  readonly chain: readonly PeerCertificate[];
  readonly name: string;
  /** Why it is not trusted, as a code. */
  readonly bad: string | null;
  readonly now: number;
}

function judge(
  { chain, name, bad, now }: Shown,
  settings: TlsCheckSettings,
  named: { readonly host: string; readonly port: number },
): Attempt {
  const [own] = chain;
  if (own === undefined) return { ok: false, detail: `${name} shows no certificate` };
  const first = firstToEnd(chain, own, { bad, atLeast: now + settings['fail-before'], now });
  const leftMs = endOf(first) - now;
  const whose =
    first === own ? `the certificate of ${name}` : `the certificate of an authority above ${name}`;
  const date = new Date(endOf(first)).toISOString().slice(0, 10);
  if (!Number.isFinite(leftMs)) return { ok: false, detail: `${whose} does not say when it expires` };
  if (leftMs <= 0) return { ok: false, detail: `${whose} expired on ${date}: renew it` };
  if (bad !== null) return { ok: false, detail: `${wordsFor(bad, named)}${issuedFor(bad, own)}` };
  const soon = `${whose} expires in ${durationInWords(leftMs)} (${date}): renew it`;
  if (leftMs < settings['fail-before'] && first === own) return { ok: false, detail: soon };
  if (leftMs < settings['warn-before']) return { ok: false, warning: true, detail: soon };
  return { ok: true, detail: `${whose} is good for ${durationInWords(leftMs)} (until ${date})` };
}

/**
 * The certificate that ends first, of those that matter. A server may show an authority that nobody needs: in a chain that is
 * trusted one that has ended is none of them, and none comes before a certificate that fails by itself.
 */
function firstToEnd(
  chain: readonly PeerCertificate[],
  own: PeerCertificate,
  { bad, atLeast, now }: { readonly bad: string | null; readonly atLeast: number; readonly now: number },
): PeerCertificate {
  if (bad === null && endOf(own) < atLeast) return own;
  const matters = (one: PeerCertificate) =>
    one === own || (bad === null ? endOf(one) > now : bad === 'CERT_HAS_EXPIRED');
  return chain.filter(matters).reduce((a, b) => (endOf(b) < endOf(a) ? b : a), own);
}

function wordsFor(code: string, named: { readonly host: string; readonly port: number }): string {
  return troubleWith(named, [code]).replace(
    /^the request failed \((.*)\)$/,
    'the certificate is not trusted ($1)',
  );
}

function issuedFor(code: string, { subject, subjectaltname }: PeerCertificate): string {
  if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return '';
  return `, it is for ${quoted(subjectaltname ?? subject?.CN ?? 'nobody')}`;
}

function endOf({ valid_to }: PeerCertificate): number {
  return Date.parse(valid_to);
}

const MOST_LINKS = 10;

/** The certificate and those above it, but for roots: what is trusted by itself does not end for those who trust it. */
function chainOf(own: PeerCertificate & { issuerCertificate?: unknown }): readonly PeerCertificate[] {
  const chain: PeerCertificate[] = [];
  let at: typeof own | undefined = own;
  while (at !== undefined && Object.keys(at).length > 0 && chain.length < MOST_LINKS) {
    const above = at.issuerCertificate as typeof own | undefined;
    const isRoot = above === undefined || above === at || above.fingerprint256 === at.fingerprint256;
    if (chain.length === 0 || !isRoot) chain.push(at);
    if (isRoot) break;
    at = above;
  }
  return chain;
}

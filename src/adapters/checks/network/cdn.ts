import { createHash } from 'node:crypto';
import { ADDRCONFIG } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { z } from 'zod';
import type { Release } from '../../../domain/release/release.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { type Answer, askOnce, resolveHeaders } from '../../shared/http.ts';
import { JsonPath } from '../../shared/json-path.ts';
import { defineKind } from '../../shared/kinds.ts';
import { proxyFor } from '../../shared/network/web-proxy.ts';
import { codesOf } from '../../shared/network-trouble.ts';
import { httpRequest } from '../http.ts';
import type { Attempt, Check } from '../port.ts';
import { identityOf } from '../shared/settings.ts';
import { failed, withinTime } from '../shared/within-time.ts';
import { compareVersion, hasOneProof, ONE_PROOF, proofPlaces } from '../version.ts';

const MOST_EDGES = 32;

const CdnCheckSettings = z
  .strictObject({
    use: z.literal('cdn'),
    ...httpRequest,
    edges: z
      .array(
        z
          .string()
          .refine((text) => isIP(text) !== 0, { error: 'the number of an edge, such as 203.0.113.7' }),
      )
      .min(1)
      .max(MOST_EDGES)
      .optional()
      .meta({ description: 'The edges, by number; all addresses that the name of the host has by default.' }),
    json: JsonPath.optional().meta({ description: 'Where the version or commit stands in a JSON answer.' }),
    ...proofPlaces,
  })
  .refine(hasOneProof, ONE_PROOF)
  .meta({
    description:
      'Asks each edge of a CDN for the same address; all must serve the new release, or, where nothing says which release it is, the same bytes. {version} and {commit} in the address are those of the release; the commit that was built, where a build is promoted.',
  });
type CdnCheckSettings = z.infer<typeof CdnCheckSettings>;

export const cdnCheck = defineKind({ settings: CdnCheckSettings, open: openCdnCheck });

function openCdnCheck(settings: CdnCheckSettings, context: AdapterContext): Check {
  // As visitors ask: a request that wants no cached answer says nothing of what they get.
  const headers = resolveHeaders(settings.headers, context);
  return {
    ...identityOf('cdn', settings, 'cdn'),
    provesRelease: true,
    attempt: (expected, signal) =>
      withinTime(settings.timeout, signal, async (look) => {
        const url = addressFor(settings.url, expected);
        const proxy = proxyFor(url);
        if (proxy !== null) {
          const detail = `edges cannot be asked one by one through the proxy ${proxy.name}: except the host by NO_PROXY`;
          return { ok: false, unasked: true, detail };
        }
        look.waitsFor = 'for all edges to answer';
        const edges = settings.edges ?? (await edgesOf(new URL(url).hostname));
        if (!Array.isArray(edges)) return edges as Attempt;
        const answers = await Promise.all(
          edges.map(async (edge) => ({
            edge,
            answer: await askOnce({
              url,
              headers,
              address: edge,
              timeoutMs: settings.timeout,
              signal: look.signal,
            }),
          })),
        );
        return judge(answers, settings, expected);
      }),
  };
}

/** What a promoted build serves has the commit in its name that was built. */
function addressFor(url: string, { version, commit, build }: Release): string {
  const built = build?.commit ?? commit;
  return url.replaceAll('{version}', encodeURIComponent(version)).replaceAll('{commit}', built);
}

/** All addresses that this machine could reach, or why there are none. */
async function edgesOf(hostname: string): Promise<readonly string[] | Attempt> {
  try {
    const bare = hostname.replace(/^\[|\]$/g, '');
    const found = await lookup(bare, { all: true, hints: ADDRCONFIG });
    return [...new Set(found.map(({ address }) => address))].slice(0, MOST_EDGES);
  } catch (error) {
    const words = codesOf(error).includes('ENOTFOUND')
      ? 'no such host'
      : 'the name could not be looked up just now';
    return failed(error, `${words}: ${hostname}`);
  }
}

interface Edge {
  readonly edge: string;
  readonly answer: Answer;
}

/**
 * What is wrong with one edge is wrong. One that this machine cannot ask leaves the whole unknown; only where it can ask none of
 * the addresses of the name in a family, such as IPv6, those of the other answer for them.
 */
function judge(edges: readonly Edge[], settings: CdnCheckSettings, expected: Release): Attempt {
  const [asked, unasked] = [edges.filter((edge) => !isOwn(edge)), edges.filter(isOwn)];
  const seen = judgeAsked(asked, settings, expected);
  const hasNoFamily = ({ edge }: Edge) => !asked.some((one) => isIP(one.edge) === isIP(edge));
  const isLeftOut = settings.edges === undefined && asked.length > 0 && unasked.every(hasNoFamily);
  const [first] = unasked;
  if (first === undefined || !seen.ok) return seen;
  if (isLeftOut)
    return { ...seen, detail: `${seen.detail} (${unasked.length} of ${edges.length} not asked)` };
  const share = edges.length === 1 ? '' : ` (${unasked.length} of ${edges.length} edges)`;
  const why = wrongOf(first.answer, settings, expected);
  return { ok: false, unasked: true, detail: `edge ${first.edge} could not be asked: ${why}${share}` };
}

function isOwn({ answer }: Edge): boolean {
  return answer.kind !== 'reply' && answer.own === true;
}

function judgeAsked(edges: readonly Edge[], settings: CdnCheckSettings, expected: Release): Attempt {
  const looked = edges.map((one) => ({ ...one, wrong: wrongOf(one.answer, settings, expected) }));
  const bad = looked.filter(({ wrong }) => wrong !== null);
  const [first] = bad;
  if (first !== undefined) {
    const share = edges.length === 1 ? '' : ` (${bad.length} of ${edges.length} edges)`;
    return { ok: false, detail: `edge ${first.edge}: ${first.wrong}${share}` };
  }
  const all = edges.length === 1 ? '1 edge serves' : `${edges.length} edges serve`;
  if (provesVersion(settings)) return { ok: true, detail: `${all} ${expected.version}` };
  const kinds = new Set(edges.map(({ answer }) => fingerprint(answer)));
  return kinds.size <= 1
    ? { ok: true, detail: `${all} the same` }
    : { ok: false, detail: `${edges.length} edges serve ${kinds.size} different answers, expected one` };
}

function provesVersion({ json, header, text }: CdnCheckSettings): boolean {
  return json !== undefined || header !== undefined || text !== undefined;
}

function wrongOf(answer: Answer, settings: CdnCheckSettings, expected: Release): string | null {
  if (answer.kind !== 'reply') return answer.words;
  if (answer.status < 200 || answer.status > 299) return `answered ${answer.status}, expected 2xx`;
  if (!provesVersion(settings)) return answer.cut ? 'the body is longer than 1 MiB' : null;
  const { ok, detail } = compareVersion(answer, settings, expected);
  return ok ? null : detail;
}

function fingerprint(answer: Answer): string {
  return answer.kind === 'reply' ? createHash('sha256').update(answer.body).digest('hex') : '';
}

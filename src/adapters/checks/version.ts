import { z } from 'zod';
import type { Release } from '../../domain/release/release.ts';
import { isSameVersion } from '../../domain/release/version-key.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import type { AdapterContext } from '../shared/context.ts';
import { quoted } from '../shared/expectation.ts';
import { type Answer, askOnce, type HttpReply, resolveHeaders } from '../shared/http.ts';
import { JsonPath, parseJson, valueAt } from '../shared/json-path.ts';
import { defineKind } from '../shared/kinds.ts';
import { httpRequest, unanswered } from './http.ts';
import type { Attempt, Check } from './port.ts';
import { identityOf } from './shared/settings.ts';

/** Where an answer may say which release it is, besides JSON. */
export const proofPlaces = {
  header: z.string().min(1).optional().meta({ description: 'The header that holds the version or commit.' }),
  text: z
    .literal(true)
    .optional()
    .meta({ description: 'The version or commit stands somewhere in the body.' }),
};

interface Proof {
  readonly json?: unknown;
  readonly header?: unknown;
  readonly text?: unknown;
}

export const ONE_PROOF = { error: 'one of json, header and text' };

export function hasOneProof({ json, header, text }: Proof): boolean {
  return [json, header, text].filter((one) => one !== undefined).length <= 1;
}

const VersionCheckSettings = z
  .strictObject({
    use: z.literal('version'),
    ...httpRequest,
    json: z
      .union([JsonPath, z.array(JsonPath).min(1)])
      .optional()
      .meta({ description: 'Where the version or commit stands in a JSON answer; several must all be new.' }),
    ...proofPlaces,
  })
  .refine(hasOneProof, ONE_PROOF)
  .meta({ description: 'Proves that production answers with the new version or commit.' });
type VersionCheckSettings = z.infer<typeof VersionCheckSettings>;

export const versionCheck = defineKind({ settings: VersionCheckSettings, open: openVersionCheck });

function openVersionCheck(settings: VersionCheckSettings, context: AdapterContext): Check {
  const headers = { 'cache-control': 'no-cache', ...resolveHeaders(settings.headers, context) };
  const ask = (signal: AbortSignal) =>
    askOnce({ url: settings.url, headers, timeoutMs: settings.timeout, signal });
  return {
    ...identityOf('version', settings, 'version'),
    provesRelease: true,
    attempt: async (expected, signal) => judge(await ask(signal), settings, expected),
    told: async (signal) => told(await ask(signal), settings),
  };
}

function judge(answer: Answer, settings: VersionCheckSettings, expected: Release): Attempt {
  const latencyMs = Math.round(answer.tookMs);
  if (answer.kind !== 'reply') return { ...unanswered(answer), latencyMs };
  if (answer.status < 200 || answer.status > 299) {
    return { ok: false, detail: `answered ${answer.status}, expected a version`, latencyMs };
  }
  return { ...compareVersion(answer, settings, expected), latencyMs };
}

/** What an answer tells of itself. A body that only mentions a version somewhere tells none. */
function told(answer: Answer, { json, header, text }: VersionCheckSettings): string | null {
  if (answer.kind !== 'reply' || answer.status < 200 || answer.status > 299 || text) return null;
  if (header !== undefined) return wordOf(answer.headers[header.toLowerCase()]);
  const parsed = parseJson(answer);
  return parsed.kind === 'bad'
    ? null
    : wordOf(valueAt(parsed.value, [json ?? 'version'].flat()[0] ?? 'version'));
}

/** A version or commit; null for everything else. */
function wordOf(value: unknown): string | null {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return /^[\w.+-]{1,100}$/.test(text) ? text : null;
}

/** Whether an answer says that it is the release. */
export function compareVersion(
  answer: HttpReply,
  settings: Pick<VersionCheckSettings, 'json' | 'header' | 'text'>,
  expected: Release,
): Attempt {
  if (settings.text) {
    const ok = mentions(answer.body, expected);
    return ok
      ? { ok, detail: `the body says ${expected.version}` }
      : {
          ok,
          detail: `the body mentions neither ${expected.version} nor commit ${commitsOf(expected)[0]?.slice(0, 7)}`,
        };
  }
  if (settings.header !== undefined) {
    return compareValues(
      [[`header ${settings.header}`, answer.headers[settings.header.toLowerCase()]]],
      expected,
    );
  }
  const json = parseJson(answer);
  if (json.kind === 'bad') return { ok: false, detail: json.words };
  const paths = [settings.json ?? 'version'].flat();
  return compareValues(
    paths.map((path) => [path, valueAt(json.value, path)]),
    expected,
  );
}

function compareValues(values: readonly (readonly [string, unknown])[], expected: Release): Attempt {
  for (const [what, value] of values) {
    if (value === undefined || value === null || value === '')
      return { ok: false, detail: `${what} is missing` };
    if (!isRelease(String(value), expected)) {
      return { ok: false, detail: `answered ${bare(value)}, expected ${wanted(String(value), expected)}` };
    }
  }
  return { ok: true, detail: `answered ${values.map(([, value]) => bare(value)).join(', ')}` };
}

/** A promoted build was made before the version was chosen: it is known by its commit. */
function isRelease(text: string, release: Release): boolean {
  const value = text.trim();
  if (value === release.tag || isSameVersion(value.replace(/^v/, ''), release.version)) return true;
  return (
    looksLikeCommit(value) && commitsOf(release).some((commit) => commit.startsWith(value.toLowerCase()))
  );
}

function commitsOf({ build, commit }: Release): readonly string[] {
  return build === undefined ? [commit] : [build.commit, commit];
}

function wanted(value: string, release: Release): string {
  const commit = commitsOf(release)[0]?.slice(0, 7) ?? '';
  if (looksLikeCommit(value)) return commit;
  return release.build === undefined
    ? release.version
    : `${release.version}, or better the commit ${commit}: what was promoted is older than its version`;
}

function looksLikeCommit(value: string): boolean {
  return /^[0-9a-f]{7,64}$/i.test(value);
}

/** The version or commit as a word of its own: 1.3.0 is not mentioned by 11.3.0, 1.3.0-rc.1 or 1.3.0.1. */
function mentions(body: string, release: Release): boolean {
  const words = body.match(/[0-9A-Za-z][0-9A-Za-z.+-]*/g) ?? [];
  return words.some((word) => isRelease(withoutTrailing(word, '.+-'), release));
}

/** A foreign value without quotes when it is harmless. */
function bare(value: unknown): string {
  const text = String(value);
  return /^[\w.+-]{1,64}$/.test(text) ? text : quoted(text);
}

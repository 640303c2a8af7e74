import { z } from 'zod';
import type { LogLine, LogRead } from '../../domain/logs/known.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import { askJson, askText } from '../shared/ask-json.ts';
import { type AdapterContext, SecretRef } from '../shared/context.ts';
import { TokenUrl } from '../shared/http.ts';
import { defineKind } from '../shared/kinds.ts';
import { countedLines, type LogRange, type LogSource, logSettings, rulesOf } from './port.ts';
import { printedLine } from './printed-line.ts';

/** Heroku keeps so many lines of an app, of all that writes any: its dynos, the router and Heroku itself. */
const KEPT = 1_500;
/** Who wrote a line: `app[web.1]: `, `heroku[router]: `. */
const WRITER = /^(\w[\w-]*)\[([^\]\s]+)\]: /;

const HerokuLogSettings = z
  .strictObject({
    use: z.literal('heroku'),
    ...logSettings,
    app: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,29}$/, 'the name of an app')
      .meta({ description: 'Name of the app.' }),
    token: SecretRef.meta({ description: 'A token with the scope read or global.' }),
    matching: z
      .array(z.string().min(2).max(100))
      .min(1)
      .max(20)
      .default(['error', 'Error', 'ERROR', 'fatal', 'FATAL', 'Exception', 'panic'])
      .meta({ description: 'A line with one of these texts is an error.' }),
    dyno: z
      .string()
      .regex(/^[a-z][\w.-]{0,60}$/i, 'a process type or dyno, such as web or web.1')
      .optional()
      .meta({ description: 'Only lines of these dynos.' }),
    api: TokenUrl.default('https://api.heroku.com').meta({ description: 'Address of the API.' }),
  })
  .meta({
    description:
      'Reads the newest 1,500 lines that Heroku keeps of an app (Cedar; Fir apps keep none). A busy app writes them in a minute: a log drain to Loki or Elasticsearch sees more.',
  });
type HerokuLogSettings = z.output<typeof HerokuLogSettings>;

export const herokuLogs = defineKind({ settings: HerokuLogSettings, open: openHerokuLogs });

const Session = z.object({ logplex_url: z.url() });
const Failure = z.object({ message: z.string() });

function openHerokuLogs(settings: HerokuLogSettings, context: AdapterContext): LogSource {
  const name = settings.name ?? 'Heroku';
  const token = context.secret(settings.token.env);
  const common = { source: name, setting: 'logs', timeoutMs: settings.timeout };
  const read = async ({ fromMs, toMs, most }: LogRange, signal?: AbortSignal): Promise<LogRead> => {
    const asked = signal === undefined ? {} : { signal };
    const { logplex_url: url } = await askJson({
      ...common,
      ...asked,
      url: `${withoutTrailing(settings.api, '/')}/apps/${settings.app}/log-sessions`,
      method: 'POST',
      headers: {
        accept: 'application/vnd.heroku+json; version=3',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      // Those of one source or dyno would be picked out of what is kept: how much that was could not be told any more.
      body: JSON.stringify({ lines: KEPT, tail: false }),
      answer: Session,
      reasonIn: (body) => Failure.safeParse(body).data?.message,
    });
    mustBeHeroku(url, settings.api, name);
    const printed = (await askText({ ...common, ...asked, url, headers: {} })).split(/\r?\n/);
    const all = printed.flatMap((line): LogLine[] => printedLine(line, Number.NaN) ?? []);
    const timed = all.filter(({ atMs }) => Number.isFinite(atMs));
    const lines = timed.filter(
      ({ atMs, text }) =>
        atMs >= fromMs &&
        atMs < toMs &&
        isOfApp(text, settings.dyno) &&
        settings.matching.some((one) => text.includes(one)),
    );
    // What was written before the oldest line that is kept is gone.
    const oldest = timed[0]?.atMs ?? 0;
    const isShort = timed.length >= KEPT && oldest > fromMs;
    return {
      lines: lines.slice(-most),
      cut: isShort || lines.length > most,
      ...(isShort ? { sinceMs: oldest } : {}),
    };
  };
  return {
    kind: 'heroku',
    name,
    rules: rulesOf(settings),
    delayMs: settings.delay,
    forgets: true,
    read,
    preflight: (signal) => countedLines(name, read, context.now(), signal),
    link: () => `https://dashboard.heroku.com/apps/${settings.app}/logs`,
  };
}

/** Whether the app itself wrote the line, in one of these dynos. */
function isOfApp(text: string, dyno: string | undefined): boolean {
  const [, source, writer = ''] = WRITER.exec(text) ?? [];
  return source === 'app' && (dyno === undefined || writer === dyno || writer.startsWith(`${dyno}.`));
}

/** The address comes from an answer: it is only followed to Heroku, or to where the API itself is. */
function mustBeHeroku(address: string, api: string, source: string): void {
  const { protocol, hostname, origin } = new URL(address);
  const isHeroku = protocol === 'https:' && /(?:^|\.)(?:heroku|herokai)\.com$/.test(hostname);
  if (isHeroku || origin === new URL(api).origin) return;
  const reason = 'its log session leads to another host';
  throw new Refusal('source-unclear', { source, setting: 'logs', reason });
}

import { durationInWords } from '../../../domain/text/duration.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { NEW_ISSUES } from '../names.ts';
import type { Range } from '../port.ts';
import type { Values } from '../readings.ts';
import { SeriesSource } from '../series-source.ts';
import type { SentryApi, SentrySessions } from './api.ts';
import type { SentrySettings } from './settings.ts';

type Query = 'sessions' | 'crashed' | 'issues';

const DAY_S = 86_400;
const STEP_S = 10;
/** A tick in which an issue is new, in a fifth more of them than before, is worse. */
const ISSUE_RISE = 0.2;

/** Sessions by how they went, and in which ticks an issue was new. */
export class SentrySource extends SeriesSource<Query> {
  /** A session counts when it began, and its crash then too, whenever it is told. */
  readonly isLate: true | undefined;

  constructor(api: SentryApi, settings: SentrySettings, context: AdapterContext) {
    super(
      {
        kind: 'sentry',
        title: 'Sentry',
        delayMs: settings.delay,
        shortestTickMs: STEP_S * 1_000,
        latencyUnitMs: 1,
        ...(settings.sessions ? { total: 'sessions', errors: 'crashed' } : {}),
        counts: settings['new-issues']
          ? { [NEW_ISSUES]: { value: 'issues', above: 0, rise: ISSUE_RISE } }
          : {},
      },
      async (queries, range, signal) => {
        const [sessions, issues] = await Promise.all([
          settings.sessions ? readSessions(api, settings, range, signal) : null,
          settings['new-issues'] ? readIssues(api, range, signal) : null,
        ]);
        const found: Readonly<Record<Query, Values | undefined>> = {
          sessions: sessions?.all,
          crashed: sessions?.crashed,
          issues: issues ?? undefined,
        };
        return Object.fromEntries(
          Object.entries(queries).map(([name, query]) => [name, found[query] ?? new Map()]),
        );
      },
      context,
    );
    this.isLate = settings.sessions && !settings.proves ? true : undefined;
  }

  override async doubt(): Promise<string | null> {
    if (!this.isLate) return null;
    return `Sentry counts a crash when its session began: crashes of sessions that last longer than \`delay\` (${durationInWords(this.delayMs)}) are not seen. So their share may alarm, and is no proof.`;
  }
}

async function readSessions(
  api: SentryApi,
  { crashed }: SentrySettings,
  range: Range,
  signal: AbortSignal | undefined,
): Promise<{ readonly all: Values; readonly crashed: Values }> {
  const intervalMs = intervalOf(range);
  const start = Math.floor(range.fromMs / intervalMs) * intervalMs - intervalMs;
  const end = Math.ceil(range.toMs / intervalMs) * intervalMs;
  const sessions = await api.sessions(start, end, intervalMs, signal);
  return {
    all: sumsOf(sessions, intervalMs, () => true),
    crashed: sumsOf(sessions, intervalMs, (status) => crashed.some((one) => one === status)),
  };
}

/** The longest interval of at most a tick that divides a day and is a multiple of ten seconds, as Sentry wants it. */
function intervalOf({ stepMs }: Range): number {
  let seconds = Math.max(STEP_S, Math.floor(stepMs / 1_000 / STEP_S) * STEP_S);
  while (DAY_S % seconds !== 0) seconds -= STEP_S;
  return seconds * 1_000;
}

function sumsOf(
  { intervals, groups }: SentrySessions,
  intervalMs: number,
  counts: (status: string) => boolean,
): Values {
  const sums = new Map<number, number>();
  for (const [index, text] of intervals.entries()) {
    const start = Date.parse(text);
    if (Number.isNaN(start) || groups.length === 0) continue;
    const values = groups
      .filter(({ by }) => counts(by['session.status']))
      .map(({ series }) => series['sum(session)'][index]);
    // An interval without a number in one of the groups is not known.
    if (values.some((value) => value === undefined || value === null)) continue;
    sums.set(
      start + intervalMs,
      values.reduce<number>((all, value) => all + (value ?? 0), 0),
    );
  }
  return sums;
}

/** How many issues were seen first in each tick, of those ticks that the answer reaches back to. */
async function readIssues(api: SentryApi, range: Range, signal: AbortSignal | undefined): Promise<Values> {
  const { firstSeen, all } = await api.newIssues(range.fromMs, range.toMs, signal);
  const oldest = all ? Number.NEGATIVE_INFINITY : Math.min(...firstSeen);
  const ticks = new Map<number, number>();
  for (let end = range.fromMs + range.stepMs; end <= range.toMs; end += range.stepMs) {
    const start = end - range.stepMs;
    if (start < oldest) continue;
    ticks.set(end, firstSeen.filter((at) => at > start && at <= end).length);
  }
  return ticks;
}

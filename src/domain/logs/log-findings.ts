import { several, whole } from '../judge/format.ts';
import type { MetricFinding } from '../judge/verdict.ts';
import { durationInWords } from '../text/duration.ts';
import { exampleOf } from './example.ts';
import type { LogGroup } from './groups.ts';
import { finder, type KnownLogs } from './known.ts';
import type { LogRules, LogWatch } from './log-watch.ts';

/** Messages that are told one by one; more are counted. */
const MOST_TOLD = 3;
/** A known message has multiplied when five minutes have so many of it, and so many times the worst five before. */
const MULTIPLIED = { atLeast: 20, times: 5 } as const;

/** So long before the deploy tells what is usual; what was seen for a shorter time makes a new message rarer news. */
const USUAL_MS = 60 * 60_000;
/** Of less than this nothing rolls back. */
const SURE_MS = 20 * 60_000;

interface About {
  readonly source: string;
  readonly rules: LogRules;
  /** End of the deployment, ms since the epoch. */
  readonly deployedAt: number;
  readonly link?: string;
}

/** What the logs of a source say of production: in one line, and the most frequent new messages one by one. */
export function logFindings(watch: LogWatch, known: KnownLogs | null, about: About): MetricFinding[] {
  const { source, link } = about;
  const finding = (verdict: MetricFinding['verdict'], reason: string, now?: number): MetricFinding => ({
    metric: `logs in ${source}`,
    verdict,
    ...(now === undefined ? {} : { now }),
    unit: 'count',
    reason,
    ...(link === undefined ? {} : { link }),
  });
  if (known === null) {
    const reason = `What ${source} had before the deploy could not be read${because(watch.why)}: new messages cannot be told from old ones.`;
    return [finding('inconclusive', reason)];
  }
  const fresh = newMessages(watch, known, about.rules);
  const told = fresh.filter(({ counts }) => counts);
  const more = multiplied(watch, known);
  const isCritical = told.some(({ critical }) => critical);
  if (told.length + more.length > 0) {
    return [
      finding(isCritical ? 'critical' : 'warning', inOne(told, more.length, watch), told.length),
      ...told.slice(0, MOST_TOLD).map((one) => inFull(one, about)),
      ...more.slice(0, MOST_TOLD).map((one) => inMore(one, about)),
    ];
  }
  if (watch.silent > 0) {
    const reason = `${source} does not answer${because(watch.why)}: its newest messages are not seen.`;
    return [finding('inconclusive', reason)];
  }
  if (known.full) {
    const reason = `${source} had more kinds of messages before the deploy than can be compared: nothing tells new ones. A narrower query helps.`;
    return [finding('inconclusive', reason)];
  }
  if (watch.left > 0) {
    const reason = `${source} has more kinds of new messages than can be counted: ${several(watch.left, 'line')} of them ${watch.left === 1 ? 'is' : 'are'} not. A narrower query helps, or \`ignore\`.`;
    return [finding('inconclusive', reason)];
  }
  const rare =
    fresh.length === 0
      ? ''
      : ` ${several(fresh.length, 'message')} came fewer than ${fewestOf(known, about.rules)} times${shortly(known)}.`;
  return [finding('healthy', `Nothing new in ${several(watch.lines, 'line')} since the deploy.${rare}`, 0)];
}

interface NewMessage {
  readonly group: LogGroup;
  readonly critical: boolean;
  /** Frequent enough to be told. */
  readonly counts: boolean;
}

/** Those of no known group, critical ones first, then the most frequent. Nothing is new where not all is known. */
function newMessages({ fresh }: LogWatch, known: KnownLogs, rules: LogRules): readonly NewMessage[] {
  const find = finder(known.groups);
  const atLeast = fewestOf(known, rules);
  return fresh
    .filter(({ template }) => find(template.split(' ')) === null)
    .map((group) => {
      const isNamed = rules.critical.some((rule, index) => (group.hits?.[index] ?? 0) >= rule.atLeast);
      // Where not all that was there before is known it may be old: people look, nothing is rolled back by it.
      const critical = isNamed && !known.full && (known.seenMs ?? USUAL_MS) >= SURE_MS;
      return { group, critical, counts: isNamed || (group.count >= atLeast && !known.full) };
    })
    .sort((a, b) => Number(b.critical) - Number(a.critical) || b.group.count - a.group.count);
}

/**
 * So many lines make a message news. What was not seen in a tenth of the usual time has to come ten times as often: a
 * message of a steady rate is then as rarely taken for a new one.
 */
function fewestOf({ seenMs = USUAL_MS }: KnownLogs, { atLeast }: LogRules): number {
  return Math.ceil(atLeast * Math.max(1, USUAL_MS / Math.max(seenMs, 60_000)));
}

function shortly({ seenMs = USUAL_MS }: KnownLogs): string {
  return seenMs >= USUAL_MS ? '' : `, as only ${durationInWords(seenMs)} of before were seen`;
}

interface Multiplied {
  readonly index: number;
  readonly template: string;
  readonly count: number;
  readonly most: number;
}

/** Known messages that are many times as frequent as ever before the deploy; none where not every line was read. */
function multiplied({ recent }: LogWatch, known: KnownLogs): readonly Multiplied[] {
  if (!known.whole) return [];
  const sums = new Map<number, number>();
  for (const { counts } of recent) {
    for (const [index, count] of counts) sums.set(index, (sums.get(index) ?? 0) + count);
  }
  return [...sums]
    .flatMap(([index, count]): Multiplied[] => {
      const group = known.groups[index];
      if (!group || count < MULTIPLIED.atLeast || count <= MULTIPLIED.times * Math.max(1, group.most))
        return [];
      return [{ index, template: group.template, count, most: group.most }];
    })
    .sort((a, b) => b.count - a.count);
}

function inOne(told: readonly NewMessage[], more: number, watch: LogWatch): string {
  const lines = told.reduce((sum, { group }) => sum + group.count, 0);
  const atLeast = watch.cut || watch.left > 0 ? 'at least ' : '';
  const isNew =
    told.length === 0
      ? ''
      : `${several(told.length, 'new message')} since the deploy, ${atLeast}${whole(lines)} ${lines === 1 ? 'line' : 'lines'}.`;
  const isMore =
    more === 0 ? '' : `${several(more, 'known message')} ${more === 1 ? 'has' : 'have'} multiplied.`;
  return [isNew, isMore].filter((part) => part !== '').join(' ');
}

function inFull({ group, critical }: NewMessage, { source, deployedAt, link }: About): MetricFinding {
  const after = Math.max(0, Math.round((group.first - deployedAt) / 1_000) * 1_000);
  const when = after === 0 ? 'right after the deploy' : `${durationInWords(after)} after it`;
  return {
    metric: 'new message',
    verdict: critical ? 'critical' : 'warning',
    now: group.count,
    unit: 'count',
    reason: `${whole(group.count)} × since the deploy, first ${when}: ${group.example}`,
    ...(link === undefined ? {} : { link }),
    news: [`${source}:${group.example.slice(0, 120)}`],
    once: true,
  };
}

function inMore({ index, template, count, most }: Multiplied, { source, link }: About): MetricFinding {
  return {
    metric: 'more of a message',
    verdict: 'warning',
    baseline: most,
    now: count,
    unit: 'count',
    reason: `${whole(count)} × in five minutes, at most ${whole(most)} before: ${exampleOf(template)}`,
    ...(link === undefined ? {} : { link }),
    news: [`${source}:more:${index}`],
    once: true,
  };
}

function because(why: string | null): string {
  return why === null ? '' : ` (${why})`;
}

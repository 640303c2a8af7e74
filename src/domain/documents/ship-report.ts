import type { Judgement, MetricFinding } from '../judge/verdict.ts';
import type { Override } from '../policy/override.ts';
import type { Service } from '../policy/service.ts';
import type { HealthResult } from '../promotion/health.ts';
import type { Hotfix } from '../promotion/hotfix.ts';
import { alsoShips, liveVersion, type Plan } from '../promotion/plan.ts';
import type { Approval } from '../promotion/promotion.ts';
import type { Deployment, Release } from '../release/release.ts';
import type { UserReport } from '../reports/report.ts';
import { isoTime } from '../text/calendar.ts';
import { durationInWords } from '../text/duration.ts';
import { address, code, fenced, link, plain, table } from './markdown.ts';

/** Names of people by Slack user id; an id without a name is shown as it is. */
export type Names = (user: string) => string;

/** Web addresses; whatever is missing is left out. */
export interface ReportLinks {
  readonly release?: string | undefined;
  readonly commit?: string | undefined;
  readonly compare?: string | undefined;
  readonly thread?: string | undefined;
}

/** How the watch ended. */
export interface WatchResult {
  readonly judgement: Judgement;
  /** ms */
  readonly watchedMs: number;
  /** ms since the epoch */
  readonly endedAt: number;
  readonly outcome: 'shipped' | 'rolled-back';
  /** Problems that people reported during the window. */
  readonly reports: number;
  /** The first of them. */
  readonly reported?: readonly UserReport[];
  /** Who accepted a production that was not proven healthy. */
  readonly acceptedBy?: string;
  /** Id of the promotion that is to mend it. */
  readonly hotfix?: string;
}

export interface ShipFacts {
  readonly service: Service;
  readonly plan: Plan;
  readonly release: Release;
  readonly deployment: Deployment;
  readonly health: readonly HealthResult[];
  /** The deployment succeeded only once checks of the target's own had passed. */
  readonly checkedByTarget?: boolean | undefined;
  readonly requestedBy: string;
  /** Name of the token of the API that it was asked with. */
  readonly token?: string | undefined;
  readonly note?: string | undefined;
  /** It mends an earlier release. */
  readonly hotfix?: Hotfix | undefined;
  readonly approvals: readonly Approval[];
  /** Where the glass was broken, oldest first. */
  readonly overrides?: readonly Override[];
  readonly names: Names;
  readonly links: ReportLinks;
  /** What a rollback leaves as it is: "database migrations". */
  readonly notUndone: readonly string[];
  /** Commands that roll back by hand, from a clone of the repository; none where the platform has no such commands. */
  readonly rollbackCommands?: readonly string[];
  /** Absent while the window is open. */
  readonly watch?: WatchResult;
}

/** The text of `production-ship-report.md`. The same facts give the same text; times are ISO, UTC. */
export function shipReport(facts: ShipFacts): string {
  const { plan, service } = facts;
  const title = plan.candidate.feature?.slug ?? service.name;
  const sections = [
    `# Production Ship Report: ${plain(title)}`,
    summary(facts),
    healthChecks(facts.health, facts.checkedByTarget),
    artifacts(facts),
    overridesSection(facts),
    approvals(facts),
    plan.changelog.trim() === '' ? '' : `## Changes\n\n${plan.changelog.trim()}`,
    rollbackProcedure(facts),
    watchSection(facts),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** What is to be watched and, once the window is closed, how that ended. */
export function watchSection(facts: ShipFacts): string {
  return facts.watch ? watchResult(facts, facts.watch) : watchPlan(facts);
}

/** The line that tells the report of one release from that of another. */
export function versionLine({ plan, release }: Pick<ShipFacts, 'plan' | 'release'>): string {
  const was = liveVersion(plan);
  const step = was === null ? 'first release' : `was ${plain(was)}, ${plan.version.bump}`;
  return `${code(release.tag)} (${step})`;
}

function summary(facts: ShipFacts): string {
  const { service, plan, release, deployment, links, requestedBy, token, names, note, hotfix } = facts;
  const url = deployment.url ?? plan.target.url ?? service.links.production;
  const took = durationInWords(deployment.finishedAt - deployment.startedAt);
  return bullets('## Deployment Summary', [
    ['Service', plain(service.name)],
    ['Version', versionLine({ plan, release })],
    ['Also shipped', plan.alsoShips?.length ? plain(alsoShips(plan).join(', ')) : null],
    ['Deployed at', `${isoTime(deployment.finishedAt)} (took ${took})`],
    ['Deployment ID', code(deployment.id)],
    ['Production URL', url ? address(url) : 'not known'],
    ['Release URL', links.release ? address(links.release) : 'this repository has no web page'],
    ['Requested by', plain(names(requestedBy) + (token ? ` with the token ${token}` : ''))],
    ['Hotfix of', hotfix ? hotfixLine(hotfix) : null],
    ['Note', note ? plain(note) : null],
    ['Thread', links.thread ? link('conversation in Slack', links.thread) : null],
  ]);
}

function hotfixLine({ of, fix }: Hotfix): string {
  const using = fix ? `, with ${code(fix.commit)} (${plain(fix.name)})` : '';
  const incident = of.incident ? `, rolled back: ${code(of.incident)}` : '';
  return `${plain(of.version)}${using}${incident}`;
}

export function healthChecks(results: readonly HealthResult[], isByTarget = false): string {
  const rows = results.map((result) => [
    plain(result.name),
    plain(result.kind),
    resultInWords(result),
    plain(result.detail),
    String(result.attempts),
  ]);
  const body =
    rows.length === 0
      ? `${isByTarget ? 'Checked by the target' : 'Nothing was checked'}: this service has no checks of its own.`
      : table(['Check', 'Kind', 'Result', 'Seen', 'Attempts'], rows);
  return `## Health Checks\n\n${body}`;
}

function resultInWords({ ok, critical, unasked }: HealthResult): string {
  if (ok) return '✅ passed';
  if (unasked) return '⚠️ could not be asked';
  return critical ? '❌ failed' : '⚠️ failed, not critical';
}

function artifacts({ plan, release, deployment, links }: ShipFacts): string {
  const { candidate } = plan;
  return bullets('## Deployment Artifacts', [
    ['Git tag', links.release ? link(release.tag, links.release) : code(release.tag)],
    ['Commit SHA', `${code(release.commit)}${links.commit ? ` (${link('open', links.commit)})` : ''}`],
    ['Signature', release.signature ? plain(release.signature) : null],
    ['Candidate', `${code(candidate.commit)} on ${code(candidate.branch)}`],
    [
      'Validated on staging',
      candidate.validated
        ? `${code(candidate.validated.commit)} (${plain(candidate.validated.source)})`
        : null,
    ],
    ['Deployment platform', `${plain(plan.target.name)} (${plain(plan.target.kind)})`],
    ['Deployment log', deployment.logUrl ? link('open', deployment.logUrl) : null],
    ['Commits', `${plan.commits.total}${links.compare ? ` (${link('compare', links.compare)})` : ''}`],
  ]);
}

function approvals({ approvals: votes, plan, names }: ShipFacts): string {
  const valid = votes.filter((vote) => vote.valid && vote.decision === 'approve');
  const needed = `${plan.policy.approvals} needed`;
  if (valid.length === 0) return `## Approvals\n\nNone (${needed}).`;
  const rows = valid.map((vote) => [plain(names(vote.by)), isoTime(vote.at), code(vote.digest.slice(0, 12))]);
  return `## Approvals\n\n${needed}.\n\n${table(['Person', 'Time', 'Digest of the plan'], rows)}`;
}

/** What people shipped over, and whether somebody else has looked at it since. */
function overridesSection({ overrides = [], names }: ShipFacts): string {
  if (overrides.length === 0) return '';
  const rows = overrides.map(({ over, reason, by, at, due, acknowledged }) => [
    isoTime(at),
    plain(over.join('; ')),
    plain(reason),
    plain(names(by)),
    acknowledged
      ? `${plain(names(acknowledged.by))}, ${isoTime(acknowledged.at)}`
      : `not yet acknowledged, due ${isoTime(due)}`,
  ]);
  return `## Broken Glass\n\nThis was shipped in spite of what stood in the way.\n\n${table(
    ['Time (UTC)', 'In spite of', 'Reason', 'By', 'Acknowledged by'],
    rows,
  )}`;
}

function rollbackProcedure(facts: ShipFacts): string {
  const { service, plan, release, notUndone, rollbackCommands = [] } = facts;
  const back = plan.rollbackTo;
  if (back === null) {
    return '## Rollback Procedure\n\nThis was the first release: there is no earlier one to return to.';
  }
  const steps = [
    `In Slack, which also verifies the result, locks the service and writes the incident:\n\n${indent(fenced([`/ship-prod rollback ${service.name} ${back.version}`]))}`,
    rollbackCommands.length > 0
      ? `By hand, when Slack is not there, in a clone of the repository:\n\n${indent(fenced(rollbackCommands, 'bash'))}`
      : `By hand, when Slack is not there: deploy ${code(back.tag)} (${code(back.commit)}) to ${plain(plan.target.name)}.`,
    `Watch the health checks until they pass${service.links.production ? ` at ${address(service.links.production)}` : ''}, and check that production answers with ${plain(back.version)}.`,
  ];
  const tag =
    service.policy.rollbackTag === 'delete'
      ? `A rollback deletes the tag ${code(release.tag)}, as this service is configured.`
      : `The tag ${code(release.tag)} stays: it says what was live.`;
  const undone = notUndone.length > 0 ? ` It does not undo ${plain(notUndone.join(', '))}.` : '';
  return `## Rollback Procedure\n\nReturns to ${code(back.tag)}.${undone} ${tag}\n\n${steps
    .map((step, index) => `${index + 1}. ${step}`)
    .join('\n')}`;
}

function watchPlan({ service }: ShipFacts): string {
  const { monitoring, links } = service;
  const items = [
    `Error rate at most ${percentagePoints(monitoring.errorRateRise)} above the baseline`,
    `Response times at most ${percent(monitoring.latencyRise)} above the baseline`,
    'No critical alert',
    'Background jobs processing normally',
    'No problem reported by users',
  ];
  const until = durationInWords(monitoring.windowMs);
  const board = links.dashboard ? ` Dashboard: ${address(links.dashboard)}.` : '';
  return `## Post-Deployment Monitoring\n\nProduction is watched for ${until}, against the ${durationInWords(
    monitoring.baselineMs,
  )} before the deploy.${board}\n\n${items.map((item) => `- [ ] ${item}`).join('\n')}`;
}

function watchResult({ names }: ShipFacts, watch: WatchResult): string {
  const ended =
    watch.outcome === 'shipped'
      ? `Shipped after ${durationInWords(watch.watchedMs)} of watching`
      : `Rolled back after ${durationInWords(watch.watchedMs)} of watching`;
  const mended = watch.hotfix ? ` A hotfix is to mend it (promotion ${plain(watch.hotfix)}).` : '';
  const accepted = watch.acceptedBy ? ` Accepted by ${plain(names(watch.acceptedBy))}.${mended}` : '';
  const reported =
    watch.reports === 0
      ? 'Nobody reported a problem.'
      : `${watch.reports === 1 ? '1 problem was' : `${watch.reports} problems were`} reported.`;
  return `## Post-Deployment Monitoring\n\n**${ended}** (${isoTime(watch.endedAt)}), verdict: ${watch.judgement.verdict}.${accepted} ${reported}\n\n${findings(watch.judgement)}${reportList(watch.reported ?? [], names)}`;
}

/** Where each was reported, and by whom: what people wrote stays where they wrote it. */
function reportList(reports: readonly UserReport[], names: Names): string {
  if (reports.length === 0) return '';
  const where = { form: 'in the thread', channel: 'in a channel', issue: 'in an issue' } as const;
  const lines = reports.map(
    ({ at, by, place, link: url }) =>
      `- ${isoTime(at)}, ${where[place]}, by ${plain(names(by))}${url ? ` (${link('open', url)})` : ''}`,
  );
  return `\n\n### Reported Problems\n\n${lines.join('\n')}`;
}

export function findings({ findings: all }: Judgement): string {
  if (all.length === 0) return 'There were no measurements.';
  const rows = all.map((finding) => [
    plain(finding.metric),
    finding.verdict,
    figure(finding.baseline, finding.unit),
    figure(finding.now, finding.unit),
    `${plain(finding.reason)}${finding.link === undefined ? '' : ` ${link('open', finding.link.replaceAll('|', '%7C'))}`}`,
  ]);
  return table(['Metric', 'Verdict', 'Before', 'After', 'Why'], rows);
}

/** `- **Name**: value` for every row that has a value. */
export function bullets(heading: string, rows: readonly (readonly [string, string | null])[]): string {
  const lines = rows.flatMap(([name, value]) => (value === null ? [] : [`- **${name}**: ${value}`]));
  return `${heading}\n\n${lines.join('\n')}`;
}

function figure(value: number | undefined, unit: MetricFinding['unit']): string {
  if (value === undefined) return '—';
  if (unit === 'ratio') return percent(value);
  return unit === 'ms' ? `${Math.round(value)} ms` : String(value);
}

/** Ratio → percent with at most two digits behind the point: 0.0105 → `1.05 %`. */
function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))} %`;
}

function percentagePoints(ratio: number): string {
  const points = Number((ratio * 100).toFixed(2));
  return `${points} percentage ${points === 1 ? 'point' : 'points'}`;
}

function indent(block: string): string {
  return block
    .split('\n')
    .map((line) => `   ${line}`)
    .join('\n');
}

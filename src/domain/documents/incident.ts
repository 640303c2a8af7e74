import type { Judgement } from '../judge/verdict.ts';
import type { HealthResult } from '../promotion/health.ts';
import type { Plan } from '../promotion/plan.ts';
import type { RollbackRecord } from '../promotion/promotion.ts';
import { type Deployment, type Release, releaseName } from '../release/release.ts';
import { isoTime } from '../text/calendar.ts';
import { durationInWords } from '../text/duration.ts';
import { type AuditRow, accountOf, isTold } from './audit-words.ts';
import { code, link, plain, table } from './markdown.ts';
import { bullets, findings, healthChecks, type Names, type ReportLinks } from './ship-report.ts';

export interface IncidentFacts {
  readonly service: string;
  /** Absent when the rollback came from outside a promotion. */
  readonly plan?: Plan;
  /** The release of the promotion. */
  readonly release: Release;
  readonly deployment?: Deployment;
  /** What was live when the rollback began; null when nothing was, absent when that is not known. */
  readonly live?: Release | null;
  readonly rollback: RollbackRecord;
  /** Checks that failed, or passed, before the rollback. */
  readonly health?: readonly HealthResult[];
  /** What the monitor saw last before the rollback. */
  readonly judgement?: Judgement;
  /** The audit of the promotion, oldest first. */
  readonly audit: readonly AuditRow[];
  readonly notUndone: readonly string[];
  readonly names: Names;
  readonly links: ReportLinks;
}

/** The document for the post-mortem of a rollback. The same facts give the same text; times are ISO, UTC. */
export function incidentReport(facts: IncidentFacts): string {
  const { service, rollback } = facts;
  const sections = [
    `# Incident: ${plain(service)} ${plain(leftBy(facts).version)} rolled back`,
    summary(facts),
    timeline(facts),
    evidence(facts),
    `## Not Undone by the Rollback\n\n${list(facts.notUndone, 'Nothing is known to be left behind.')}`,
    followUp(facts),
    rollback.health
      ? healthChecks(rollback.health).replace('## Health Checks', '## Health After the Rollback')
      : '',
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/**
 * The file of the incident with this rollback in it. A further rollback is added at its end: what is there, and what
 * people wrote into it, stays byte for byte. Doing it twice changes nothing more.
 */
export function withIncident(before: string | null, facts: IncidentFacts): string {
  if (before === null || before.trim() === '') return incidentReport(facts);
  if (before.includes(startedAt(facts))) return before;
  return `${before}${before.endsWith('\n') ? '' : '\n'}\n---\n\n${incidentReport(facts)}`;
}

/** The release that was left: of the promotion, or what its last rollback had gone to. */
export function leftBy({ release, rollback }: Pick<IncidentFacts, 'release' | 'rollback'>): Release {
  return rollback.after?.release ?? release;
}

function summary(facts: IncidentFacts): string {
  const { service, release, rollback, deployment, names, links, plan } = facts;
  const left = leftBy(facts);
  const { live } = facts;
  const isOther = live !== undefined && live?.commit !== left.commit;
  const since = rollback.after?.at ?? deployment?.finishedAt;
  const exposed =
    since === undefined || rollback.finishedAt === undefined || isOther
      ? null
      : durationInWords(rollback.finishedAt - since);
  return bullets('## Summary', [
    ['Service', plain(service)],
    ['Feature', plan?.candidate.feature ? plain(plan.candidate.feature.slug) : null],
    ['Rolled back', `${code(releaseName(left))} to ${code(releaseName(rollback.to))}`],
    [
      'A further rollback',
      rollback.after
        ? `${code(releaseName(release))} had been rolled back to ${code(releaseName(left))} at ${isoTime(rollback.after.at)}`
        : null,
    ],
    ['Live when it began', isOther ? (live ? code(releaseName(live)) : 'nothing') : null],
    ['Reason', plain(rollback.reason)],
    [
      'Started by',
      rollback.by === null ? 'Slipway, by the policy of this service' : plain(names(rollback.by)),
    ],
    ['Started at', isoTime(rollback.startedAt)],
    ['Finished at', rollback.finishedAt === undefined ? null : isoTime(rollback.finishedAt)],
    [`Production ran ${rollback.after ? code(releaseName(left)) : 'the faulty release'} for`, exposed],
    ['Thread', links.thread ? link('conversation in Slack', links.thread) : null],
    ['Changes', links.compare ? link('compare', links.compare) : null],
  ]);
}

/** The line that no other rollback of the service has. */
function startedAt({ rollback }: IncidentFacts): string {
  return `- **Started at**: ${isoTime(rollback.startedAt)}\n`;
}

function timeline({ audit, rollback, names }: IncidentFacts): string {
  const told = audit.filter(isTold).map((row) => ({
    at: row.at,
    what: accountOf(row),
    by: row.actor === 'slipway' ? null : row.actor,
  }));
  const { finishedAt, to, health } = rollback;
  const isProven = health === undefined || health.length > 0;
  const end =
    finishedAt === undefined
      ? []
      : [
          {
            at: finishedAt,
            what: isProven
              ? `Found production healthy with ${releaseName(to)}`
              : `Had ${releaseName(to)} live again; nothing was checked`,
            by: null,
          },
        ];
  const rows = [...told, ...end]
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, what, by }) => [isoTime(at), plain(what), by === null ? 'Slipway' : plain(names(by))]);
  return `## Timeline\n\n${table(['Time (UTC)', 'What happened', 'By'], rows)}`;
}

/** What was seen of the release of the promotion: of what it was rolled back to there is nothing new. */
function evidence({ health, judgement, rollback }: IncidentFacts): string {
  if (rollback.after) return '';
  const parts = [
    judgement ? `### Metrics\n\nVerdict: ${judgement.verdict}.\n\n${findings(judgement)}` : '',
    health && health.length > 0 ? healthChecks(health).replace('## ', '### ') : '',
  ].filter((part) => part !== '');
  return parts.length > 0 ? `## Evidence\n\n${parts.join('\n\n')}` : '';
}

function followUp({ service, rollback }: IncidentFacts): string {
  const items = [
    'Find the cause and write it down below',
    'Check what the rollback does not undo',
    'Add the check, alert or test that would have caught it on staging',
    `Fix it, deploy to staging and validate again; then ${code(`/ship-prod unlock ${service} because …`)} (it stays on ${releaseName(rollback.to)} until then)`,
  ];
  return `## Follow-up\n\n${items.map((item) => `- [ ] ${item}`).join('\n')}\n\n### Cause\n\n_To be written._`;
}

function list(items: readonly string[], none: string): string {
  return items.length === 0 ? none : items.map((item) => `- ${plain(item)}`).join('\n');
}

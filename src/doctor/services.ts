import type { AlertSource } from '../adapters/alerts/port.ts';
import type { Check } from '../adapters/checks/port.ts';
import type { ConfiguredGate } from '../adapters/gates/port.ts';
import type { LogSource } from '../adapters/logs/port.ts';
import { type MetricSource, mustTell } from '../adapters/metrics/port.ts';
import type { OnCall } from '../adapters/on-call/port.ts';
import type { Repository } from '../adapters/repositories/port.ts';
import type { Target } from '../adapters/targets/port.ts';
import { rightsInWords } from '../domain/policy/policy.ts';
import type { Service } from '../domain/policy/service.ts';
import { likelyTag, withinTag } from '../domain/release/tag-form.ts';
import { findingOf, fine, type Probe, type ProbeFinding, problem, warning } from './finding.ts';

/** Adapters that are opened when asked for, so that a missing secret is a finding of its adapter alone. */
export interface ServicePorts {
  readonly service: Service;
  openRepository(): Repository;
  openTarget(): Target;
  /** Null when the config names no metrics. */
  openMetrics(): MetricSource | null;
  openAlerts(): readonly AlertSource[];
  openLogs(): readonly LogSource[];
  /** Null when the config names nobody. */
  openOnCall(): OnCall | null;
  /** Each opens one check; throws a Refusal when that cannot work as it is set up. */
  readonly checks: readonly (() => Check)[];
  /** Those of the config; opening asks nothing. */
  openGates(): readonly ConfiguredGate[];
}

/** The probes of one service: repository, target, metrics, alerts, logs, checks, gates, and who may do what. */
export function serviceProbes(ports: ServicePorts): readonly Probe[] {
  const area = `service ${ports.service.name}`;
  const part = (name: string, look: (signal: AbortSignal) => Promise<ProbeFinding[]>): Probe => ({
    area,
    look: async (signal) => {
      const findings = await look(signal).catch((error: unknown) => [findingOf(error)]);
      return findings.map((finding) => ({ ...finding, detail: `${name}: ${finding.detail}` }));
    },
  });
  return [
    part('repository', (signal) => repository(ports, signal)),
    part('target', (signal) => target(ports, signal)),
    part('metrics', (signal) => metrics(ports, signal)),
    part('alerts', (signal) => answers(ports.openAlerts(), signal)),
    part('logs', (signal) => answers(ports.openLogs(), signal)),
    part('on-call', (signal) => answers([ports.openOnCall() ?? []].flat(), signal)),
    part('checks', (signal) => checks(ports, signal)),
    part('gates', (signal) => gates(ports, signal)),
    part('reports', (signal) => reports(ports, signal)),
    part('rights', async () => rightsInWords(ports.service.policy).map((line) => fine(line))),
  ];
}

/** Works on the repository of the service, and closes it. */
async function inRepository<T>(
  ports: ServicePorts,
  work: (repository: Repository) => Promise<T>,
): Promise<T> {
  const repository = ports.openRepository();
  try {
    return await work(repository);
  } finally {
    await repository.close();
  }
}

function repository(ports: ServicePorts, signal: AbortSignal): Promise<ProbeFinding[]> {
  const { service } = ports;
  return inRepository(ports, async (repository) => {
    const { branches, tags } = await repository.refs(signal);
    if (branches[service.branch] === undefined) {
      const known = Object.keys(branches).slice(0, 10).join(', ') || 'none';
      return [
        problem(
          `there is no branch ${service.branch} (branches: ${known})`,
          `Set repository.branch of ${service.name} to the branch that releases are cut on.`,
        ),
      ];
    }
    const releases = tags.filter(({ name }) => withinTag(service, name) !== null).length;
    const readable = fine(
      `${service.branch} can be read, ${releases} tags begin with ${service.tagPrefix}${service.tagSuffix ? ` and end with ${service.tagSuffix}` : ''}`,
    );
    const lacking = (await repository.lacking?.(service.branch, signal)) ?? [];
    if (lacking.length > 0) return [readable, ...lacking.map(findingOf)];
    const allowed = repository.lacking ? [fine('the login has all permissions that this service needs')] : [];
    try {
      const known = await repository.writable(service.branch, signal, {
        tag: likelyTag(service),
        deletesTag: service.policy.rollbackTag === 'delete',
      });
      return [readable, ...allowed, fine(known ?? `${service.branch} can be pushed to`)];
    } catch (error) {
      return [readable, ...allowed, findingOf(error)];
    }
  });
}

/** Whether issues can be seen, where the config wants them to count. */
async function reports(ports: ServicePorts, signal: AbortSignal): Promise<ProbeFinding[]> {
  const { service } = ports;
  const labels = service.reports?.issues ?? [];
  if (labels.length === 0) return [];
  return inRepository(ports, async (repository) => {
    if (repository.openedIssues === undefined) {
      return [
        problem(
          'issues cannot be asked for in this repository',
          `Use a repository of a host that has them (use: github), or take reports.issues out of ${service.name}.`,
        ),
      ];
    }
    await repository.openedIssues(labels, Date.now(), signal);
    return [fine(`issues with ${labels.join(', ')} count in the watch`)];
  });
}

async function target(ports: ServicePorts, signal: AbortSignal): Promise<ProbeFinding[]> {
  const opened = ports.openTarget();
  const ready = fine(`${await opened.preflight(signal)}`);
  const live = await opened.live(signal);
  if (live !== null) return [ready, fine(`live is ${live.version ?? live.commit.slice(0, 7)}`)];
  if (opened.kind === 'git-branch') {
    const released = await releaseTags(ports, signal);
    if (released.length > 0) return [unbornBranch(opened.name, ports.service, released)];
  }
  if (opened.livesByRecord === true) return [ready, ...(await unrecorded(ports, signal))];
  return [ready, fine('nothing is deployed yet')];
}

/** The target knows only what was deployed from here: a version check has to tell what is live. */
async function unrecorded(ports: ServicePorts, signal: AbortSignal): Promise<ProbeFinding[]> {
  for (const open of ports.checks) {
    const said = await told(open, signal);
    if (said !== null) return [fine(`live is ${said}, as the version check tells`)];
  }
  if ((await releaseTags(ports, signal)).length === 0) return [fine('nothing is deployed yet')];
  const { name } = ports.service;
  return [
    warning(
      'there are releases, but what is live cannot be told, so promotions are blocked by the gate Rollback target',
      `Set target.live of ${name} to a command that prints the live version, or add a check \`use: version\`.`,
    ),
  ];
}

/** Null also for a check that cannot be opened, which its own probe reports. */
async function told(open: () => Check, signal: AbortSignal): Promise<string | null> {
  try {
    return (await open().told?.(signal)) ?? null;
  } catch {
    return null;
  }
}

/** There are releases, so production runs something, most likely from another branch than the one of the config. */
function unbornBranch(
  name: string,
  { name: service, tagPrefix }: Service,
  tags: readonly string[],
): ProbeFinding {
  const count = tags.length === 1 ? 'one release tag begins' : `${tags.length} release tags begin`;
  return warning(
    `${name} does not exist, though ${count} with ${tagPrefix}: the first deployment makes it, and cannot be rolled back`,
    `If production of ${service} runs from another branch, set target.branch. If not, push what is live to it first, so that there is a way back.`,
  );
}

/** None when the repository cannot be read, which its own probe reports. */
function releaseTags(ports: ServicePorts, signal: AbortSignal): Promise<string[]> {
  const tags = inRepository(ports, async (repository) => (await repository.refs(signal)).tags);
  const names = tags.then((all) => all.map(({ name }) => name));
  return names.then(
    (all) => all.filter((name) => withinTag(ports.service, name) !== null),
    () => [],
  );
}

async function metrics({ service, openMetrics }: ServicePorts, signal: AbortSignal): Promise<ProbeFinding[]> {
  const source = openMetrics();
  if (source === null) {
    const fix = `Add metrics to ${service.name}; \`use: probe\` needs only a URL.`;
    return [
      service.policy.blindMonitor === 'refuse'
        ? problem('none are configured, so every promotion would be blocked', fix)
        : warning('none are configured, so production is not watched', fix),
    ];
  }
  try {
    // Each of several is looked at by itself: what is wrong with one is not said of the others.
    const all = await Promise.all(
      (source.parts ?? [source]).map(async (part) => {
        try {
          mustTell(part, service.monitoring.tickMs);
          const seen = fine(`${await part.preflight(signal)}`);
          const doubt = (await part.doubt?.(signal)) ?? null;
          return doubt === null ? [seen] : [seen, warning(doubt, `See \`metrics\` of ${service.name}.`)];
        } catch (error) {
          return [findingOf(error)];
        }
      }),
    );
    return all.flat();
  } finally {
    await source.close();
  }
}

/** Asks each source once; each has a finding of its own. */
async function answers(
  sources: readonly Pick<AlertSource, 'preflight'>[],
  signal: AbortSignal,
): Promise<ProbeFinding[]> {
  return Promise.all(
    sources.map((source) => source.preflight(signal).then((words) => fine(words), findingOf)),
  );
}

/** Asks each gate about an invented commit: any answer but `unknown` is fine. */
async function gates(ports: ServicePorts, signal: AbortSignal): Promise<ProbeFinding[]> {
  const { service } = ports;
  const opened = ports.openGates();
  if (opened.length === 0) return ciUnseen(ports);
  const question = { service: service.name, commit: '0'.repeat(40), branch: service.branch, by: 'slipway' };
  return Promise.all(
    opened.map(async (gate) => {
      const { verdict, reason, remedy } = await gate.check(question, signal);
      return verdict === 'unknown'
        ? warning(
            `${gate.id} gives no answer about an invented commit: ${reason}`,
            remedy ?? 'See why it gives no answer.',
          )
        : fine(`${gate.id} answers`);
    }),
  );
}

/** With git alone and no gate of their own nobody asks CI; a repository that cannot be opened has its own finding. */
async function ciUnseen(ports: ServicePorts): Promise<ProbeFinding[]> {
  try {
    if ((await inRepository(ports, async ({ kind }) => kind)) !== 'git') return [];
  } catch {
    return [];
  }
  return [
    warning(
      'CI is not looked at, because git alone says nothing of it',
      `Where the repository of ${ports.service.name} is on GitHub or GitLab, write \`use: github\` or \`use: gitlab\`; else add a gate that asks your CI.`,
    ),
  ];
}

/** Of no release: for checks that do not ask which one is live. */
const NO_RELEASE = { version: '0.0.0', tag: 'v0.0.0', commit: '0'.repeat(40) };

async function checks({ service, checks }: ServicePorts, signal: AbortSignal): Promise<ProbeFinding[]> {
  if (checks.length === 0) {
    return [
      warning(
        'none are configured, so nothing proves that production is healthy',
        `Add checks to ${service.name}: at least \`use: http\` on a health address and \`use: version\`.`,
      ),
    ];
  }
  return Promise.all(checks.map((open) => checkOnce(open, signal)));
}

/** Asks a check once, unless only a release can answer it. */
async function checkOnce(open: () => Check, signal: AbortSignal): Promise<ProbeFinding> {
  try {
    const check = open();
    if (check.provesRelease) return fine(`${check.name} is set up, and is asked after a deployment`);
    const { ok, detail } = await check.attempt(NO_RELEASE, signal);
    if (ok) return fine(`${check.name}: ${detail}`);
    const fix =
      'With this, a promotion would end as unhealthy: mend production, or the settings of the check.';
    return warning(`${check.name}: ${detail}`, fix);
  } catch (error) {
    return findingOf(error);
  }
}

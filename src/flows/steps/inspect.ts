import type { GateResult } from '../../domain/gates/gate.ts';
import { policyFor, policyHash } from '../../domain/policy/policy.ts';
import type { Plan } from '../../domain/promotion/plan.ts';
import type { PromotionRequest } from '../../domain/promotion/promotion.ts';
import { Refusal, whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import type { StagingDeployment } from '../../domain/state-file/reading.ts';
import { given } from '../../domain/text/given.ts';
import { GATES, gatesOf } from '../gates/registry.ts';
import { runGates } from '../gates/run-gates.ts';
import { alsoShips } from '../plan/besides.ts';
import { Facts } from '../plan/facts.ts';
import { previewOf, type ReleasePreview } from '../plan/preview.ts';
import type { Ports } from '../run/ports.ts';
import { onlyUnavailable } from '../run/unavailable.ts';

export interface Inspection {
  readonly gates: readonly GateResult[];
  /** Null when too little is known to plan; the gates then say why. */
  readonly plan: Plan | null;
  /** The wished bump is below the evidence and nobody has confirmed that. */
  readonly lowerBump: boolean;
  /** When the commits of the release were made, ms since the epoch; absent in journals of earlier versions. */
  readonly commitTimes?: readonly number[];
}

/** A look that can also tell what would be written, for people to read. */
export interface Preview {
  /** Null when no release would be cut: an existing one is deployed, or the gates say why there is none. */
  preview(): Promise<ReleasePreview | null>;
}

/** One look at everything: all gates and the plan. Changes nothing. */
export function inspect(ports: Ports, request: PromotionRequest): Promise<Inspection & Preview> {
  return look(new Facts(ports, request), async () => {});
}

/**
 * The same for a promotion under way. `onGates` hears of every decision, one call at a time; a call that is overtaken by a
 * newer one is left out. Throws Unavailable when nothing keeps the gates from passing but something outside that does not
 * answer: what people approved is not void for that, it is asked again. `asked`: what people are asked about: its gates have
 * passed before.
 */
export async function inspectOrWait(
  ports: Ports,
  request: PromotionRequest,
  onGates: OnGates,
  asked: Plan | null,
): Promise<Inspection & Preview> {
  const facts = new Facts(ports, request, asked);
  const seen = await look(facts, onGates);
  const outage = onlyUnavailable(seen.gates, facts.unavailable);
  if (outage) throw outage;
  return seen;
}

type OnGates = (gates: readonly GateResult[]) => Promise<void>;

async function look(facts: Facts, onGates: OnGates): Promise<Inspection & Preview> {
  const teller = newestOnly(onGates);
  const gates = await runGates(gatesOf(facts.ports, GATES, facts.request), facts, teller.tell);
  await teller.done();
  // The gates have asked for the same facts: one that cannot be had now makes its gate `unknown`, which says why.
  const plan = await planOf(facts).catch(whenRefusedOrAway(null));
  const lowerBump = await facts.release().then(
    () => false,
    (error: unknown) => error instanceof Refusal && error.code === 'bump-below-evidence',
  );
  const { commitTimes } = plan === null ? { commitTimes: [] } : await facts.release();
  return {
    gates,
    plan,
    lowerBump,
    commitTimes,
    preview: () => previewOf(facts).catch(whenRefusedOrAway(null)),
  };
}

async function planOf(facts: Facts): Promise<Plan> {
  const { service, target } = facts.ports;
  const [base, feature, release, rollbackTo, build, between] = await Promise.all([
    facts.base(),
    facts.feature(),
    facts.release(),
    facts.rollbackTo(),
    target.promotes ? facts.build() : null,
    alsoShips(facts),
  ]);
  const { reading, folder, stateFile } = feature;
  const { validatedCommit: at, stagingDeployment } = reading;
  const policy = policyFor(service.policy, facts.request.by);
  const staging = stagingDeployment.kind === 'value' ? stagingDeployment.value : null;
  return {
    service: service.name,
    candidate: {
      commit: base,
      branch: service.branch,
      feature: { slug: folder.slug, dir: folder.dir },
      stateFile,
      ...given({
        validated: at.kind === 'value' ? { commit: at.value, source: at.source } : undefined,
        build: build ?? undefined,
        staging: staging ? filled(staging) : undefined,
      }),
    },
    version: release.version,
    release: release.release,
    changelog: release.changelog,
    files: release.files,
    commits: release.commits,
    ...(service.policy.excludeAuthors ? { authors: await facts.authors() } : {}),
    target: { kind: target.kind, name: target.name, ...given({ url: target.url || undefined }) },
    ...given({ stages: service.stages }),
    rollbackTo,
    ...between,
    policy: {
      approvals: policy.approvals,
      hash: policyHash(service.policy),
      ...(policy === service.policy ? {} : { pipeline: true }),
    },
  };
}

/** As much of it as there is. */
function filled({
  url,
  deploymentId,
  deployedAt,
}: StagingDeployment): NonNullable<Plan['candidate']['staging']> {
  return given({
    url: url || undefined,
    deploymentId: deploymentId || undefined,
    deployedAt: deployedAt || undefined,
  });
}

/** Calls `work` with the newest value, never twice at the same time. */
function newestOnly<T>(work: (value: T) => Promise<void>) {
  let waiting: { value: T } | null = null;
  let busy: Promise<void> | null = null;
  const go = async () => {
    while (waiting) {
      const { value } = waiting;
      waiting = null;
      await work(value);
    }
    busy = null;
  };
  return {
    tell: (value: T): void => {
      waiting = { value };
      busy ??= go();
    },
    done: async (): Promise<void> => {
      await busy;
    },
  };
}

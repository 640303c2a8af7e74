import { z } from 'zod';
import { shareInWords } from '../../../domain/release/stages.ts';
import { imagesOf, Notes, ObjectMeta, PodTemplate } from '../kubernetes/workload.ts';

const Step = z.object({
  setWeight: z.int().nullish(),
  pause: z.object({ duration: z.union([z.string(), z.number()]).nullish() }).nullish(),
});

/** A Rollout of argoproj.io/v1alpha1, as far as it is followed; what is zero or empty is left out. */
export const ArgoRollout = z.object({
  metadata: ObjectMeta,
  spec: z.object({
    replicas: z.int().nullish(),
    paused: z.boolean().nullish(),
    selector: z.object({ matchLabels: Notes }).nullish(),
    workloadRef: z.object({ kind: z.string().nullish(), name: z.string().nullish() }).nullish(),
    template: PodTemplate.nullish(),
    strategy: z
      .object({
        canary: z
          .object({
            steps: z.array(Step).nullish(),
            trafficRouting: z.object({ maxTrafficWeight: z.int().positive().nullish() }).nullish(),
          })
          .nullish(),
        blueGreen: z
          .object({
            autoPromotionEnabled: z.boolean().nullish(),
            autoPromotionSeconds: z.int().nullish(),
          })
          .nullish(),
      })
      .nullish(),
  }),
  status: z
    .object({
      // A text, since 0.9 kept a hash in it.
      observedGeneration: z.string().nullish(),
      phase: z.string().nullish(),
      message: z.string().nullish(),
      currentPodHash: z.string().nullish(),
      stableRS: z.string().nullish(),
      currentStepIndex: z.int().nullish(),
      controllerPause: z.boolean().nullish(),
      pauseConditions: z.array(z.object({ reason: z.string() })).nullish(),
      abort: z.boolean().nullish(),
      promoteFull: z.boolean().nullish(),
    })
    .nullish(),
});
export type ArgoRollout = z.infer<typeof ArgoRollout>;

export type ArgoRolloutState =
  /** `unseen`: the controller has not taken in what was asked of it. */
  | { readonly kind: 'unseen' | 'running' }
  /** Nothing is under way: all pods are of one template. */
  | { readonly kind: 'whole' }
  /**
   * `step`: its place in the steps, or null outside of them; `lasts`: ends by itself after that long, else somebody has to
   * end it.
   */
  | { readonly kind: 'paused'; readonly step: number | null; readonly lasts: string | null }
  /** `aborted`: production has the pods of before; the template asks for others. */
  | { readonly kind: 'aborted' | 'degraded'; readonly reason: string };

/** How it stands, as the controller of Argo Rollouts 1.0 and later says it. */
export function stateOf({ metadata, spec, status }: ArgoRollout): ArgoRolloutState {
  if (status?.observedGeneration !== String(metadata.generation)) return { kind: 'unseen' };
  const { phase, currentPodHash, stableRS } = status;
  const reason = status.message?.trim() || 'no reason was given';
  if (status.abort) return { kind: 'aborted', reason };
  if (phase === 'Degraded') return { kind: 'degraded', reason };
  const pauses = status.pauseConditions?.length ?? 0;
  // The pause was ended, and the controller has not gone on yet.
  if (status.controllerPause && pauses === 0) return { kind: 'unseen' };
  if (phase === 'Paused' || spec.paused) {
    const isStep = status.pauseConditions?.some((one) => one.reason === 'CanaryPauseStep');
    const step = isStep ? (status.currentStepIndex ?? 0) : null;
    const isOther = status.pauseConditions?.some((one) => one.reason === 'BlueGreenPause');
    const lasts =
      step === null ? isOther && promotedAfter(spec) : spec.strategy?.canary?.steps?.[step]?.pause?.duration;
    return { kind: 'paused', step, lasts: lasts ? inWords(lasts) : null };
  }
  return { kind: phase === 'Healthy' && currentPodHash === stableRS ? 'whole' : 'running' };
}

/** The seconds after which the new pods of a blue/green rollout are promoted by themselves; null: somebody has to. */
function promotedAfter({ strategy }: ArgoRollout['spec']): number | null {
  const { autoPromotionEnabled, autoPromotionSeconds } = strategy?.blueGreen ?? {};
  return autoPromotionEnabled === false ? null : autoPromotionSeconds || null;
}

/** `10m`, or a number of seconds. */
function inWords(duration: string | number): string {
  return /^\d+$/.test(String(duration)) ? `${duration}s` : String(duration);
}

/** How many of its steps lie before the first pause that nobody has ended yet. */
export function stepsPassed({ spec, status }: ArgoRollout): number {
  const before = (spec.strategy?.canary?.steps ?? []).slice(0, status?.currentStepIndex ?? 0);
  return before.findLastIndex(({ pause }) => pause && (pause.duration ?? null) === null) + 1;
}

/** Shares of the requests at which its steps wait for somebody, with the places of these steps. */
export function pausesOf({ spec }: ArgoRollout): ReadonlyMap<number, number> {
  const pauses = new Map<number, number>();
  const { steps, trafficRouting } = spec.strategy?.canary ?? {};
  const whole = trafficRouting?.maxTrafficWeight ?? 100;
  let share: number | null = null;
  for (const [place, { setWeight, pause }] of (steps ?? []).entries()) {
    share = setWeight == null ? share : (100 * setWeight) / whole;
    if (share !== null && pause && (pause.duration ?? null) === null && !pauses.has(share))
      pauses.set(share, place);
  }
  return pauses;
}

/** " It waits at 5 %, 25 %.", or nothing. */
export function waitsAt(found: ArgoRollout): string {
  const shares = [...pausesOf(found).keys()].map(shareInWords);
  return shares.length > 0 ? ` It waits at ${shares.join(', ')}.` : '';
}

/** Why it cannot have this share, in percent: without traffic routing a share is a number of pods; null when it can. */
export function cannotSplit({ metadata, spec }: ArgoRollout, share: number): string | null {
  const pauses = pausesOf({ metadata, spec });
  if (!pauses.has(share)) {
    const has = [...pauses.keys()].map(shareInWords).join(', ') || 'none';
    return `its steps do not wait at ${shareInWords(share)} (a setWeight and a pause without a duration), only at: ${has}`;
  }
  const pods = spec.replicas ?? 1;
  if (spec.strategy?.canary?.trafficRouting || (pods * share) / 100 >= 1) return null;
  return `without trafficRouting ${shareInWords(share)} of ${pods} pods is less than one pod`;
}

/** That it lacks one of these containers; null where it has all, or takes them from elsewhere. */
export function lacksContainer(
  { metadata, spec }: ArgoRollout,
  containers: readonly string[],
): string | null {
  const images = imagesOf(spec.template);
  const missing = containers.find((name) => !images.has(name));
  if (missing === undefined || spec.workloadRef) return null;
  return `rollout ${metadata.name} has no container ${missing}, only ${[...images.keys()].join(', ')}`;
}

/** Why a new image would not be rolled out; null when nothing stands in the way. */
export function standsInTheWay({ metadata, spec }: ArgoRollout): string | null {
  const name = `rollout ${metadata.name}`;
  if (spec.workloadRef) {
    const { kind = 'workload', name: of } = spec.workloadRef;
    return `${name} takes its pods from the ${kind} ${of}; name containers that stand in the rollout itself`;
  }
  return spec.paused ? `${name} is paused; set its spec.paused to false` : null;
}

/** Images of some containers, in their order. */
export function imagesNamed(
  images: ReadonlyMap<string, string>,
  names: readonly string[],
): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name, images.get(name) ?? '']));
}

/** Where it is paused, and how it goes on. */
export function waitsWhere(
  { metadata, spec }: ArgoRollout,
  namespace: string,
  { step, lasts }: Extract<ArgoRolloutState, { kind: 'paused' }>,
): string {
  const { name } = metadata;
  const steps = spec.strategy?.canary?.steps?.length ?? 0;
  const at = step === null ? '' : ` at step ${step + 1} of ${steps}`;
  if (lasts !== null) return `rollout ${name} waits ${lasts}${at}, and goes on by itself`;
  const where = step === null ? 'is paused' : `waits${at}`;
  return `rollout ${name} ${where} until somebody promotes it: \`kubectl argo rollouts promote ${name} --namespace ${namespace}\``;
}

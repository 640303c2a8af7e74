import { z } from 'zod';
import { Duration } from '../../shared/context.ts';
import { HttpUrl } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import { KubernetesApi } from '../kubernetes/api.ts';
import { Cluster, ClusterSettings } from '../kubernetes/cluster.ts';
import { KubeName } from '../kubernetes/kubernetes.ts';
import type { Target } from '../port.ts';
import { imageNames, imageSettings, promoting } from '../shared/image-settings.ts';
import { RolloutsApi } from './api.ts';
import { ArgoRolloutsTarget } from './argo-rollouts-target.ts';

export const ArgoRolloutsSettings = z
  .strictObject({
    use: z.literal('argo-rollouts'),
    cluster: ClusterSettings.prefault({}),
    namespace: KubeName.meta({ description: 'Namespace of the rollout.' }),
    rollout: KubeName.meta({ description: 'The Rollout that runs the service.' }),
    containers: z
      .array(KubeName)
      .min(1)
      .meta({ description: 'Containers and init containers of it that get the image.' }),
    ...imageSettings('ghcr.io/acme/shop:{tag}'),
    url: HttpUrl.optional().meta({ description: 'Where production answers.' }),
    deadline: Duration.prefault('1h').meta({
      description: 'A rollout that takes longer has failed, with the pauses of its own steps.',
    }),
  })
  .meta({
    description:
      'Sets the image of a Rollout of Argo Rollouts and follows it through its steps. `stages` are steps that wait: a setWeight with that share, and a pause without a duration.',
  });
export type ArgoRolloutsSettings = z.infer<typeof ArgoRolloutsSettings>;

export const argoRolloutsTarget = defineKind({ settings: ArgoRolloutsSettings, open: openArgoRollouts });

export function openArgoRollouts(settings: ArgoRolloutsSettings, context: TargetContext): Target {
  const { namespace, rollout, image } = settings;
  const cluster = new Cluster(settings.cluster, context);
  const rollouts = new RolloutsApi(cluster, namespace, rollout);
  const names = imageNames(image, context);
  const pods = new KubernetesApi(cluster, namespace);
  const target = new ArgoRolloutsTarget(settings, { rollouts, pods, names, now: context.now });
  return promoting(target, settings);
}

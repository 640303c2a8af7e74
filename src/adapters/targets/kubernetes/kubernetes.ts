import { z } from 'zod';
import { Duration } from '../../shared/context.ts';
import { HttpUrl } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { Target } from '../port.ts';
import { imageNames, imageSettings, promoting } from '../shared/image-settings.ts';
import { KubernetesApi } from './api.ts';
import { Cluster, ClusterSettings } from './cluster.ts';
import { KubernetesTarget } from './kubernetes-target.ts';

export const KubeName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/, 'a name as Kubernetes has them, such as shop');

export const KubernetesSettings = z
  .strictObject({
    use: z.literal('kubernetes'),
    cluster: ClusterSettings.prefault({}),
    namespace: KubeName.meta({ description: 'Namespace of the workloads.' }),
    workloads: z
      .array(
        z.strictObject({
          kind: z.enum(['deployment', 'statefulset']).default('deployment'),
          name: KubeName,
          containers: z
            .array(KubeName)
            .min(1)
            .meta({ description: 'Containers and init containers that get the image.' }),
        }),
      )
      .min(1)
      .max(20)
      .meta({ description: 'What runs the service, changed in this order.' }),
    ...imageSettings('ghcr.io/acme/shop:{tag}'),
    url: HttpUrl.optional().meta({ description: 'Where production answers.' }),
    deadline: Duration.prefault('15m').meta({ description: 'A rollout that takes longer has failed.' }),
  })
  .meta({
    description: 'Sets the image of Deployments and StatefulSets in Kubernetes, and follows the rollout.',
  });
export type KubernetesSettings = z.infer<typeof KubernetesSettings>;

export const kubernetesTarget = defineKind({ settings: KubernetesSettings, open: openKubernetes });

export function openKubernetes(settings: KubernetesSettings, context: TargetContext): Target {
  const { cluster, namespace, image } = settings;
  const api = new KubernetesApi(new Cluster(cluster, context), namespace);
  const names = imageNames(image, context);
  const target = new KubernetesTarget(settings, api, names, context.now);
  return promoting(target, settings);
}

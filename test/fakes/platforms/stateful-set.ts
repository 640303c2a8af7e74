import { createHash } from 'node:crypto';

interface FakePod {
  readonly name: string;
  readonly uid: string;
  readonly revision: string;
  readonly notes: Readonly<Record<string, string>>;
  readonly images: Readonly<Record<string, string>>;
  /** Never gets ready. */
  readonly isBroken: boolean;
  isReady: boolean;
  /** When it got what it is, ms. */
  readonly since: number;
}

interface Template {
  readonly name: string;
  readonly replicas: number;
  readonly images: Readonly<Record<string, string>>;
  readonly podNotes: Readonly<Record<string, string>>;
}

/**
 * The pods of a StatefulSet and what its controller does about them, one thing at each look, as the documentation of
 * Kubernetes has it ("Rolling Updates", "Forced rollback"; the order of steps is that of its stateful_set_control). With the
 * policy OrderedReady it goes through the pods from the first one on and does nothing more as long as one of them is not ready,
 * whatever revision that is of; only then it deletes the last one that is of another revision. With Parallel it does not wait.
 */
export class FakeStatefulSet {
  policy: 'OrderedReady' | 'Parallel' | undefined;
  pods: (FakePod | undefined)[] = [];
  current = '';
  clock: () => number = () => Date.now();
  readonly #broken = new Set<string>();
  #made = 0;

  /** All pods are of that template, and ready. */
  settle(template: Template): void {
    this.current = revisionOf(template);
    this.pods = Array.from({ length: template.replicas }, (_, ordinal) => ({
      ...this.#pod(template, ordinal),
      isReady: true,
    }));
  }

  /** No pod of this template gets ready. */
  breaks(template: Template): void {
    this.#broken.add(revisionOf(template));
  }

  /** True when all pods have come to be of the template with this step. */
  step(template: Template): boolean {
    const update = revisionOf(template);
    for (const pod of this.pods) if (pod && !pod.isBroken) pod.isReady = true;
    for (let ordinal = 0; ordinal < template.replicas; ordinal++) {
      const pod = this.pods[ordinal];
      if (!pod) this.pods[ordinal] = this.#pod(template, ordinal);
      if (this.policy !== 'Parallel' && !pod?.isReady) return false;
    }
    for (let ordinal = template.replicas - 1; ordinal >= 0; ordinal--) {
      const pod = this.pods[ordinal];
      if (pod?.revision !== update) {
        this.pods[ordinal] = undefined;
        return false;
      }
      if (!pod.isReady) return false;
    }
    const isNew = this.current !== update;
    this.current = update;
    return isNew;
  }

  delete(name: string): void {
    this.pods = this.pods.map((pod) => (pod?.name === name ? undefined : pod));
  }

  status(template: Template): Readonly<Record<string, string | number>> {
    const all = this.pods.filter((pod) => pod !== undefined);
    const counts = {
      replicas: all.length,
      readyReplicas: all.filter(({ isReady }) => isReady).length,
      availableReplicas: all.filter(({ isReady }) => isReady).length,
      updatedReplicas: all.filter(({ revision }) => revision === revisionOf(template)).length,
    };
    // What is zero is left out, but for the first.
    const some = Object.entries(counts).filter(([name, count]) => count > 0 || name === 'replicas');
    return {
      ...Object.fromEntries(some),
      currentRevision: this.current,
      updateRevision: revisionOf(template),
    };
  }

  shown(of: string, waiting: { readonly reason: string; readonly message: string }): readonly unknown[] {
    return this.pods
      .filter((pod) => pod !== undefined)
      .map((pod) => ({
        metadata: {
          name: pod.name,
          uid: pod.uid,
          labels: { app: of, 'controller-revision-hash': pod.revision },
          annotations: pod.notes,
          ownerReferences: [
            { apiVersion: 'apps/v1', kind: 'StatefulSet', name: of, uid: `uid-${of}`, controller: true },
          ],
        },
        status: {
          phase: pod.isReady ? 'Running' : 'Pending',
          conditions: [
            {
              type: 'Ready',
              status: pod.isReady ? 'True' : 'False',
              lastTransitionTime: new Date(pod.since).toISOString().replace(/\.\d+Z$/, 'Z'),
            },
          ],
          containerStatuses: Object.entries(pod.images).map(([name, image]) => ({
            name,
            image,
            imageID: '',
            ready: pod.isReady,
            restartCount: 0,
            ...(pod.isBroken && name === 'web' && waiting.reason !== '' ? { state: { waiting } } : {}),
          })),
        },
      }));
  }

  #pod(template: Template, ordinal: number): FakePod {
    const { name, images, podNotes } = template;
    this.#made++;
    return {
      name: `${name}-${ordinal}`,
      uid: `uid-${name}-${ordinal}-${this.#made}`,
      revision: revisionOf(template),
      notes: { ...podNotes },
      images: { ...images },
      isBroken: this.#broken.has(revisionOf(template)),
      isReady: false,
      since: this.clock(),
    };
  }
}

function revisionOf({ name, images, podNotes }: Template): string {
  const text = JSON.stringify([images, podNotes]);
  return `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 10)}`;
}

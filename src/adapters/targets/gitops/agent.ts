import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { type AdapterContext, Duration, SecretRef } from '../../shared/context.ts';
import { TokenUrl } from '../../shared/http.ts';
import { type Call, PlatformApi, path } from '../../shared/platform/api.ts';
import { Cluster, ClusterSettings } from '../kubernetes/cluster.ts';
import { KubeName } from '../kubernetes/kubernetes.ts';
import { tokenAccount } from '../platforms/account.ts';
import {
  type AgentStatus,
  ArgoApplication,
  argoStatus,
  deployedRevisions,
  hasLooked,
  revisionsIn,
  syncsByItself,
} from './argo-status.ts';
import {
  appliedCommit,
  appliedRevision,
  attemptedCommit,
  FluxKustomization,
  fluxStatus,
  provesHealth,
} from './flux-status.ts';

export const ArgoSettings = z
  .strictObject({
    url: TokenUrl.meta({ description: 'Address of Argo CD.' }),
    token: SecretRef,
    application: KubeName.meta({ description: 'The Application that has the file.' }),
    namespace: KubeName.optional().meta({ description: 'Its namespace, where Argo CD has them in several.' }),
    sync: z.boolean().default(false).meta({
      description: 'Whether Slipway starts the sync of an Application that does not sync by itself.',
    }),
    timeout: Duration.prefault('20s').meta({ description: 'The longest that one request may take.' }),
  })
  .meta({ description: 'Waits until Argo CD says Synced and Healthy at that commit.' });

export const FluxSettings = z
  .strictObject({
    cluster: ClusterSettings.prefault({}),
    namespace: KubeName.default('flux-system'),
    kustomization: KubeName.meta({ description: 'The Kustomization that has the file.' }),
  })
  .meta({ description: 'Waits until Flux says that this commit is applied and Ready.' });

/** What brings a repository into a cluster. */
export interface Agent {
  readonly name: string;
  readonly url?: string;
  /** A sentence; Refusal `target-misconfigured` when the branch would never be deployed. */
  preflight(branch: WatchedBranch, signal?: AbortSignal): Promise<string>;
  /** The commits that it has deployed, of whatever repositories. */
  deployed(signal?: AbortSignal): Promise<readonly string[]>;
  /** `since`: when the order began, ms since the epoch; failures from long before are not its own. */
  follow(isOurs: IsOurs, since: number): Promise<AgentStatus>;
  /** Tries once more what it has given up on; for a commit that is there already. */
  tryAgain?(isOurs: IsOurs): Promise<void>;
}
/** The branch that is written to. */
export interface WatchedBranch {
  readonly name: string;
  /** The branch that HEAD leads to; null where nobody says. */
  readonly head: () => Promise<string | null>;
}
/** Whether a revision has what an order wants. */
type IsOurs = (revision: string) => Promise<boolean>;

export class ArgoAgent implements Agent {
  readonly name: string;
  readonly url: string;
  readonly #settings: z.infer<typeof ArgoSettings>;
  readonly #api: PlatformApi;
  readonly #now: () => number;

  constructor(settings: z.infer<typeof ArgoSettings>, context: AdapterContext) {
    const { url, application, namespace } = settings;
    this.name = `Argo CD application ${application}`;
    this.url = new URL(path`/applications/${namespace ?? 'argocd'}/${application}`, url).href;
    this.#settings = settings;
    this.#api = new PlatformApi(tokenAccount('Argo CD', { ...settings, api: url }, context));
    this.#now = context.now;
  }

  async preflight({ name: branch, head }: WatchedBranch, signal?: AbortSignal): Promise<string> {
    const app = await this.#application({ signal });
    const { source, sources } = app.spec ?? {};
    const followed = (sources?.length ? sources : [source]).map((one) => one?.targetRevision || 'HEAD');
    if (!followed.some((one) => one.replace('refs/heads/', '') === branch)) {
      const name = followed.includes('HEAD') ? await head() : '';
      // Of a repository that does not say it, HEAD may be the branch.
      const words = followed.map((one) => (one === 'HEAD' && name ? `HEAD (${name})` : one));
      if (name !== null && name !== branch)
        throw this.#wrong(`it follows ${words.join(' and ')}, and not the branch ${branch}`);
    }
    if (!syncsByItself(app) && !this.#settings.sync)
      throw this.#wrong('it does not sync by itself; turn auto-sync on, or set `argo.sync: true`');
    return `${this.name} is ${app.status?.sync?.status ?? 'Unknown'} and ${app.status?.health?.status ?? 'Unknown'}.`;
  }

  async deployed(signal?: AbortSignal): Promise<readonly string[]> {
    return deployedRevisions(await this.#application({ signal }));
  }

  /** What it has not seen, or not looked at since the sync, it is asked to look at: else that takes minutes. */
  async follow(isOurs: IsOurs): Promise<AgentStatus> {
    let app = await this.#application({});
    let ours = await oursOf(revisionsIn(app.status?.sync), isOurs);
    if (!app.operation && (ours.size === 0 || !hasLooked(app))) {
      app = await this.#application({ refresh: 'normal' });
      ours = await oursOf(revisionsIn(app.status?.sync), isOurs);
    }
    for (const one of await oursOf(revisionsIn(app.status?.operationState?.syncResult), isOurs))
      ours.add(one);
    const status = argoStatus(app, (revision) => ours.has(revision), this.#now());
    if (!status.needsSync || !this.#settings.sync) return status;
    await this.#sync(app.status?.sync?.revision);
    return { state: 'running', detail: 'Argo CD was asked to sync' };
  }

  /** Neither a sync that failed nor what it has left OutOfSync is tried again at the same commit. */
  async tryAgain(isOurs: IsOurs): Promise<void> {
    const app = await this.#application({});
    const { sync, operationState } = app.status ?? {};
    const hasFailed = /^(?:Failed|Error)$/.test(operationState?.phase ?? '');
    const isLeft = this.#settings.sync && !syncsByItself(app) && sync?.status === 'OutOfSync';
    if (app.operation || !(hasFailed || isLeft)) return;
    const tried = isLeft ? sync : operationState?.syncResult;
    const [revision] = await oursOf(revisionsIn(tried), isOurs);
    // Where it syncs by itself Argo CD refuses every revision but that of the branch, which is what it takes without one.
    if (revision !== undefined) await this.#sync(syncsByItself(app) ? null : tried?.revision);
  }

  async #sync(revision: string | null | undefined): Promise<void> {
    await this.#api.call({
      ...this.#call('sync the application', 'sync'),
      method: 'POST',
      path: path`/api/v1/applications/${this.#settings.application}/sync`,
      body: { ...this.#namespace(), ...(revision ? { revision } : {}) },
      reply: z.object({}),
    });
  }

  async #application(ask: { readonly signal?: AbortSignal | undefined; readonly refresh?: 'normal' }) {
    const { value } = await this.#api.call({
      ...this.#call('read the application', 'get'),
      path: path`/api/v1/applications/${this.#settings.application}`,
      query: { ...this.#namespace(), refresh: ask.refresh },
      reply: ArgoApplication,
      signal: ask.signal,
    });
    return value;
  }

  #namespace(): { readonly appNamespace?: string } {
    const { namespace } = this.#settings;
    return namespace === undefined ? {} : { appNamespace: namespace };
  }

  #call(doing: string, action: string): Pick<Call<unknown>, 'doing' | 'needs' | 'what'> {
    const { application } = this.#settings;
    const needs = `the policy \`applications, ${action}\` for it (Argo CD says this also of what is not there)`;
    return { doing: `${doing} ${application}`, needs, what: `the application ${application}` };
  }

  #wrong(reason: string): Refusal {
    return new Refusal('target-misconfigured', { target: this.name, reason });
  }
}

const NO_HEALTH =
  'It has neither `wait: true` nor `healthChecks`, so Ready says that a commit is applied, and not that its pods are well.';

export class FluxAgent implements Agent {
  readonly name: string;
  readonly #settings: z.infer<typeof FluxSettings>;
  readonly #cluster: Cluster;

  constructor(settings: z.infer<typeof FluxSettings>, context: AdapterContext) {
    this.name = `Flux kustomization ${settings.kustomization}`;
    this.#settings = settings;
    this.#cluster = new Cluster(settings.cluster, context);
  }

  async preflight(_branch: WatchedBranch, signal?: AbortSignal): Promise<string> {
    const kustomization = await this.#kustomization(signal);
    if (kustomization.spec?.suspend) {
      throw new Refusal('target-misconfigured', {
        target: this.name,
        reason: 'it is suspended; `flux resume` it',
      });
    }
    const applied = `${this.name} has applied ${appliedRevision(kustomization) ?? 'nothing yet'}.`;
    return provesHealth(kustomization) ? applied : `${applied} ${NO_HEALTH}`;
  }

  async deployed(signal?: AbortSignal): Promise<readonly string[]> {
    const commit = appliedCommit(await this.#kustomization(signal));
    return commit === null ? [] : [commit];
  }

  async follow(isOurs: IsOurs, since: number): Promise<AgentStatus> {
    const kustomization = await this.#kustomization();
    const commits = [appliedCommit(kustomization), attemptedCommit(kustomization)];
    const revisions = commits.filter((one) => one !== null);
    const ours = await oursOf(revisions, isOurs);
    return fluxStatus(kustomization, (revision) => ours.has(revision), since);
  }

  async #kustomization(signal?: AbortSignal): Promise<FluxKustomization> {
    const { namespace, kustomization } = this.#settings;
    const api = await this.#cluster.api();
    const { value } = await api.call({
      path: path`/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespace}/kustomizations/${kustomization}`,
      reply: FluxKustomization,
      doing: `read the Kustomization ${kustomization}`,
      needs: 'the verb get on kustomizations (kustomize.toolkit.fluxcd.io) of the namespace',
      what: `the Kustomization ${kustomization} in the namespace ${namespace}`,
      signal,
    });
    return value;
  }
}

async function oursOf(revisions: readonly string[], isOurs: IsOurs): Promise<Set<string>> {
  const ours = new Set<string>();
  for (const revision of revisions) if (await isOurs(revision)) ours.add(revision);
  return ours;
}

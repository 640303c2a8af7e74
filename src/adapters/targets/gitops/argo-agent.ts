import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import { type AdapterContext, Duration, SecretRef } from '../../shared/context.ts';
import { TokenUrl } from '../../shared/http.ts';
import { type Call, PlatformApi, path } from '../../shared/platform/api.ts';
import { KubeName } from '../kubernetes/kubernetes.ts';
import { tokenAccount } from '../platforms/account.ts';
import { short } from '../shared/words.ts';
import {
  type Agent,
  type AgentStatus,
  type FollowedOrder,
  type IsOurs,
  oursOf,
  type WatchedBranch,
} from './agent.ts';
import {
  ArgoApplication,
  deployedRevisions,
  revisionsIn,
  sourcesOf,
  syncsByItself,
} from './argo-application.ts';
import { argoStatus, hasLooked, keepsWaiting, runsInstead } from './argo-status.ts';
import { overriddenBy, type WrittenPlace } from './overrides.ts';
import { SyncWindows, stoppedBy } from './sync-windows.ts';

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

export class ArgoAgent implements Agent {
  readonly name: string;
  readonly #settings: z.infer<typeof ArgoSettings>;
  readonly #api: PlatformApi;
  readonly #written: WrittenPlace;
  readonly #now: () => number;
  #namespaceSeen = 'argocd';

  constructor(settings: z.infer<typeof ArgoSettings>, written: WrittenPlace, context: AdapterContext) {
    const { url, application } = settings;
    this.name = `Argo CD application ${application}`;
    this.#settings = settings;
    this.#api = new PlatformApi(tokenAccount('Argo CD', { ...settings, api: url }, context));
    this.#written = written;
    this.#now = context.now;
  }

  get url(): string {
    const { url, application, namespace = this.#namespaceSeen } = this.#settings;
    return `${withoutTrailing(url, '/')}${path`/applications/${namespace}/${application}`}`;
  }

  async preflight(branch: WatchedBranch, signal?: AbortSignal): Promise<string> {
    const app = await this.#application({ signal });
    await this.#mustFollow(app, branch);
    if (!syncsByItself(app) && !this.#settings.sync)
      throw this.#wrong('it does not sync by itself; turn auto-sync on, or set `argo.sync: true`');
    const reason = this.#overridden(app) ?? (await this.#stopped(app, signal));
    if (reason !== null) throw this.#wrong(reason);
    const { sync, health } = app.status ?? {};
    const state = `${this.name} is ${sync?.status ?? 'Unknown'} and ${health?.status ?? 'Unknown'}.`;
    const doubts = [keepsWaiting(app), await this.#readsElsewhere(app, branch)];
    return [state, ...doubts.filter((one) => one !== null)].join(' ');
  }

  /** Refusal where nothing of the branch would be deployed. */
  async #mustFollow(app: ArgoApplication, { name: branch, head }: WatchedBranch): Promise<void> {
    if (app.spec?.sourceHydrator) {
      const reason = 'its `sourceHydrator` deploys commits of its own, in which the file is not to be found';
      throw this.#wrong(`${reason}; name an Application that reads the file itself`);
    }
    const followed = sourcesOf(app).map(({ targetRevision }) => targetRevision || 'HEAD');
    if (!followed.some((one) => one.replace('refs/heads/', '') === branch)) {
      const name = followed.includes('HEAD') ? await head() : '';
      // Of a repository that does not say it, HEAD may be the branch.
      const words = followed.map((one) => (one === 'HEAD' && name ? `HEAD (${name})` : one));
      if (name !== null && name !== branch)
        throw this.#wrong(`it follows ${words.join(' and ')}, and not the branch ${branch}`);
    }
  }

  /** That none of what it has deployed can be read in the repository: a sentence; else null. */
  async #readsElsewhere(app: ArgoApplication, { has }: WatchedBranch): Promise<string | null> {
    const revisions = deployedRevisions(app);
    if (revisions.length === 0 || (await oursOf(revisions, has)).size > 0) return null;
    const seen = revisions.map(short).join(' and ');
    return `It has deployed ${seen}, where ${this.#written.file} is not to be found in this repository: does it read another one?`;
  }

  /** Why a sync window would not let it sync now; null where none does. */
  async #stopped(app: ArgoApplication, signal: AbortSignal | undefined): Promise<string | null> {
    const windows = await this.#api.find({
      ...this.#call('read the sync windows of', 'get'),
      path: path`/api/v1/applications/${this.#settings.application}/syncwindows`,
      query: this.#namespace(),
      reply: SyncWindows,
      signal,
    });
    return windows && stoppedBy(windows, syncsByItself(app));
  }

  async deployed(signal?: AbortSignal): Promise<readonly string[]> {
    return deployedRevisions(await this.#application({ signal }));
  }

  /** What it has not seen, or not looked at since the sync, it is asked to look at: else that takes minutes. */
  async follow({ isOurs, value }: FollowedOrder): Promise<AgentStatus> {
    let app = await this.#application({});
    let ours = await oursOf(revisionsIn(app.status?.sync), isOurs);
    if (!app.operation && (ours.size === 0 || !hasLooked(app))) {
      app = await this.#application({ refresh: 'normal' });
      ours = await oursOf(revisionsIn(app.status?.sync), isOurs);
    }
    for (const one of await oursOf(revisionsIn(app.status?.operationState?.syncResult), isOurs))
      ours.add(one);
    const status = argoStatus(app, (revision) => ours.has(revision), this.#now());
    if (status.state === 'done') return this.#proven(app, value) ?? status;
    if (!status.needsSync || !this.#settings.sync) return status;
    return { state: 'running', detail: await this.#sync(app.status?.sync?.revision) };
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

  /** Why what it is in sync with may not be what was written; null when nothing speaks against it. */
  #proven(app: ArgoApplication, value: string): AgentStatus | null {
    const overridden = this.#overridden(app);
    if (overridden !== null) return { state: 'failed', detail: overridden };
    const { place } = this.#written;
    const other = place.kind === 'kustomize' ? runsInstead(app, place.image, value) : null;
    return other === null
      ? null
      : { state: 'running', detail: `it is Synced and Healthy, but its pods have ${other}` };
  }

  #overridden(app: ArgoApplication): string | null {
    const how = overriddenBy(sourcesOf(app), this.#written);
    return how && `it ${how}, so what ${this.#written.file} says is not deployed; take that away`;
  }

  /** What it does then, in words. */
  async #sync(revision: string | null | undefined): Promise<string> {
    try {
      await this.#api.call({
        ...this.#call('sync the application', 'sync'),
        method: 'POST',
        path: path`/api/v1/applications/${this.#settings.application}/sync`,
        body: { ...this.#namespace(), ...(revision ? { revision } : {}) },
        reply: z.object({}),
      });
      return 'Argo CD was asked to sync';
    } catch (error) {
      const said = error instanceof Refusal ? String(error.facts['said']) : '';
      if (/operation is already in progress/.test(said)) return 'Argo CD is at another operation';
      if (/blocked by sync window/.test(said)) return 'it waits for its sync window';
      throw error;
    }
  }

  async #application(ask: { readonly signal?: AbortSignal | undefined; readonly refresh?: 'normal' }) {
    const { value } = await this.#api.call({
      ...this.#call('read the application', 'get'),
      path: path`/api/v1/applications/${this.#settings.application}`,
      query: { ...this.#namespace(), refresh: ask.refresh },
      reply: ArgoApplication,
      signal: ask.signal,
    });
    this.#namespaceSeen = value.metadata?.namespace ?? this.#namespaceSeen;
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

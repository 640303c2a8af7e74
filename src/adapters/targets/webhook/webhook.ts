import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Build, Live, Release } from '../../../domain/release/release.ts';
import { type AdapterContext, Duration, SecretRef } from '../../shared/context.ts';
import { Headers, HttpUrl, resolveHeaders } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import { type Call, PlatformApi, type Reply } from '../platforms/platform-api.ts';
import { liveBefore, mustNotHaveMoved, running, short } from '../platforms/platform-order.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { orderBody, type Progress, readLive, readProgress, signed, type WebhookOrder } from './protocol.ts';

const SHORTEST_SECRET = 16;

export const WebhookSettings = z
  .strictObject({
    use: z.literal('webhook'),
    url: HttpUrl.meta({
      description: 'Where orders to deploy and to roll back are posted. See docs/webhook-target.md.',
    }),
    live: HttpUrl.meta({ description: 'Asked for what is live: JSON with commit and version.' }),
    check: HttpUrl.optional().meta({
      description: 'Asked, by a post that must change nothing, whether a release could be deployed now.',
    }),
    secret: SecretRef,
    headers: Headers.default({}).meta({ description: 'More headers, such as the token of a gateway.' }),
    promotes: z.boolean().default(false).meta({
      description:
        'Whether it deploys what was built and validated for staging, instead of the release commit.',
    }),
    cancel: z.boolean().default(false).meta({
      description: 'Whether a DELETE of the status address stops a deployment.',
    }),
    production: HttpUrl.optional().meta({ description: 'Where production answers.' }),
    timeout: Duration.prefault('15s').meta({ description: 'The longest that one request may take.' }),
    deadline: Duration.prefault('30m').meta({ description: 'A deployment that takes longer has failed.' }),
    'not-undone': z
      .array(z.string().min(1))
      .default([])
      .meta({ description: 'What a rollback there does not undo, besides migrations.' }),
  })
  .meta({
    description: 'Deploys by a signed request to a receiver of your own: Argo CD, Spinnaker, Jenkins, …',
  });
export type WebhookSettings = z.infer<typeof WebhookSettings>;

export const webhookTarget = defineKind({ settings: WebhookSettings, open: openWebhook });

export function openWebhook(settings: WebhookSettings, context: AdapterContext): Target {
  const secret = context.secret(settings.secret.env);
  const name = `webhook ${new URL(settings.url).host}`;
  if (secret.length < SHORTEST_SECRET) {
    const reason = `the secret in ${settings.secret.env} is shorter than ${SHORTEST_SECRET} characters`;
    throw new Refusal('target-misconfigured', { target: name, reason });
  }
  const headers = resolveHeaders(settings.headers, context);
  const api = new PlatformApi({
    platform: `The receiver at ${new URL(settings.url).host}`,
    base: '',
    headers,
    sign: (body) => signed(secret, body, context.now()),
    proof: 'signature',
    tokenName: settings.secret.env,
    secrets: [secret, ...Object.values(headers).filter((value) => value.length >= SHORTEST_SECRET)],
    timeoutMs: settings.timeout,
    now: context.now,
  });
  const target = new WebhookTarget(settings, name, api, context);
  const more = {
    ...(settings.cancel ? { cancel: target.stop.bind(target) } : {}),
    ...(settings.promotes ? { promotes: true } : {}),
    ...(settings.promotes && settings.check ? { promotable: target.mustBePromotable.bind(target) } : {}),
  };
  return Object.assign(target, more);
}

/**
 * The receiver knows every order by its key: the same key is the same deployment, however often it is posted. So an
 * order whose answer was lost is simply posted again.
 */
class WebhookTarget implements Target {
  readonly kind = 'webhook';
  readonly name: string;
  readonly url?: string;
  readonly notUndone: readonly string[];
  readonly #settings: WebhookSettings;
  readonly #api: PlatformApi;
  readonly #context: AdapterContext;

  constructor(settings: WebhookSettings, name: string, api: PlatformApi, context: AdapterContext) {
    this.name = name;
    if (settings.production !== undefined) this.url = settings.production;
    this.notUndone = settings['not-undone'];
    this.#settings = settings;
    this.#api = api;
    this.#context = context;
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    const live = await this.live(signal);
    const { host } = new URL(this.#settings.live);
    return live === null
      ? `${host} answers to the signature; nothing is live yet.`
      : `${host} answers to the signature, and says that ${live.version ?? short(live.commit)} is live.`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    const { live } = this.#settings;
    const { value } = await this.#call({ path: live, doing: 'say what is live', what: live, signal });
    return readLive(this.name, value);
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    if (this.#settings.check === undefined) return 'It goes through the same request as every deployment.';
    const { version, tag, commit, build = null } = release;
    const refused = (reason: string) =>
      new Refusal('release-not-deployable', { tag: tag || version, reason });
    return this.#check({ version, tag, commit, build }, refused, signal);
  }

  async mustBePromotable(build: Build, signal?: AbortSignal): Promise<string> {
    const { commit } = build;
    const refused = (reason: string) => new Refusal('build-missing', { platform: this.name, commit, reason });
    return this.#check({ version: null, tag: null, commit, build }, refused, signal);
  }

  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    const { url } = this.#settings;
    const live = await liveBefore(order, () => this.live());
    if (live !== 'unsaid') mustNotHaveMoved(this.name, order, live);
    const reply = await this.#call({
      method: 'POST',
      path: url,
      headers: { 'idempotency-key': key },
      body: orderBody(order, key),
      doing: order.kind === 'rollback' ? 'roll back' : 'deploy',
      what: url,
    });
    const progress = readProgress(this.name, reply.value);
    const status = progress.status ?? (reply.status === 202 ? 'running' : 'succeeded');
    const statusUrl = this.#statusUrl(progress.statusUrl ?? reply.headers['location']);
    if (status === 'running' && statusUrl === null) {
      const reason = 'it is running, but there is no statusUrl to follow it at';
      throw new Refusal('webhook-not-understood', { receiver: this.name, reason });
    }
    return {
      id: progress.id ?? key,
      startedAt: this.#context.now(),
      state: {
        statusUrl,
        // What has ended with the first answer is not asked for again.
        ended: status === 'running' ? null : JSON.stringify({ ...progress, status }),
      },
    };
  }

  async follow(_order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { statusUrl, ended } = handle.state;
    if (typeof ended === 'string') return this.#statusOf(readProgress(this.name, JSON.parse(ended)), handle);
    const path = String(statusUrl);
    const { value, headers } = await this.#call({ path, doing: 'say how the deployment goes', what: path });
    const status = this.#statusOf(readProgress(this.name, value), handle);
    const wanted = Number(headers['retry-after']) * 1_000;
    if (status.kind !== 'running' || !(wanted > 0)) return status;
    return { ...status, askAgainMs: Math.min(wanted, 60_000) };
  }

  async stop(handle: DeployHandle): Promise<void> {
    const { statusUrl } = handle.state;
    if (typeof statusUrl !== 'string') return;
    await this.#call({ method: 'DELETE', path: statusUrl, doing: 'stop the deployment', what: statusUrl });
  }

  #statusOf(progress: Progress, handle: DeployHandle): DeployStatus {
    const { status = 'running', detail, url = this.url, logUrl, log } = progress;
    const now = this.#context.now();
    if (status === 'running') {
      return running(handle, now, detail ?? 'the receiver is at it', logUrl, this.#settings.deadline);
    }
    const where = logUrl === undefined ? {} : { logUrl };
    if (status === 'failed') {
      const reason = detail ?? 'The receiver says that it failed, and not why.';
      return { kind: 'failed', reason, ...where, ...(log && log.length > 0 ? { log } : {}) };
    }
    const site = url === undefined ? {} : { url };
    const id = progress.id ?? handle.id;
    const times = { startedAt: handle.startedAt, finishedAt: now };
    return { kind: 'succeeded', deployment: { id, ...site, ...where, ...times } };
  }

  /** Signed requests go where the config says, not where an answer says. */
  #statusUrl(given: string | undefined): string | null {
    if (given === undefined) return null;
    const { url } = this.#settings;
    const resolved = URL.canParse(given, url) ? new URL(given, url) : null;
    if (resolved?.origin === new URL(url).origin) return resolved.href;
    const reason = 'its statusUrl leads to another host than the order went to';
    throw new Refusal('webhook-not-understood', { receiver: this.name, reason });
  }

  async #check(
    what: Pick<WebhookOrder, 'version' | 'tag' | 'commit' | 'build'>,
    refused: (reason: string) => Refusal,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const { check = '' } = this.#settings;
    const { service } = this.#context;
    const body: WebhookOrder = { kind: 'check', service, ...what, previous: null, key: null };
    try {
      const { value } = await this.#call({
        method: 'POST',
        path: check,
        body,
        doing: 'check a release',
        what: check,
        signal,
      });
      const { detail } = readProgress(this.name, value);
      if (detail === undefined) return 'The receiver says that it can be deployed.';
      return `The receiver says: ${detail}${/[.!?]$/.test(detail) ? '' : '.'}`;
    } catch (error) {
      const isNo = error instanceof Refusal && /^platform-(not-found|refused)$/.test(error.code);
      if (!isNo) throw error;
      throw refused(String(error.facts['said'] ?? '') || 'the receiver says no, and not why');
    }
  }

  #call(call: Omit<Call<unknown>, 'reply' | 'needs'>): Promise<Reply<unknown>> {
    const needs = 'to be known to the receiver';
    return this.#api.call({ ...call, reply: z.unknown(), needs });
  }
}

import { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Build, Live, Release } from '../../../domain/release/release.ts';
import type { AdapterContext } from '../../shared/context.ts';
import type { Call, PlatformApi, PlatformReply } from '../../shared/platform/api.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { liveBefore, mustNotHaveMoved } from '../shared/order.ts';
import { failed, running, succeeded } from '../shared/status.ts';
import { short } from '../shared/words.ts';
import { orderBody, type Progress, readable, readLive, readProgress, type WebhookOrder } from './protocol.ts';

interface Options {
  /** Where orders are posted. */
  readonly url: string;
  readonly live: string;
  readonly check?: string | undefined;
  /** Where production answers. */
  readonly production?: string | undefined;
  /** ms */
  readonly deadline: number;
  readonly 'not-undone': readonly string[];
  readonly percent: boolean;
}

/**
 * The receiver knows every order by its key: the same key is the same deployment, however often it is posted. So an
 * order whose answer was lost is simply posted again.
 */
export class WebhookTarget implements Target {
  readonly kind = 'webhook';
  readonly splits: boolean;
  readonly name: string;
  readonly url?: string;
  readonly notUndone: readonly string[];
  readonly #settings: Options;
  readonly #api: PlatformApi;
  readonly #context: AdapterContext;

  constructor(settings: Options, name: string, api: PlatformApi, context: AdapterContext) {
    this.name = name;
    if (settings.production !== undefined) this.url = settings.production;
    this.splits = settings.percent;
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
    return { id: readable(reply.value).id ?? key, startedAt: this.#context.now(), state: this.#begun(reply) };
  }

  async follow(_order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { statusUrl, ended, unclear } = handle.state;
    if (typeof unclear === 'string') throw this.#notUnderstood(unclear);
    if (typeof ended === 'string') return this.#statusOf(readProgress(this.name, JSON.parse(ended)), handle);
    const path = String(statusUrl);
    const asked = await this.#call({ path, doing: 'say how the deployment goes', what: path }).catch(
      (error: unknown) => this.#late(handle, error),
    );
    if ('kind' in asked) return asked;
    const { value, headers } = asked;
    const status = this.#statusOf(readProgress(this.name, value), handle);
    const wanted = Number(headers['retry-after']) * 1_000;
    if (status.kind !== 'running' || !(wanted > 0)) return status;
    return { ...status, askAgainMs: Math.min(wanted, 60_000) };
  }

  /** An address that does not answer, or with something else, is waited for until the deadline only. */
  #late(handle: DeployHandle, error: unknown): DeployStatus {
    if (!(error instanceof Unavailable)) throw error;
    const status = this.#unfinished(handle, error.message);
    if (status.kind === 'running') throw error;
    return status;
  }

  async stop(handle: DeployHandle): Promise<void> {
    const { statusUrl, unclear } = handle.state;
    if (typeof statusUrl !== 'string') {
      if (typeof unclear === 'string') throw this.#notUnderstood(unclear);
      return;
    }
    await this.#call({ method: 'DELETE', path: statusUrl, doing: 'stop the deployment', what: statusUrl });
  }

  /**
   * What became of an order that the receiver took. Also an answer that is not understood (`unclear`: why) is no refusal: the
   * receiver may be at it.
   */
  #begun({ status: code, value, headers }: PlatformReply<unknown>): DeployHandle['state'] {
    const { status: said, statusUrl: named } = readable(value);
    // With any other answer it may be the page of the release.
    const isFollowed = code === 201 || code === 202 || said === 'running';
    const address = named || (isFollowed ? headers['location'] : undefined);
    const statusUrl = address ? this.#ownAddress(address) : null;
    try {
      const progress = readProgress(this.name, value);
      const status = progress.status ?? (code === 202 || address ? 'running' : 'succeeded');
      // What has ended with the first answer is not asked for again.
      if (status !== 'running') return { statusUrl, ended: JSON.stringify({ ...progress, status }) };
      if (statusUrl !== null) return { statusUrl, ended: null };
      const reason = address
        ? 'its statusUrl leads to another host than the order went to'
        : 'it is running, but there is no statusUrl to follow it at';
      return { statusUrl, ended: null, unclear: reason };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { statusUrl, ended: null, unclear: String(error.facts['reason']) };
    }
  }

  #statusOf(progress: Progress, handle: DeployHandle): DeployStatus {
    const { status, detail, url = this.url, logUrl, log } = progress;
    if (!status || status === 'running')
      return this.#unfinished(handle, detail ?? 'the receiver is at it', logUrl);
    if (status === 'failed') {
      return failed(detail ?? 'The receiver says that it failed, and not why.', { logUrl, log });
    }
    const now = this.#context.now();
    return succeeded(progress.id ?? handle.id, handle.startedAt, now, { url, logUrl });
  }

  #unfinished(handle: DeployHandle, detail: string, logUrl?: string): DeployStatus {
    return running(handle, this.#context.now(), detail, logUrl, this.#settings.deadline);
  }

  /** Signed requests go where the config says, not where an answer says: null for another host. */
  #ownAddress(given: string): string | null {
    const { url } = this.#settings;
    const resolved = URL.canParse(given, url) ? new URL(given, url) : null;
    return resolved?.origin === new URL(url).origin ? resolved.href : null;
  }

  #notUnderstood(reason: string): Refusal {
    return new Refusal('webhook-not-understood', { receiver: this.name, reason });
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
      const { detail } = readable(value);
      if (detail === undefined) return 'The receiver says that it can be deployed.';
      return `The receiver says: ${detail}${/[.!?]$/.test(detail) ? '' : '.'}`;
    } catch (error) {
      const isNo = error instanceof Refusal && /^platform-(not-found|refused)$/.test(error.code);
      if (!isNo) throw error;
      throw refused(String(error.facts['said'] ?? '') || 'the receiver says no, and not why');
    }
  }

  #call(call: Omit<Call<unknown>, 'reply' | 'needs'>): Promise<PlatformReply<unknown>> {
    const needs = 'to be known to the receiver';
    return this.#api.call({ ...call, reply: z.unknown(), needs });
  }
}

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { keptSecret } from '../../../domain/text/redaction.ts';
import { type AdapterContext, Duration, SecretRef } from '../../shared/context.ts';
import { TokenUrl } from '../../shared/http.ts';
import { PlatformApi } from '../../shared/platform/api.ts';
import { readKubeconfig } from './kubeconfig.ts';

/** Where Kubernetes puts what a pod needs to reach the API, and which variables name its address. */
const POD = '/var/run/secrets/kubernetes.io/serviceaccount';

export const ClusterSettings = z
  .strictObject({
    api: TokenUrl.optional().meta({ description: 'Address of the API server; goes with `token`.' }),
    token: SecretRef.optional().meta({ description: 'Token of a service account.' }),
    ca: z.string().min(1).optional().meta({
      description: 'File with the certificate of the authority that the API server is known by (PEM).',
    }),
    kubeconfig: z.string().min(1).optional().meta({ description: 'A kubeconfig file, instead of `api`.' }),
    context: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'The context in it; its current one by default.' }),
    timeout: Duration.prefault('15s').meta({ description: 'The longest that one request may take.' }),
  })
  .refine(
    ({ api, token, kubeconfig }) => (api === undefined) === (token === undefined) && !(api && kubeconfig),
    {
      error: 'api with token, or kubeconfig, or neither, for the cluster that Slipway itself runs in',
    },
  )
  .meta({ description: 'How the API of the cluster is reached; left out: as a pod of that cluster.' });
export type ClusterSettings = z.infer<typeof ClusterSettings>;

interface Login {
  readonly api: string;
  readonly token: string | null;
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly secrets: readonly string[];
  /** Where the token comes from, for messages. */
  readonly from: string;
}

/**
 * The API of a cluster. Files are read for each question: tokens of pods are renewed every hour. Refusal
 * `target-misconfigured` for files that are missing or not understood.
 */
export class Cluster {
  readonly #settings: ClusterSettings;
  readonly #context: AdapterContext;

  constructor(settings: ClusterSettings, context: AdapterContext) {
    this.#settings = settings;
    this.#context = context;
    if (settings.token) context.secret(settings.token.env);
  }

  async api(): Promise<PlatformApi> {
    const { api, token, tls, secrets, from } = await this.#login();
    return new PlatformApi({
      platform: 'Kubernetes',
      base: api,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      tokenName: from,
      secrets,
      timeoutMs: this.#settings.timeout,
      tls: Object.keys(tls).length > 0 ? tls : undefined,
      now: this.#context.now,
    });
  }

  async #login(): Promise<Login> {
    const { api, token, ca, kubeconfig, context } = this.#settings;
    if (kubeconfig !== undefined) {
      const path = resolve(this.#context.configDir, kubeconfig);
      const read = (name: string) => this.#read(resolve(path, '..', name));
      const login = await readKubeconfig(await this.#read(path), context, read);
      const secrets = [login.token, login.tls.key].filter((one): one is string => !!one).map(keptSecret);
      return { ...login, secrets, from: path };
    }
    if (api !== undefined && token !== undefined) {
      const secret = this.#context.secret(token.env);
      const tls = ca === undefined ? {} : { ca: await this.#read(resolve(this.#context.configDir, ca)) };
      return { api, token: secret, tls, secrets: [secret], from: token.env };
    }
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = process.env;
    if (!host) throw wrong('it names no `cluster`, and Slipway does not run in one');
    const secret = keptSecret((await this.#read(`${POD}/token`)).trim());
    return {
      api: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      token: secret,
      tls: { ca: await this.#read(`${POD}/ca.crt`) },
      secrets: [secret],
      from: 'the service account of the pod',
    };
  }

  async #read(path: string): Promise<string> {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      throw wrong(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
    }
  }
}

function wrong(reason: string): Refusal {
  return new Refusal('target-misconfigured', { target: 'the cluster', reason });
}

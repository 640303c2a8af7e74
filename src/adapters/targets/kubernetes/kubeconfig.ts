import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { yamlDocument } from '../../../domain/text/yaml-limits.ts';
import { TokenUrl } from '../../shared/http.ts';

const text = z.string().optional();
const Kubeconfig = z.object({
  'current-context': text,
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: text }) })),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({
        server: z.url({ protocol: /^https?$/ }),
        'certificate-authority': text,
        'certificate-authority-data': text,
        'insecure-skip-tls-verify': z.boolean().optional(),
      }),
    }),
  ),
  users: z
    .array(
      z.object({
        name: z.string(),
        user: z.object({
          token: text,
          tokenFile: text,
          'client-certificate': text,
          'client-certificate-data': text,
          'client-key': text,
          'client-key-data': text,
        }),
      }),
    )
    .nullish(),
});

export interface KubeLogin {
  readonly api: string;
  readonly token: string | null;
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/**
 * Server and login of a context, the current one by default. `read` gets files that it names. Programs that print
 * tokens are not run. Refusal `target-misconfigured`.
 */
export async function readKubeconfig(
  yaml: string,
  context: string | undefined,
  read: (path: string) => Promise<string>,
): Promise<KubeLogin> {
  const config = parsed(yaml);
  const name = context ?? config['current-context'] ?? '';
  const chosen = config.contexts.find((one) => one.name === name)?.context;
  if (!chosen) throw wrong(`it has no context ${name === '' ? 'that is current' : name}`);
  const cluster = config.clusters.find((one) => one.name === chosen.cluster)?.cluster;
  if (!cluster) throw wrong(`the context ${name} names a cluster that is not in it`);
  if (!TokenUrl.safeParse(cluster.server).success)
    throw wrong(
      `the server of the cluster ${chosen.cluster} is not an https address, and a login is sent there`,
    );
  if (cluster['insecure-skip-tls-verify'])
    throw wrong(
      `the cluster ${chosen.cluster} has insecure-skip-tls-verify; give it its certificate-authority`,
    );
  const user = config.users?.find((one) => one.name === chosen.user)?.user ?? {};
  const either = async (data: string | undefined, file: string | undefined) =>
    data === undefined ? file && (await read(file)) : Buffer.from(data, 'base64').toString('utf8');
  const ca = await either(cluster['certificate-authority-data'], cluster['certificate-authority']);
  const cert = await either(user['client-certificate-data'], user['client-certificate']);
  const key = await either(user['client-key-data'], user['client-key']);
  const token = user.token ?? (user.tokenFile && (await read(user.tokenFile)).trim());
  if (!token && !(cert && key))
    throw wrong(
      `the user of the context ${name} has neither a token nor a client certificate; Slipway runs no program for one: make a service account and give its token`,
    );
  const tls = { ...(ca ? { ca } : {}), ...(cert && key ? { cert, key } : {}) };
  return { api: cluster.server, token: token || null, tls };
}

function parsed(yaml: string): z.infer<typeof Kubeconfig> {
  const document = yamlDocument(yaml, Number.POSITIVE_INFINITY);
  if ('tooMuch' in document) throw wrong('it is nested too deeply');
  if (document.errors.length > 0) throw wrong('it is no YAML');
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw wrong('it has an alias; write the value out in its place');
  }
  const config = Kubeconfig.safeParse(value);
  if (config.success) return config.data;
  const [issue] = config.error.issues;
  throw wrong(`${issue?.path.join('.') || 'it'} is missing or not what a kubeconfig has there`);
}

function wrong(reason: string): Refusal {
  return new Refusal('target-misconfigured', { target: 'the kubeconfig', reason });
}

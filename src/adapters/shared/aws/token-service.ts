import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { given } from '../../../domain/text/given.ts';
import { askOnce } from '../http.ts';
import { domainOf } from './console.ts';
import { errorInXml, failureOf } from './problem.ts';
import { type AwsCredentials, escaped, signedHeaders } from './signature.ts';
import { type AskingForKeys, temporaryKeys } from './temporary-keys.ts';
import { elementAt, readXml, textAt } from './xml.ts';

interface Asking extends AskingForKeys {
  /** Another address than that of the region. */
  readonly endpoint: string | undefined;
}

const SOURCE = 'the token service of AWS';
const TIMEOUT_MS = 10_000;
const SESSION = 'slipway';

export interface RoleAsked {
  readonly role: string;
  readonly region: string;
  readonly base: AwsCredentials;
  /** What whoever owns the role has agreed on with who takes it. */
  readonly externalId?: string | undefined;
}

/** Temporary keys of a role, for keys that may take it. Refusal `aws-credentials`. */
export function assumeRole(
  { role, region, base, externalId }: RoleAsked,
  asking: Asking,
): Promise<AwsCredentials> {
  const parameters = { RoleArn: role, RoleSessionName: SESSION, ...given({ ExternalId: externalId }) };
  return ask('AssumeRole', parameters, { region, base, role }, asking);
}

/** The same for a token, such as Kubernetes gives to a pod; that is not signed. */
export function assumeRoleWithWebIdentity(
  { role, region, token }: { readonly role: string; readonly region: string; readonly token: string },
  asking: Asking,
): Promise<AwsCredentials> {
  const parameters = { RoleArn: role, RoleSessionName: SESSION, WebIdentityToken: token };
  return ask('AssumeRoleWithWebIdentity', parameters, { region, base: null, role }, asking);
}

async function ask(
  action: string,
  parameters: Readonly<Record<string, string>>,
  {
    region,
    base,
    role,
  }: { readonly region: string; readonly base: AwsCredentials | null; readonly role: string },
  { now, signal, endpoint }: Asking,
): Promise<AwsCredentials> {
  const url = new URL(endpoint ?? `https://sts.${region}.${domainOf(region).api}/`);
  const body = Object.entries({ Action: action, Version: '2011-06-15', ...parameters })
    .map(([key, value]) => `${escaped(key)}=${escaped(value)}`)
    .join('&');
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const answer = await askOnce({
    url: url.href,
    method: 'POST',
    headers:
      base === null
        ? headers
        : signedHeaders({ method: 'POST', url, headers, body }, base, { region, service: 'sts' }, now),
    body,
    timeoutMs: TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.kind !== 'reply') throw new Unavailable(SOURCE, answer.words);
  if (answer.status !== 200) {
    const error = errorInXml(answer);
    const said = `${answer.status}${error.code && ` ${error.code}`}`;
    const refusal = () =>
      new Refusal('aws-credentials', { reason: `the role ${role} cannot be taken (${said})` });
    throw failureOf(answer, error, { title: SOURCE, action, refusal });
  }
  const keys = elementAt(readXml(answer.body), `${action}Result`, 'Credentials');
  return temporaryKeys(SOURCE, {
    id: textAt(keys, 'AccessKeyId'),
    secret: textAt(keys, 'SecretAccessKey'),
    token: textAt(keys, 'SessionToken'),
    expires: textAt(keys, 'Expiration'),
  });
}

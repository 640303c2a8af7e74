import { readFile } from 'node:fs/promises';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { given } from '../../../domain/text/given.ts';
import { isLoopback } from '../../../domain/text/loopback.ts';
import { keptSecret } from '../../../domain/text/redaction.ts';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import { askOnce, type HttpReply, type Question } from '../http.ts';
import { askMetadata } from '../metadata-server.ts';
import type { AwsCredentials } from './signature.ts';
import { type AskingForKeys, temporaryKeys } from './temporary-keys.ts';

type Variable = (name: string) => string | undefined;

const CONTAINER = 'the container of AWS';
const MACHINE = 'the machine of AWS';
/** Addresses of the agents of ECS and EKS, which answer in the clear because they are on the machine itself. */
const AGENTS = ['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]'];
const TIMEOUT_MS = 5_000;
/** What is not there does not answer at all. */
const MACHINE_TIMEOUT_MS = 1_000;
const MOST_BYTES = 65_536;

/** The keys of the task or pod; null outside of one. */
export async function fromContainer(
  variable: Variable,
  asking: AskingForKeys,
): Promise<AwsCredentials | null> {
  const relative = variable('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
  const full = variable('AWS_CONTAINER_CREDENTIALS_FULL_URI');
  const address = relative === undefined ? full : `http://169.254.170.2${relative}`;
  if (address === undefined) return null;
  if (!isTrusted(address)) {
    const reason = 'AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of this machine';
    throw new Refusal('aws-credentials', { reason });
  }
  const file = variable('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE');
  const token = file === undefined ? variable('AWS_CONTAINER_AUTHORIZATION_TOKEN') : await tokenIn(file);
  const headers = token === undefined ? {} : { authorization: keptSecret(token) };
  const question = { url: address, headers, timeoutMs: TIMEOUT_MS, maxBytes: MOST_BYTES };
  const answer = await askOnce({ ...question, ...given({ signal: asking.signal }) });
  if (answer.kind !== 'reply') throw new Unavailable(CONTAINER, answer.words);
  return keysIn(CONTAINER, answer);
}

/** The keys of the role of the machine; null where there is no machine of AWS, or it has no role. */
export async function fromInstance(
  variable: Variable,
  { signal }: AskingForKeys,
): Promise<AwsCredentials | null> {
  const base = withoutTrailing(
    variable('AWS_EC2_METADATA_SERVICE_ENDPOINT') ?? 'http://169.254.169.254',
    '/',
  );
  const ask = (
    path: string,
    more: Pick<Question, 'method' | 'headers'>,
    isIt: (reply: HttpReply) => boolean = () => true,
  ) => {
    const question = {
      url: `${base}/latest/${path}`,
      timeoutMs: MACHINE_TIMEOUT_MS,
      maxBytes: MOST_BYTES,
      ...more,
    };
    return askMetadata({ ...question, ...given({ signal }) }, { source: MACHINE, isIt });
  };
  const session = await ask(
    'api/token',
    { method: 'PUT', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '300' } },
    (reply) => reply.status === 200,
  );
  if (session === null) return null;
  const headers = { 'x-aws-ec2-metadata-token': keptSecret(session.body.trim()) };
  const folder = 'meta-data/iam/security-credentials/';
  const roles = await ask(folder, { headers });
  const role = roles?.body.split('\n')[0]?.trim() ?? '';
  if (roles?.status !== 200 || !/^[\w+=,.@-]{1,128}$/.test(role)) return null;
  const keys = await ask(`${folder}${role}`, { headers });
  return keys && keysIn(MACHINE, keys);
}

function isTrusted(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return (
    protocol === 'https:' || (protocol === 'http:' && (isLoopback(address) || AGENTS.includes(hostname)))
  );
}

async function tokenIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const reason = `the token file ${file} cannot be read (${error.code ?? 'error'})`;
    throw new Refusal('aws-credentials', { reason });
  });
  return text.trim();
}

function keysIn(source: string, answer: HttpReply): AwsCredentials {
  if (answer.status === 401 || answer.status === 403 || answer.status === 404) {
    throw new Refusal('aws-credentials', { reason: `${source} answered ${answer.status}` });
  }
  if (answer.status !== 200) throw new Unavailable(source, `it answered ${answer.status}`);
  let keys: Record<string, unknown>;
  try {
    keys = Object(JSON.parse(answer.body)) as Record<string, unknown>;
  } catch {
    throw new Unavailable(source, 'its answer was not understood');
  }
  const { AccessKeyId: id, SecretAccessKey: secret, Token: token, Expiration: expires } = keys;
  return temporaryKeys(source, { id, secret, token, expires });
}

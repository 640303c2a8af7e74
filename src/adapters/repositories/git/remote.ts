import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { isLoopback } from '../../../domain/text/loopback.ts';
import { keptSecret } from '../../../domain/text/redaction.ts';
import { type AdapterContext, Duration, SecretRef } from '../../shared/context.ts';

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const SCP_LIKE = /^[A-Za-z0-9._-]+@[A-Za-z0-9.[\]:_-]+:(?!\/\/)/;
const SCHEMES = new Set(['https', 'http', 'ssh', 'file', 'git']);

const RemoteUrl = z
  .string()
  .min(1)
  .superRefine((url, context) => {
    const problem = problemOf(url);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({
    description: 'Address of the git repository: https, ssh, user@host:path, file, or a path.',
    examples: ['https://github.com/acme/shop.git', 'git@github.com:acme/shop.git', '../shop.git'],
  });

/** What it takes to reach one git remote. */
export const remoteShape = {
  url: RemoteUrl,
  token: SecretRef.optional().meta({
    description: 'Token for https, sent as the password of basic authentication.',
  }),
  username: z
    .string()
    .regex(/^[^\s:]+$/, 'a user name without blanks and colons')
    .default('x-access-token')
    .meta({ description: 'User name that goes with the token; most hosts take any.' }),
  'ssh-key': z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'File with the private key for ssh; absent: what the ssh agent and ~/.ssh offer.' }),
  'known-hosts': z.string().min(1).optional().meta({
    description:
      'File with the keys of ssh hosts, in the form of ~/.ssh/known_hosts, which is used when this is absent.',
  }),
  timeout: Duration.prefault('2m').meta({
    description: 'The longest that one fetch or push may take; the first fetch gets ten times that.',
  }),
};
export const RemoteSettings = z.strictObject(remoteShape).superRefine(checkTransport);
export type RemoteSettings = z.infer<typeof RemoteSettings>;

export type Protocol = 'path' | 'file' | 'http' | 'ssh' | 'git';

/** A remote, ready for use. Never log it whole: `config` and `secrets` hold the token. */
export interface Remote {
  readonly url: string;
  readonly protocol: Protocol;
  readonly timeoutMs: number;
  /** Git settings that only commands which talk to this remote get, through their environment. */
  readonly config: readonly (readonly [string, string])[];
  readonly environment: Readonly<Record<string, string>>;
  /** File with the private key for ssh, where the config names one. */
  readonly key?: string;
  /** Texts that must never be shown. */
  readonly secrets: readonly string[];
}

/** For the settings of a remote: a token goes nowhere unencrypted. */
export function checkTransport(
  { url, token }: Pick<RemoteSettings, 'url' | 'token'>,
  context: { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void },
): void {
  if (token === undefined || !isPlain(url, 'http')) return;
  context.addIssue({ code: 'custom', path: ['url'], message: NOT_PLAIN });
}

/**
 * Refusals: `secret-missing` when the token's environment variable is not set, `repository-plain` for a remote that
 * others on the way could read the token of, or change the answers of.
 */
export function openRemote(settings: RemoteSettings, context: AdapterContext): Remote {
  if (isPlain(settings.url, 'git') || (settings.token && isPlain(settings.url, 'http'))) {
    throw new Refusal('repository-plain', { remote: settings.url });
  }
  const protocol = protocolOf(settings.url);
  const url =
    protocol === 'path' && !isAbsolute(settings.url)
      ? resolve(context.configDir, settings.url)
      : settings.url;
  const config: [string, string][] = [];
  const secrets: string[] = [];
  if (settings.token && protocol === 'http') {
    const token = keptSecret(context.secret(settings.token.env));
    const basic = Buffer.from(`${settings.username}:${token}`).toString('base64');
    config.push([`http.${new URL(url).origin}/.extraHeader`, `Authorization: Basic ${basic}`]);
    secrets.push(token, basic);
  }
  const file = (path: string | undefined) => (path === undefined ? null : resolve(context.configDir, path));
  const key = file(settings['ssh-key']);
  return {
    url,
    protocol,
    timeoutMs: settings.timeout,
    config,
    secrets,
    ...(key === null || protocol !== 'ssh' ? {} : { key }),
    environment: sshEnvironment(protocol, key, file(settings['known-hosts'])),
  };
}

export function protocolOf(url: string): Protocol {
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') return 'http';
  if (scheme === 'ssh' || scheme === 'file' || scheme === 'git') return scheme;
  return SCP_LIKE.test(url) ? 'ssh' : 'path';
}

const NOT_PLAIN =
  'an https or ssh address: others on the way could read and change what is said over this one (only this machine itself may be spoken to without encryption)';

/** Whether the address has this scheme, neither encrypted nor to this machine. */
function isPlain(url: string, scheme: 'http' | 'git'): boolean {
  return SCHEME.exec(url)?.[1]?.toLowerCase() === scheme && !isLoopback(url);
}

function problemOf(url: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(url)) return 'an address without control characters';
  if (url.startsWith('-')) return 'an address that does not begin with a dash';
  if (/^[a-z0-9+.-]+::/i.test(url))
    return 'an https, ssh or file address or a path; remote helpers are not allowed';
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return null;
  if (!SCHEMES.has(scheme)) return 'an https, ssh or file address or a path';
  if (isPlain(url, 'git')) return NOT_PLAIN;
  const userInfo = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(url)?.[1] ?? '';
  const isSecret = userInfo.includes(':') || (userInfo !== '' && scheme.startsWith('http'));
  return isSecret
    ? 'an address without user name, password or token; name the environment variable: token: { env: SHOP_GIT_TOKEN }'
    : null;
}

function sshEnvironment(
  protocol: Protocol,
  key: string | null,
  knownHosts: string | null,
): Readonly<Record<string, string>> {
  if (protocol !== 'ssh') return {};
  const options = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=15'];
  if (key !== null) options.push('-o', 'IdentitiesOnly=yes', '-i', quoted(key));
  if (knownHosts !== null) options.push('-o', quoted(`UserKnownHostsFile="${knownHosts}"`));
  // Git hands this line to a shell; only the paths come from outside, and they are quoted.
  return { GIT_SSH_COMMAND: ['ssh', ...options].join(' '), GIT_SSH_VARIANT: 'ssh' };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

import { Refusal } from '../../../domain/refusals/refusal.ts';
import { decoded } from '../../../domain/text/decoded.ts';
import { isLoopback } from '../../../domain/text/loopback.ts';
import { keptSecret } from '../../../domain/text/redaction.ts';
import { isExempt } from './no-proxy.ts';

/** A proxy that the environment names. */
export interface WebProxy {
  /** `proxy.corp:3128`, for people. */
  readonly name: string;
  /** The environment variable that names it. */
  readonly variable: string;
  /** `http:` or `https:`; without user and password. */
  readonly url: URL;
  /** What to send as `proxy-authorization`; never to be shown. */
  readonly authorization: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The first that is set counts, as for curl and git; they know HTTP_PROXY only in lower case, we know both. */
const VARIABLES = {
  http: ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
  https: ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
} as const;
type Scheme = keyof typeof VARIABLES;

/** By variable and value: reading one keeps its secrets. */
const known = new Map<string, WebProxy>();

/** Addresses that only this machine and what runs it answer, such as those that give a machine of a cloud its keys. */
const LINK_LOCAL = /^(?:169\.254(?:\.\d{1,3}){2}|\[fd00:ec2::[\da-f]+\])$/i;

/**
 * The proxy that an address is to be asked through; null for directly. This machine and its own network are always
 * asked directly, and what NO_PROXY names. Refusal `environment-invalid`.
 */
export function proxyFor(address: string | URL, env: Environment = process.env): WebProxy | null {
  const url = new URL(address);
  if (isLoopback(url.href) || LINK_LOCAL.test(url.hostname) || isExempt(url, exemptions(env))) return null;
  return proxyOf(/^(?:https|wss):$/.test(url.protocol) ? 'https' : 'http', env);
}

/** Every proxy that the environment names, each once. Refusal `environment-invalid`. */
export function proxiesOf(env: Environment): readonly WebProxy[] {
  if (isExempt(new URL('http://everything.invalid/'), exemptions(env))) return [];
  const found = [proxyOf('https', env), proxyOf('http', env)].filter((proxy) => proxy !== null);
  return found.filter((proxy, index) => found.findIndex(({ url }) => url.href === proxy.url.href) === index);
}

/**
 * The same for programs that read the environment by themselves, such as git: one spelling of each variable, which
 * all of them know. Holds passwords.
 */
export function proxyVariables(env: Environment): Readonly<Record<string, string>> {
  const [http, https] = [proxyOf('http', env), proxyOf('https', env)];
  if (http === null && https === null) return {};
  const direct = ['localhost', '127.0.0.1', '127.0.0.0/8', '::1'];
  const exempt = exemptions(env).split(/[\s,]+/);
  return {
    ...(http === null ? {} : { http_proxy: withCredentials(http) }),
    ...(https === null ? {} : { https_proxy: withCredentials(https) }),
    no_proxy: exempt.includes('*') ? '*' : [...exempt.filter(Boolean), ...direct].join(','),
  };
}

function exemptions(env: Environment): string {
  return env['no_proxy'] || env['NO_PROXY'] || '';
}

function proxyOf(scheme: Scheme, env: Environment): WebProxy | null {
  const variable = VARIABLES[scheme].find((name) => env[name]?.trim());
  const value = variable === undefined ? '' : (env[variable]?.trim() ?? '');
  if (variable === undefined || value === '') return null;
  const key = `${variable}=${value}`;
  const proxy = known.get(key) ?? read(variable, value);
  known.set(key, proxy);
  return proxy;
}

/** Without a scheme it is an http address, as for curl. */
function read(variable: string, value: string): WebProxy {
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Refusal('environment-invalid', {
      name: variable,
      value: value.replace(/[^/]*@/, '***@'),
      expected: 'the http or https address of a proxy, such as http://proxy.example:3128',
    });
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const name = `${url.hostname}:${port}`;
  if (username === '' && password === '') return { name, variable, url, authorization: null };
  const login = `${decoded(username)}:${decoded(password)}`;
  for (const secret of [decoded(password), password, login, `${username}:${password}`]) keptSecret(secret);
  const authorization = `Basic ${keptSecret(Buffer.from(login).toString('base64'))}`;
  return { name, variable, url, authorization };
}

function withCredentials({ name, url, authorization }: WebProxy): string {
  if (authorization === null) return `${url.protocol}//${name}`;
  const login = Buffer.from(authorization.slice('Basic '.length), 'base64').toString();
  const at = login.indexOf(':');
  const [user, password] = [login.slice(0, at), login.slice(at + 1)].map(encodeURIComponent);
  return `${url.protocol}//${user}:${password}@${name}`;
}

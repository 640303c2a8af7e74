import { createHash, createPublicKey, createVerify, generateKeyPairSync, randomBytes } from 'node:crypto';

export type Permissions = Readonly<Record<string, 'read' | 'write'>>;

/** What Slipway needs, all of it. On a private repository only an app gets `checks`. */
export const ALL_PERMISSIONS: Permissions = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  deployments: 'write',
  actions: 'write',
  checks: 'read',
  statuses: 'read',
};

interface Token {
  readonly permissions: Permissions;
  readonly login: string;
  readonly kind: 'fine-grained' | 'classic' | 'installation';
  readonly installation?: number;
  readonly scopes?: string;
  /** ms since the epoch */
  readonly expiresAt: number;
}

export interface App {
  readonly id: number;
  readonly installation: number;
  /** PEM */
  readonly privateKey: string;
}

export type Caller =
  | {
      readonly kind: 'token';
      readonly permissions: Permissions;
      readonly login: string;
      readonly isApp: boolean;
      /** Whether the repository is there for it. */
      readonly sees: boolean;
      /** Of a classic token: what `x-oauth-scopes` says. */
      readonly scopes: string | null;
    }
  | { readonly kind: 'app'; readonly id: number }
  /** Not let in, in GitHub's words. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string };

interface Registered {
  readonly installation: number;
  readonly publicKey: string;
  permissions: Permissions;
  suspended: boolean;
  /** Whether the repository is among those that it was installed on. */
  installed: boolean;
}

const BAD_CREDENTIALS: Caller = { kind: 'refused', status: 401, message: 'Bad credentials' };
const SUSPENDED: Caller = {
  kind: 'refused',
  status: 403,
  message: 'This installation has been suspended',
};
/** No JSON web token may be good for longer than that, in seconds. */
const LONGEST_JWT_S = 600;

let pair: { readonly privateKey: string; readonly publicKey: string } | null = null;

/** One pair for the process: making one takes long. */
function keys() {
  pair ??= generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return pair;
}

/** Who may do what: fine-grained tokens, and apps with tokens of their installation. */
export class Access {
  readonly #tokens = new Map<string, Token>();
  readonly #apps = new Map<number, Registered>();
  readonly #now: () => number;
  /** How long an installation token lasts, in ms. */
  lifetimeMs = 3_600_000;
  readonly #issued: string[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Installation tokens that were given out, oldest first. */
  get issued(): readonly string[] {
    return this.#issued;
  }

  /** Every token that was ever given out and is not forgotten. */
  get secrets(): readonly string[] {
    return [...new Set([...this.#tokens.keys(), ...this.#issued])];
  }

  token(permissions: Permissions = ALL_PERMISSIONS, login = 'slipway-bot'): string {
    const token = `github_pat_${randomBytes(24).toString('hex')}`;
    this.#tokens.set(token, {
      permissions,
      login,
      kind: 'fine-grained',
      expiresAt: Number.POSITIVE_INFINITY,
    });
    return token;
  }

  /** A token of the old kind: its scopes say what it may do, for all repositories of its owner. */
  classicToken(scopes: string): string {
    const token = `ghp_${randomBytes(18).toString('hex')}`;
    const permissions = hasScope(scopes, 'repo', 'public_repo')
      ? ALL_PERMISSIONS
      : Object.fromEntries(Object.keys(ALL_PERMISSIONS).map((name) => [name, 'read' as const]));
    this.#tokens.set(token, {
      permissions,
      login: 'slipway-bot',
      scopes,
      kind: 'classic',
      expiresAt: Number.POSITIVE_INFINITY,
    });
    return token;
  }

  revoke(token: string): void {
    this.#tokens.delete(token);
  }

  /** Every installation token given out so far is worthless from now on. */
  revokeInstallationTokens(): void {
    for (const [token, { kind }] of this.#tokens) if (kind === 'installation') this.#tokens.delete(token);
  }

  app(permissions: Permissions = ALL_PERMISSIONS): App {
    const id = 1_000 + this.#apps.size;
    const installation = 50_000 + this.#apps.size;
    const { privateKey, publicKey } = keys();
    this.#apps.set(id, { installation, publicKey, permissions, suspended: false, installed: true });
    return { id, installation, privateKey };
  }

  /** What the owner of the repository does with an app. */
  change(app: App, change: Partial<Pick<Registered, 'permissions' | 'suspended' | 'installed'>>): void {
    Object.assign(this.#apps.get(app.id) ?? {}, change);
  }

  /** The installation of an app; null when it has no such one. */
  installation(app: number, id?: number): (Registered & { readonly id: number }) | null {
    const found = this.#apps.get(app);
    if (!found || (id !== undefined && id !== found.installation)) return null;
    return { ...found, id: found.installation };
  }

  /** Null: there is no such installation. */
  issue(
    app: number,
    id: number,
  ): { readonly token: string; readonly expiresAt: number; readonly permissions: Permissions } | null {
    const found = this.installation(app, id);
    if (!found) return null;
    const { permissions, installation } = found;
    const token = `ghs_${createHash('sha256').update(randomBytes(16)).digest('hex').slice(0, 36)}`;
    const expiresAt = this.#now() + this.lifetimeMs;
    this.#issued.push(token);
    this.#tokens.set(token, {
      permissions,
      login: 'slipway[bot]',
      kind: 'installation',
      installation,
      expiresAt,
    });
    return { token, expiresAt, permissions };
  }

  callerOf(authorization: string | undefined): Caller {
    const [, secret] = /^(?:bearer|token) (\S+)$/i.exec(authorization ?? '') ?? [];
    if (secret === undefined) return BAD_CREDENTIALS;
    const token = this.#tokens.get(secret);
    if (!token) return this.#appOf(secret);
    if (token.expiresAt <= this.#now()) return BAD_CREDENTIALS;
    const { permissions, login, kind, scopes = null, installation } = token;
    const app = [...this.#apps.values()].find((one) => one.installation === installation);
    if (app?.suspended) return SUSPENDED;
    const isApp = kind === 'installation';
    return { kind: 'token', permissions, login, isApp, sees: !isApp || app?.installed === true, scopes };
  }

  /** An app is known by a JSON web token that it signed with its key, for at most ten minutes. */
  #appOf(jwt: string): Caller {
    const undecodable: Caller = {
      kind: 'refused',
      status: 401,
      message: 'A JSON web token could not be decoded',
    };
    const [head, body, signature, ...more] = jwt.split('.');
    if (!head || !body || !signature || more.length > 0) return BAD_CREDENTIALS;
    const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg?: unknown };
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const id = Number(claims['iss']);
    const app = this.#apps.get(id);
    if (!app) return { kind: 'refused', status: 404, message: 'Integration not found' };
    const verify = createVerify('RSA-SHA256').update(`${head}.${body}`);
    if (alg !== 'RS256' || !verify.verify(createPublicKey(app.publicKey), signature, 'base64url')) {
      return undecodable;
    }
    const now = this.#now() / 1_000;
    const [iat, exp] = [Number(claims['iat']), Number(claims['exp'])];
    const wrong = (message: string): Caller => ({ kind: 'refused', status: 401, message });
    if (!Number.isInteger(iat) || iat > now) {
      return wrong(
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
      );
    }
    if (!Number.isInteger(exp) || exp <= now) {
      return wrong(
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
      );
    }
    if (exp > now + LONGEST_JWT_S) {
      return wrong("'Expiration time' claim ('exp') is too far in the future");
    }
    return { kind: 'app', id };
  }
}

export function hasScope(scopes: string, ...wanted: readonly string[]): boolean {
  return scopes.split(',').some((scope) => wanted.includes(scope.trim()));
}

/** `contents: write` for an operation of the description. */
export function permissionFor(operation: string): {
  readonly name: string;
  readonly level: 'read' | 'write';
} {
  const [method = 'GET', path = ''] = operation.split(' ');
  const level = method === 'GET' ? 'read' : 'write';
  const rest = path.replace('/repos/{owner}/{repo}', '');
  if (rest === '' || rest.startsWith('/rules') || rest === '/installation')
    return { name: 'metadata', level: 'read' };
  if (rest.startsWith('/actions')) return { name: 'actions', level };
  if (/\/(check-runs|check-suites|annotations)$/.test(rest)) return { name: 'checks', level };
  if (rest.endsWith('/status')) return { name: 'statuses', level };
  if (rest === '/issues') return { name: 'issues', level };
  if (rest.startsWith('/deployments')) return { name: 'deployments', level };
  if (rest === '/pulls' || rest === '/pulls/{pull_number}' || rest === '/commits/{commit_sha}/pulls')
    return { name: 'pull_requests', level };
  return { name: 'contents', level };
}

export function isAllowed(
  permissions: Permissions,
  { name, level }: ReturnType<typeof permissionFor>,
): boolean {
  const has = permissions[name];
  return has === 'write' || has === level;
}

import { createHash, createPublicKey, createVerify, generateKeyPairSync, randomBytes } from 'node:crypto';

export type Permissions = Readonly<Record<string, 'read' | 'write'>>;

/** What Slipway needs, all of it. */
const ALL_PERMISSIONS: Permissions = {
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
  readonly kind: 'personal' | 'installation';
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
    }
  | { readonly kind: 'app'; readonly id: number };

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
  readonly #apps = new Map<
    number,
    { readonly installation: number; readonly publicKey: string; permissions: Permissions }
  >();
  readonly #now: () => number;
  /** How long an installation token lasts, in ms. */
  lifetimeMs = 3_600_000;
  #issued = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many installation tokens were given out. */
  get issued(): number {
    return this.#issued;
  }

  token(permissions: Permissions = ALL_PERMISSIONS, login = 'slipway-bot'): string {
    const token = `github_pat_${randomBytes(24).toString('hex')}`;
    this.#tokens.set(token, { permissions, login, kind: 'personal', expiresAt: Number.POSITIVE_INFINITY });
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
    this.#apps.set(id, { installation, publicKey, permissions });
    return { id, installation, privateKey };
  }

  permissionsOf(installation: number): Permissions | null {
    return [...this.#apps.values()].find((app) => app.installation === installation)?.permissions ?? null;
  }

  installationOf(app: number): number | null {
    return this.#apps.get(app)?.installation ?? null;
  }

  issue(
    installation: number,
  ): { readonly token: string; readonly expiresAt: number; readonly permissions: Permissions } | null {
    const permissions = this.permissionsOf(installation);
    if (permissions === null) return null;
    const token = `ghs_${createHash('sha256').update(randomBytes(16)).digest('hex').slice(0, 36)}`;
    const expiresAt = this.#now() + this.lifetimeMs;
    this.#issued++;
    this.#tokens.set(token, { permissions, login: 'slipway[bot]', kind: 'installation', expiresAt });
    return { token, expiresAt, permissions };
  }

  /** Null: bad credentials. */
  callerOf(authorization: string | undefined): Caller | null {
    const [, secret] = /^(?:bearer|token) (\S+)$/i.exec(authorization ?? '') ?? [];
    if (secret === undefined) return null;
    const token = this.#tokens.get(secret);
    if (token && token.expiresAt > this.#now()) {
      const { permissions, login, kind } = token;
      return { kind: 'token', permissions, login, isApp: kind === 'installation' };
    }
    return this.#appOf(secret);
  }

  #appOf(jwt: string): Caller | null {
    const [head, body, signature, ...more] = jwt.split('.');
    if (!head || !body || !signature || more.length > 0) return null;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as { iss?: unknown; exp?: unknown };
    const id = Number(claims.iss);
    const app = this.#apps.get(id);
    if (!app || Number(claims.exp) * 1_000 < this.#now()) return null;
    const verify = createVerify('RSA-SHA256').update(`${head}.${body}`);
    return verify.verify(createPublicKey(app.publicKey), signature, 'base64url') ? { kind: 'app', id } : null;
  }
}

/** `contents: write` for an operation of the description. */
export function permissionFor(operation: string): {
  readonly name: string;
  readonly level: 'read' | 'write';
} {
  const [method = 'GET', path = ''] = operation.split(' ');
  const level = method === 'GET' ? 'read' : 'write';
  const rest = path.replace('/repos/{owner}/{repo}', '');
  if (rest === '' || rest.startsWith('/rules')) return { name: 'metadata', level: 'read' };
  if (rest.startsWith('/actions')) return { name: 'actions', level };
  if (rest.endsWith('/check-runs')) return { name: 'checks', level };
  if (rest.endsWith('/status')) return { name: 'statuses', level };
  if (rest.startsWith('/deployments')) return { name: 'deployments', level };
  if (rest === '/pulls' || rest === '/pulls/{pull_number}') return { name: 'pull_requests', level };
  return { name: 'contents', level };
}

export function isAllowed(
  permissions: Permissions,
  { name, level }: ReturnType<typeof permissionFor>,
): boolean {
  const has = permissions[name];
  return has === 'write' || has === level;
}

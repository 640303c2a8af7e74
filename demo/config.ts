import { stringify } from 'yaml';

export interface DemoConfig {
  /** The shop's `repository` and `target`. */
  readonly repository: Readonly<Record<string, unknown>>;
  readonly target: Readonly<Record<string, unknown>>;
  /** Address of production. */
  readonly shop: string;
  readonly window: string;
  readonly approvals: number;
  /** By name; by id where the app is installed in a whole organisation. */
  readonly channel?: string;
  /** Merged over the shop's settings, one level deep. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/** The `slipway.yaml` of the demo: the sample shop, watched by our own requests. */
export function demoConfig({
  repository,
  target,
  shop,
  window,
  approvals,
  channel = '#ship',
  overrides = {},
}: DemoConfig): string {
  const short = window.endsWith('s');
  const settings: Record<string, unknown> = {
    repository,
    target,
    checks: [
      { use: 'http', url: `${shop}/health` },
      { use: 'http', url: `${shop}/api/status` },
      { use: 'version', url: `${shop}/api/version`, json: 'version' },
    ],
    metrics: { use: 'probe', url: shop, paths: ['/', '/api/products'], rate: 20 },
    approvals: { required: approvals },
    permissions: { override: { users: ['U0GRACE'] } },
    health: { settle: '200ms', interval: '200ms', 'in-a-row': 2, timeout: '15s' },
    monitor: {
      window,
      tick: short ? '500ms' : '5s',
      settle: short ? '1s' : '30s',
      // A rise by one point takes hundreds of requests to rule out, which a window of seconds does not have.
      'error-rate-rise': short ? '20pp' : '1pp',
      baseline: '2m',
      checkpoint: short ? '3s' : '1m',
    },
    links: { production: shop },
  };
  for (const [key, value] of Object.entries(overrides)) {
    const before = settings[key];
    const both = isMap(before) && isMap(value);
    settings[key] = both ? { ...before, ...value } : value;
  }
  const comment = '# The configuration of the demo. docs/configuration.md describes every setting.\n';
  return comment + stringify({ slack: { channel }, data: 'data', services: { shop: settings } });
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

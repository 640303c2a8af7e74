/** The files of the sample shop's repository, at each point of its history. */

interface ShopRelease {
  readonly version: string;
  /** `2026-10-28` */
  readonly date: string;
  readonly sections: string;
}

/** Puts the version of a source file under Slipway's care. */
const VERSION_MARKER = 'x-slipway-version';

const OLD_RELEASES: readonly ShopRelease[] = [
  { version: '1.2.0', date: '2026-10-28', sections: '### Added\n\n- Wish list: keep a mug for later.\n' },
  {
    version: '1.1.0',
    date: '2026-10-07',
    sections: '### Added\n\n- Product pictures.\n\n### Changed\n\n- The cart survives a reload.\n',
  },
];

export function packageFiles(version: string): Record<string, string> {
  const manifest = {
    name: 'shop',
    version,
    private: true,
    type: 'module',
    scripts: { start: 'node src/server.js', test: 'node --test' },
    dependencies: { mugs: '^3.1.0' },
  };
  const lock = {
    name: 'shop',
    version,
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'shop', version, dependencies: { mugs: '^3.1.0' } },
      'node_modules/mugs': { version: '3.1.4', license: 'MIT' },
    },
  };
  return {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'package-lock.json': `${JSON.stringify(lock, null, 2)}\n`,
    'src/version.js': `// The page's footer and /api/version show this.\nexport const VERSION = '${version}'; // ${VERSION_MARKER}\n`,
  };
}

/** Keep a Changelog. `unreleased` null: a file without that section. */
export function changelog(unreleased: string | null, since: '1.2.0' | '1.1.0' = '1.2.0'): string {
  const releases = OLD_RELEASES.filter((release) => since === '1.2.0' || release.version !== '1.2.0');
  const head = unreleased === null ? '' : `## [Unreleased]\n\n${unreleased}${unreleased === '' ? '' : '\n'}`;
  const body = releases
    .map((release) => `## [${release.version}] - ${release.date}\n\n${release.sections}`)
    .join('\n');
  return `# Changelog

All notable changes to the shop are kept here.
The format is [Keep a Changelog](https://keepachangelog.com/en/1.1.0/), versions follow [SemVer](https://semver.org/).

${head}${body}
[Unreleased]: https://git.example/shop/compare/v${since}...HEAD
[1.2.0]: https://git.example/shop/compare/v1.1.0...v1.2.0
[1.1.0]: https://git.example/shop/releases/tag/v1.1.0
`;
}

/** What production shows; the running shop reads it from the commit that is live. */
export interface ShopContent {
  readonly name: string;
  readonly tagline: string;
  readonly accent: string;
  readonly features: readonly string[];
  readonly products: readonly { readonly name: string; readonly price: number; readonly picture: string }[];
}

const PRODUCTS = [
  { name: 'Harbour mug', price: 14, picture: '⚓' },
  { name: 'Lighthouse mug', price: 16, picture: '🗼' },
  { name: 'Night ferry mug', price: 15, picture: '🌙' },
  { name: 'Tea for the crew', price: 9, picture: '🫖' },
];

export function contentFile(change: Partial<ShopContent> = {}): Record<string, string> {
  const content: ShopContent = {
    name: 'Slipway Mugs',
    tagline: 'Mugs for people who ship.',
    accent: '#0f6f74',
    features: ['Wish list'],
    products: PRODUCTS,
    ...change,
  };
  return { 'shop.json': `${JSON.stringify(content, null, 2)}\n` };
}

export function cartFile(step: 'plain' | 'coupons' | 'rounded'): Record<string, string> {
  const round =
    step === 'rounded' ? 'Math.round((sum + Number.EPSILON) * 100) / 100' : 'Number(sum.toFixed(2))';
  const coupon = step === 'plain' ? '' : ', coupon = null';
  const less = step === 'plain' ? '' : '\n  if (coupon !== null) sum = applyCoupon(sum, coupon);';
  const load = step === 'plain' ? '' : "import { applyCoupon } from './coupons.js';\n\n";
  return {
    'src/cart.js': `${load}export function total(items${coupon}) {
  let sum = items.reduce((all, item) => all + item.price * item.count, 0);${less}
  return ${round};
}
`,
  };
}

export const COUPONS_SOURCE = `/** \`{ percent: 10 }\` or \`{ amount: 5 }\`; never below zero. */
export function applyCoupon(sum, coupon) {
  const less = coupon.percent === undefined ? coupon.amount : (sum * coupon.percent) / 100;
  return Math.max(0, sum - less);
}
`;

export const SERVER_SOURCE = `import { createServer } from 'node:http';
import { VERSION } from './version.js';

createServer((request, response) => {
  if (request.url === '/api/version') response.end(JSON.stringify({ version: VERSION }));
  else response.end('mugs');
}).listen(process.env.PORT ?? 8080);
`;

export const UNRELEASED = `### Added

- Coupons at checkout: a code takes off a share or an amount.

### Fixed

- Totals round half up.
`;

export const BREAKING = `### Removed

- **Breaking:** \`/api/cart\` no longer takes prices from the browser.
`;

/**
 * Deploys by hand or by Slipway. Slipway knows its own runs by the input `slipway`, which the name of the run shows.
 */
export const DEPLOY_WORKFLOW = `name: Deploy
run-name: Deploy \${{ inputs.version }} to \${{ inputs.environment }} (\${{ inputs.slipway }})
on:
  workflow_dispatch:
    inputs:
      version:
        description: Version without the v
        required: true
      environment:
        type: choice
        options: [production]
        default: production
      slipway:
        description: Filled in by Slipway
        default: ""
concurrency: production
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          ref: v\${{ inputs.version }}
      - name: Test
        run: node --test
  deploy:
    needs: test
    runs-on: ubuntu-latest
    permissions:
      contents: write
    steps:
      - uses: actions/checkout@v5
        with:
          fetch-depth: 0
      - name: Move production to v\${{ inputs.version }}
        run: git push --force origin "refs/tags/v\${{ inputs.version }}^{commit}:refs/heads/production"
      - name: Wait for the rollout
        run: ./scripts/wait-for-rollout.sh
`;

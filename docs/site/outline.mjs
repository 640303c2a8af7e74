// What the site consists of: pages by the group of the sidebar that they are in, by their path in the repository.

/** Pages that people wrote. A test sees that none is missing. */
export const GROUPS = [
  {
    text: 'Begin',
    pages: ['README.md', 'docs/install.md', 'docs/glossary.md', 'docs/gallery.md'],
  },
  {
    text: 'Set up',
    pages: [
      'docs/github.md',
      'docs/gitlab.md',
      'docs/targets.md',
      'docs/webhook-target.md',
      'docs/commands.md',
      'docs/metrics.md',
    ],
  },
  {
    text: 'Run',
    pages: [
      'docs/how-it-decides.md',
      'docs/operating.md',
      'docs/teams.md',
      'docs/api.md',
      'docs/webhooks.md',
      'docs/scale.md',
      'docs/benchmarks.md',
      'docs/threat-model.md',
    ],
  },
  {
    text: 'Cookbook',
    pages: [
      'README',
      'common',
      'staging',
      'lambda',
      'app-service',
      'fly',
      'render',
      'cloudflare',
      'swarm',
    ].map((name) => `docs/cookbook/${name}.md`),
  },
  {
    text: 'Coming from',
    pages: ['branch-deploy', 'github-environments', 'spec-flow'].map((name) => `docs/migrate/${name}.md`),
  },
  {
    text: 'Project',
    pages: ['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'demo/workspace/README.md'],
  },
];

/** The page that the reference is made of. */
export const REFERENCE = 'docs/configuration.md';

/** Where a page of the repository is on the site. */
export function placeOf(source) {
  if (source === 'README.md') return 'index.md';
  return source
    .replace(/^docs\//, '')
    .replace(/^demo\/workspace\/README\.md$/, 'workspace.md')
    .replace(/README\.md$/, 'index.md')
    .replace(/^[A-Z]+\.md$/, (name) => name.toLowerCase());
}

/** As GitHub makes the id of a heading, so that links work in both places. */
export function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

/** The first heading of a page. */
export function titleOf(markdown) {
  return /^# (.+)$/m.exec(markdown)?.[1].replaceAll(/[`*]/g, '') ?? '';
}

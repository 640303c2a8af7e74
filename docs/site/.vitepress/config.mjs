import { fileURLToPath } from 'node:url';
import { anchorOf } from '../outline.mjs';
import { prepare } from '../prepare.mjs';

export default {
  title: 'Slipway',
  description:
    'A Slack bot that promotes a validated staging build to production and proves that it is healthy.',
  srcDir: 'content',
  outDir: process.env.SLIPWAY_SITE_OUT ?? fileURLToPath(new URL('../dist', import.meta.url)),
  base: process.env.SLIPWAY_SITE_BASE ?? '/',
  cleanUrls: true,
  // A link that leads nowhere ends the build.
  ignoreDeadLinks: false,
  markdown: { anchor: { slugify: anchorOf } },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Install', link: '/install' },
      { text: 'Configuration', link: '/configuration' },
      { text: 'Cookbook', link: '/cookbook/' },
    ],
    sidebar: prepare(fileURLToPath(new URL('../content', import.meta.url))),
  },
};

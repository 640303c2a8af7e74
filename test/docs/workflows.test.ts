import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readWorkflowFile } from '../../src/adapters/repositories/github/workflow-file.ts';
import { parseConfig } from '../support/all-adapters.ts';
import { blocksOf } from './cookbook/blocks.ts';

const DEPLOYS = [
  'github.md',
  'migrate/spec-flow.md',
  'migrate/github-environments.md',
  'migrate/branch-deploy.md',
];

test.each(DEPLOYS)(
  '%s deploys to production only, what the run is at, and has one that records it',
  (page) => {
    const blocks = blocksOf(readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8'));
    const text = blocks.map((block) => block.text).join('\n');
    // In a repository of several services the tag is not `v` and the version.
    expect(text).not.toMatch(/ref: ["']?v\$\{\{/);
    for (const block of blocks.filter(({ name }) => name.startsWith('.github/workflows/'))) {
      const file = readWorkflowFile(block.text);
      const { options } = file?.inputs?.['environment'] ?? {};
      // What a run by hand deploys counts as production, wherever it went.
      expect(options ?? ['production']).toEqual(['production']);
    }
  },
);

test.each(DEPLOYS.slice(1, 3))(
  'in %s, whose job names an environment, Slipway does not record it too',
  (page) => {
    const blocks = blocksOf(readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8'));
    const { text = '' } = blocks.find(({ name }) => name === 'slipway.yaml') ?? {};
    expect(parseConfig(text, 'slipway.yaml').services.get('shop')?.repository).toMatchObject({
      environment: false,
    });
  },
);

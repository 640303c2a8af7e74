import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema, configurationMarkdown, parseConfig } from '../support/all-adapters.ts';

const EXAMPLE = new URL('../../examples/slipway.yaml', import.meta.url);

// When one of the first two fails: `npx vitest run test/config/documents.test.ts --update` writes the file anew.
describe('what is generated from the schema is current', () => {
  it('schema/slipway.schema.json', async () => {
    const text = `${JSON.stringify(configJsonSchema())}\n`;
    await expect(text).toMatchFileSnapshot('../../schema/slipway.schema.json');
  });

  it('docs/configuration.md', async () => {
    await expect(configurationMarkdown()).toMatchFileSnapshot('../../docs/configuration.md');
  });
});

describe('the JSON Schema for editors', () => {
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true })
    .addFormat('uri', true)
    .compile(configJsonSchema());

  it('accepts the example, and so does Slipway', async () => {
    const text = await readFile(EXAMPLE, 'utf8');
    validate(parse(text));
    expect(validate.errors).toBeNull();
    expect([...parseConfig(text, 'slipway.yaml').services.keys()]).toEqual(['shop']);
  });

  it('accepts a service that has the rest from its defaults', () => {
    expect(validate({ defaults: { target: { use: 'command' } }, services: { shop: {} } })).toBe(true);
  });

  it.each([
    'README',
    'docs/teams',
    'docs/install',
    'docs/targets',
    'docs/github',
    'docs/gitlab',
    'docs/webhooks',
    'docs/api',
  ])('accepts each example of %s.md', async (page) => {
    const text = await readFile(new URL(`../../${page}.md`, import.meta.url), 'utf8');
    const examples = [...text.matchAll(/^```yaml.*\n(?!apiVersion:)([\s\S]*?)^```/gm)].map(
      ([, yaml = '']) => parse(yaml) as object,
    );
    for (const example of examples.filter((one) => 'services' in one || 'slack' in one)) {
      validate(example);
      expect(validate.errors, JSON.stringify(example)).toBeNull();
    }
  });

  it.each([
    ['an unknown key', { services: { shop: { chanel: '#x' } } }],
    ['an unknown kind', { services: { shop: { target: { use: 'ftp' } } } }],
    ['a number for a duration', { services: { shop: { monitor: { window: 20 } } } }],
    ['a bad name', { services: { Shop: {} } }],
  ])('refuses %s', (_name, config) => {
    expect(validate(config)).toBe(false);
  });
});

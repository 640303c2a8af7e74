import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../src/cli/help.ts';
import { rollbackGate } from '../../src/domain/gates/rollback-gate.ts';
import { stagingDeploymentGate } from '../../src/domain/gates/staging-deployment.ts';
import { stagingValidationGate } from '../../src/domain/gates/staging-validation.ts';
import { isReady } from '../../src/domain/promotion/feature.ts';
import { readStateFiles } from '../../src/domain/state-file/read.ts';
import { parseCommand } from '../../src/handlers/parse/command.ts';
import { parseConfig } from '../support/all-adapters.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** All source files below a folder, from the root of the project. */
function filesIn(folder: string): string[] {
  const names = readdirSync(new URL(`../../${folder}`, import.meta.url), {
    recursive: true,
    encoding: 'utf8',
  });
  return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
}

/** Fenced blocks by what stands after the language. */
function block(info: string): string {
  const found = README.match(new RegExp(`^\`\`\`${info.replaceAll('.', '\\.')}\\n([\\s\\S]*?)^\`\`\``, 'm'));
  if (!found?.[1]) throw new Error(`the README has no block ${info}`);
  return found[1];
}

describe('what the README tells people to write', () => {
  test('its slipway.yaml is understood', () => {
    const { services } = parseConfig(block('yaml slipway.yaml'), 'slipway.yaml');
    const shop = services.get('shop');
    expect(shop?.service.channel).toBe('#ship');
    expect(shop?.repository).toMatchObject({ use: 'git', branch: 'main', token: { env: 'GIT_TOKEN' } });
    expect(shop?.target).toMatchObject({ use: 'git-branch', branch: 'production' });
    expect(shop?.checks).toHaveLength(1);
    expect(shop?.metrics).toMatchObject([{ use: 'probe' }]);
    expect(shop?.service.monitoring.windowMs).toBe(20 * 60_000);
  });

  test('with its other target too', () => {
    const { services } = parse(block('yaml slipway.yaml')) as { services: { shop: Record<string, unknown> } };
    const other = /^```yaml\n( {4}target:\n[\s\S]*?)^```/m.exec(README)?.[1] ?? '';
    const config = { services: { shop: { ...services.shop, ...parse(other) } }, slack: { channel: '#ship' } };
    const { services: read } = parseConfig(JSON.stringify(config), 'slipway.yaml');
    expect(read.get('shop')?.target).toMatchObject({ use: 'command', deploy: ['./deploy.sh', '{tag}'] });
  });

  test('its state file passes the gates', () => {
    const path = 'specs/014-coupons/state.yaml';
    const bytes = new TextEncoder().encode(block(`yaml ${path}`));
    const reading = readStateFiles([{ path, bytes }], { slug: '014-coupons', dir: 'specs/014-coupons' });
    for (const gate of [stagingValidationGate, rollbackGate, stagingDeploymentGate]) {
      expect(gate(reading)).toMatchObject({ verdict: 'passed' });
    }
    expect(reading.validatedCommit).toMatchObject({
      kind: 'value',
      value: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    expect(isReady(reading)).toBe(true);
  });
});

describe('what the README says that people type', () => {
  test('in Slack', () => {
    const typed = [...README.matchAll(/`\/ship-prod([^`]*)`/g)].map(([, words = '']) => words.trim());
    expect(typed.length).toBeGreaterThan(8);
    for (const words of typed) {
      const plain = words.replaceAll(/\[([^\]]*)\]/g, '$1');
      expect(() => parseCommand(plain, ['shop', 'site']), `/ship-prod ${words}`).not.toThrow();
    }
  });

  test('in the terminal', () => {
    const commands = [...README.matchAll(/(?:^|`)slipway ([a-z-]+)/gm)].map(([, name]) => name);
    for (const name of ['init', 'doctor', 'start']) expect(commands).toContain(name);
    // Without an installation npx would fetch whatever has that name.
    expect(README).not.toContain('npx slipway');
    for (const name of commands) expect([...Object.keys(COMMANDS), 'demo']).toContain(name);
  });

  test('every variable of the environment that the program reads is explained in the guide for operators', () => {
    const sources = ['src/app.ts', ...['src/app', 'src/cli', 'src/doctor'].flatMap(filesIn)];
    const read = sources.flatMap((file) => {
      const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      return [...text.matchAll(/\benv(?:\['([A-Z_]+)'\]|\.([A-Z_]+)|, '([A-Z_]+)')/g)].map(
        ([, index, key, argument]) => index ?? key ?? argument,
      );
    });
    const operating = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
    const named = [...new Set(read)].filter((name) => !operating.includes(`\`${name}\``));
    expect(read.length).toBeGreaterThan(5);
    expect(named).toEqual([]);
  });
});

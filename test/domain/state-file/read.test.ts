import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rollbackGate } from '../../../src/domain/gates/rollback-gate.ts';
import { stagingDeploymentGate } from '../../../src/domain/gates/staging-deployment.ts';
import { stagingValidationGate } from '../../../src/domain/gates/staging-validation.ts';
import { readStateFiles } from '../../../src/domain/state-file/read.ts';
import type { Reading } from '../../../src/domain/state-file/reading.ts';
import { runs } from '../../support/whole.ts';

const FIXTURES = new URL('../../fixtures/state-files/', import.meta.url);
const FEATURE = { slug: '014-checkout', dir: 'specs/014-checkout' };
const PATH = 'specs/014-checkout/state.yaml';
const SHARED = '.spec-flow/memory/state.yaml';

interface Expected {
  readonly staging: string;
  readonly rollback: string;
  readonly deployment: string;
  readonly commit: string | null;
  readonly phase: string | null;
}
const expected = JSON.parse(readFileSync(new URL('expected.json', FIXTURES), 'utf8')) as Record<
  string,
  Expected
>;

function read(...texts: (readonly [string, string | Uint8Array])[]) {
  const files = texts.map(([path, text]) => ({
    path,
    bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text,
  }));
  return readStateFiles(files, FEATURE);
}

function brief(reading: Reading<string>): string | null {
  return reading.kind === 'value' ? reading.value : reading.kind === 'missing' ? null : reading.kind;
}

describe('state files in the wild', () => {
  it('has an expectation for every fixture', () => {
    const files = readdirSync(FIXTURES).filter((name) => name.endsWith('.yaml'));
    expect(files.sort()).toEqual(Object.keys(expected).sort());
    expect(files.length).toBeGreaterThanOrEqual(25);
  });

  it.each(Object.entries(expected))('%s', (name, want) => {
    const reading = read([PATH, readFileSync(new URL(name, FIXTURES))]);
    const gates = [stagingValidationGate(reading), rollbackGate(reading), stagingDeploymentGate(reading)];
    expect({
      staging: gates[0]?.verdict,
      rollback: gates[1]?.verdict,
      deployment: gates[2]?.verdict,
      commit: brief(reading.validatedCommit),
      phase: brief(reading.phase),
    }).toEqual(want);
    for (const gate of gates) {
      expect(gate.reason).toMatch(/\S/);
      if (gate.verdict !== 'passed') expect(gate.remedy).toMatch(/re-check/);
    }
  });

  it('names file and line of what it read', () => {
    const reading = read([PATH, 'manual_gates:\n  staging_validation:\n    by: bea\n    status: approved\n']);
    expect(reading.stagingValidation).toEqual({
      kind: 'value',
      value: 'approved',
      source: `${PATH}:4`,
      quote: 'manual_gates.staging_validation.status: approved',
    });
  });

  it('quotes both sides of a contradiction with their places', () => {
    const reading = read(
      [PATH, 'manual_gates: { staging_validation: { status: approved } }\n'],
      [SHARED, 'workflow:\n  manual_gates:\n    validate-staging: { status: rejected }\n'],
    );
    expect(stagingValidationGate(reading)).toMatchObject({
      verdict: 'unknown',
      reason: `The state files contradict each other: manual_gates.staging_validation.status: approved (${PATH}:1) but workflow.manual_gates.validate-staging.status: rejected (${SHARED}:3).`,
    });
  });

  it('reads a gate from the shared state file', () => {
    const reading = read(
      [PATH, 'phase: ship-prod\n'],
      [SHARED, 'quality_gates: { rollback: { status: passed } }\n'],
    );
    expect(reading.rollbackGate).toMatchObject({ kind: 'value', value: 'passed', source: `${SHARED}:1` });
  });

  it.each(['013-cart', 'cart', '13', 'specs/013-cart'])(
    'ignores a shared file that speaks of %s',
    (other) => {
      const shared = `current_feature: ${other}\nquality_gates: { rollback: { status: passed } }\n`;
      const reading = read([PATH, 'phase: ship-prod\n'], [SHARED, shared]);
      expect(reading.rollbackGate).toEqual({ kind: 'missing', looked: [PATH] });
    },
  );

  it.each(['014-checkout', 'checkout', '14', 'specs/014-checkout/'])(
    'heeds a shared file that speaks of this feature as %s',
    (own) => {
      const shared = `current_feature: ${own}\nquality_gates: { rollback: { status: passed } }\n`;
      const reading = read([PATH, 'phase: ship-prod\n'], [SHARED, shared]);
      expect(reading.rollbackGate.kind).toBe('value');
    },
  );

  it('trusts nothing while one of the files cannot be read', () => {
    const good = readFileSync(new URL('canonical.yaml', FIXTURES));
    const reading = read([PATH, good], [SHARED, 'a: [']);
    expect(stagingValidationGate(reading).verdict).toBe('unknown');
    expect(stagingValidationGate(reading).reason).toContain(`${SHARED}:1`);
  });

  it('refuses 10 MB at once', () => {
    const huge = new TextEncoder().encode(`manual_gates: {}\n${'# filler\n'.repeat(1_200_000)}`);
    const before = performance.now();
    const reading = read([PATH, huge]);
    expect(performance.now() - before).toBeLessThan(100);
    expect(stagingValidationGate(reading)).toMatchObject({ verdict: 'unknown' });
  });

  it('survives deep nesting', () => {
    const reading = read([PATH, `manual_gates: ${'['.repeat(100_000)}`]);
    expect(stagingValidationGate(reading).verdict).toBe('unknown');
  });

  it('says that no file was found', () => {
    expect(stagingValidationGate(read()).reason).toContain('no state file was found');
  });

  it('never passes and never throws on noise', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary' })), (noise) => {
        const reading = read([PATH, noise]);
        for (const gate of [stagingValidationGate, rollbackGate, stagingDeploymentGate]) {
          expect(gate(reading).verdict).toBe('unknown');
        }
      }),
      { numRuns: runs({ sample: 100, whole: 300 }) },
    );
  });

  it('never passes a cut of a good file that lost its status line', () => {
    const whole = readFileSync(new URL('canonical.yaml', FIXTURES));
    const end = whole.indexOf('approved') + 'approved'.length;
    for (let length = 0; length < end; length++) {
      expect(stagingValidationGate(read([PATH, whole.subarray(0, length)])).verdict).not.toBe('passed');
    }
  });
});

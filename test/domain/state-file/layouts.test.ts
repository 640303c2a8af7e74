import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { rollbackGate } from '../../../src/domain/gates/rollback-gate.ts';
import { stagingDeploymentGate } from '../../../src/domain/gates/staging-deployment.ts';
import { stagingValidationGate } from '../../../src/domain/gates/staging-validation.ts';
import { isReady } from '../../../src/domain/promotion/feature.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { readStateFiles } from '../../../src/domain/state-file/read.ts';
import type { Reading, StateReading } from '../../../src/domain/state-file/reading.ts';
import { recordDeployment } from '../../../src/domain/state-file/update.ts';
import { changedLines } from './changed-lines.ts';

const FIXTURES = new URL('../../fixtures/state-layouts/', import.meta.url);
const PATH = 'specs/014-checkout/state.yaml';
const AT = Date.UTC(2026, 10, 25, 10, 0, 0);
const DEPLOYED = {
  release: { version: '2.7.0', tag: 'v2.7.0', commit: 'c'.repeat(40) },
  deployment: { id: 'prod-77', url: 'https://shop.example', startedAt: AT - 60_000, finishedAt: AT },
};

interface Expected {
  readonly staging: string;
  readonly rollback: string;
  readonly deployment: string;
  readonly phase: string | null;
  readonly production: string | null;
  readonly ready: boolean;
  /** Lines that go and come when a deployment is recorded, or why it is refused. */
  readonly edit: readonly string[] | string;
}
const expected = JSON.parse(readFileSync(new URL('expected.json', FIXTURES), 'utf8')) as Record<
  string,
  Expected
>;

function read(bytes: Uint8Array): StateReading {
  return readStateFiles([{ path: PATH, bytes }]);
}

function brief<T>(reading: Reading<T>, word: (value: T) => string): string | null {
  return reading.kind === 'value' ? word(reading.value) : reading.kind === 'missing' ? null : reading.kind;
}

function edited(text: string): string {
  return recordDeployment(PATH, text, DEPLOYED);
}

function editOf(text: string): readonly string[] | string {
  try {
    return changedLines(text, edited(text));
  } catch (error) {
    if (error instanceof Refusal) return String(error.facts['reason']);
    throw error;
  }
}

describe('state files of many layouts', () => {
  it('has an expectation for every fixture', () => {
    const files = readdirSync(FIXTURES).filter((name) => name.endsWith('.yaml'));
    expect(files.sort()).toEqual(Object.keys(expected).sort());
    expect(files.length).toBeGreaterThanOrEqual(120);
  });

  it.each(Object.entries(expected))('%s', (name, want) => {
    const bytes = readFileSync(new URL(name, FIXTURES));
    const reading = read(bytes);
    expect({
      staging: stagingValidationGate(reading).verdict,
      rollback: rollbackGate(reading).verdict,
      deployment: stagingDeploymentGate(reading).verdict,
      phase: brief(reading.phase, (phase) => phase),
      production: brief(reading.production, ({ rolledBack }) => (rolledBack ? 'rolled back' : 'deployed')),
      ready: isReady(reading),
      // Bytes that are no text are refused before they are read.
      edit: bytes.includes(0xea) ? 'not UTF-8' : editOf(bytes.toString('utf8')),
    }).toEqual(want);
  });

  it.each(Object.entries(expected).filter(([, { edit }]) => typeof edit !== 'string'))(
    'says the same in %s when it is edited twice, and reads as deployed',
    (name) => {
      const before = readFileSync(new URL(name, FIXTURES), 'utf8');
      const after = edited(before);
      expect(edited(after)).toBe(after);
      const reading = read(new TextEncoder().encode(after));
      expect(reading.production).toMatchObject({
        kind: 'value',
        value: { rolledBack: false, version: '2.7.0', deployedAt: '2026-11-25T10:00:00Z' },
      });
      expect(isReady(reading)).toBe(false);
      expect(words(reading)).toEqual(words(read(new TextEncoder().encode(before))));
    },
  );

  it('leaves JSON what a JSON parser reads', () => {
    for (const name of ['style-json.yaml', 'style-json-one-line.yaml']) {
      const after = edited(readFileSync(new URL(name, FIXTURES), 'utf8'));
      expect(JSON.parse(after)).toMatchObject({ deployment: { production: { version: '2.7.0' } } });
    }
  });

  it('writes texts that older YAML reads as texts, too', () => {
    for (const id of ['on', 'no', '0123', '12e3', '1_000', '1:30', '0x1F', '~']) {
      const facts = { ...DEPLOYED, deployment: { ...DEPLOYED.deployment, id } };
      const after = recordDeployment(PATH, 'phase: ship-prod\n', facts);
      for (const version of ['1.1', '1.2'] as const) {
        expect(parse(after, { version })).toMatchObject({
          deployment: { production: { deployment_id: id } },
        });
      }
    }
  });
});

describe('contradictions', () => {
  it.each([
    [
      'manual_gates: { staging_validation: { status: approved, approved: false } }',
      'manual_gates.staging_validation.status: approved',
      'manual_gates.staging_validation.approved: false',
    ],
    [
      'manual_gates: { validate-staging: { status: approved, validated: "No" } }',
      'manual_gates.validate-staging.status: approved',
      'manual_gates.validate-staging.validated: No',
    ],
  ])('quotes both sides of %s', (text, one, other) => {
    const gate = stagingValidationGate(read(new TextEncoder().encode(text)));
    expect(gate).toMatchObject({
      verdict: 'unknown',
      reason: `The state files contradict each other: ${one} (${PATH}:1) but ${other} (${PATH}:1).`,
    });
  });

  it.each([
    'quality_gates: { rollback: { status: passed, tested: false } }',
    'quality_gates: { rollback: { passed: true, test_passed: false, available: false } }',
    'quality_gates: { rollback: { passed: "yes", tested: off } }',
    'quality_gates: { rollback: { status: passed, failed: yes } }',
    'quality_gates: { rollback: { status: passed, result: failure } }',
  ])('is unknown: %s', (text) => {
    const gate = rollbackGate(read(new TextEncoder().encode(text)));
    expect(gate.verdict).toBe('unknown');
    expect(gate.reason).toMatch(/contradict each other: quality_gates\.rollback\.\S+: \S+ .+ but /);
  });
});

/** What the gates read, without its places: lines move. */
function words({ stagingValidation, rollbackGate: rollback, stagingDeployment }: StateReading): unknown[] {
  return [stagingValidation, rollback, stagingDeployment].map((reading) =>
    reading.kind === 'value' ? reading.value : reading.kind,
  );
}

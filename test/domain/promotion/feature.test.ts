import { describe, expect, it } from 'vitest';
import {
  atShipProd,
  chooseFeature,
  featureFolders,
  isFixedForward,
  isReady,
  staysRolledBack,
} from '../../../src/domain/promotion/feature.ts';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { readStateFiles } from '../../../src/domain/state-file/read.ts';
import type { Reading } from '../../../src/domain/state-file/reading.ts';

const NOTHING: Reading<string> = { kind: 'missing', looked: [] };
const FOLDERS = featureFolders(
  [
    'README.md',
    'specs/012-search/state.yaml',
    'specs/013-cart/spec.md',
    'specs/013-cart/workflow-state.yaml',
    'specs/014-checkout/state.yaml',
    'specs/014-checkout/workflow-state.yaml',
    'specs/014-checkout/deep/state.yaml',
    'specs/015-draft/spec.md',
    'epics/002-auth/state.yaml',
    'src/state.yaml',
  ],
  ['specs', 'epics'],
);

const READY = 'manual_gates: { staging_validation: { status: approved } }';
const SHIPPED = `phase: finalize\n${READY}\ndeployment: { production: { deployed_at: 2026-11-01T10:00:00Z } }`;
const ROLLED_BACK =
  'phase: ship-prod\ndeployment: { production: { deployed_at: 2026-11-01T10:00:00Z, rolled_back_at: 2026-11-01T11:00:00Z } }';
const PENDING = 'manual_gates: { staging_validation: { status: pending } }';

function reading(text: string) {
  return readStateFiles([{ path: 'state.yaml', bytes: new TextEncoder().encode(text) }]);
}

function choose(
  states: Readonly<Record<string, string>>,
  options: { requested?: string; current?: Reading<string> } = {},
) {
  return chooseFeature({
    folders: FOLDERS,
    requested: options.requested,
    currentFeature: options.current ?? NOTHING,
    readings: new Map(Object.entries(states).map(([dir, text]) => [dir, reading(text)])),
  });
}

function refusal(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
  }
  throw new Error('It was not refused.');
}

describe('featureFolders', () => {
  it('finds folders with a state file directly below the configured ones', () => {
    expect(FOLDERS.map(({ dir, stateFiles }) => [dir, ...stateFiles])).toEqual([
      ['specs/012-search', 'specs/012-search/state.yaml'],
      ['specs/013-cart', 'specs/013-cart/workflow-state.yaml'],
      ['specs/014-checkout', 'specs/014-checkout/state.yaml', 'specs/014-checkout/workflow-state.yaml'],
      ['epics/002-auth', 'epics/002-auth/state.yaml'],
    ]);
  });
});

describe('chooseFeature', () => {
  it.each(['013-cart', '13', '013', 'cart', 'specs/013-cart', '013-CART'])(
    'takes what was asked: %s',
    (requested) => {
      expect(choose({}, { requested })).toMatchObject({ folder: { slug: '013-cart' }, why: 'requested' });
    },
  );

  it('then current_feature', () => {
    const current = { kind: 'value', value: '012-search', source: 'x:1', quote: 'q' } as const;
    expect(choose({ 'specs/014-checkout': READY }, { current })).toMatchObject({
      folder: { slug: '012-search' },
      why: 'current',
    });
  });

  it('then the highest number that is ready, by number and not by name or folder', () => {
    expect(
      choose({ 'specs/012-search': READY, 'specs/013-cart': READY, 'epics/002-auth': READY }),
    ).toMatchObject({
      folder: { slug: '013-cart' },
      why: 'highest-ready',
    });
  });

  it('passes over what has shipped or was rolled back', () => {
    const states = { 'specs/014-checkout': SHIPPED, 'specs/013-cart': `${ROLLED_BACK}\n${READY}` };
    expect(choose({ ...states, 'specs/012-search': READY })).toMatchObject({
      folder: { slug: '012-search' },
    });
  });

  it('takes up a feature again that was staged and approved after its rollback', () => {
    const approved = READY.replace('approved', 'approved, approved_at: 2026-11-02T11:00:00Z');
    const again = `${approved}\ndeployment:\n  staging: { deployed_at: 2026-11-02T10:00:00Z }\n  production: { deployed_at: 2026-11-01T10:00:00Z, rolled_back_at: 2026-11-01T11:00:00Z }`;
    expect(choose({ 'specs/014-checkout': again }).why).toBe('highest-ready');
    expect(isFixedForward(reading(again))).toBe(true);
  });

  it('does not take an approval without a time for one that came after the rollback', () => {
    const again = `${READY}\ndeployment:\n  staging: { deployed_at: 2026-11-02T10:00:00Z }\n  production: { deployed_at: 2026-11-01T10:00:00Z, rolled_back_at: 2026-11-01T11:00:00Z }`;
    expect(isFixedForward(reading(again))).toBe(false);
    expect(staysRolledBack(reading(again))).toBe(true);
    expect(choose({ 'specs/014-checkout': again, 'specs/013-cart': READY }).folder.slug).toBe('013-cart');
  });

  it('shows the highest open feature when none is ready, so that its gates say why', () => {
    const states = { 'specs/014-checkout': SHIPPED, 'specs/013-cart': PENDING, 'specs/012-search': PENDING };
    expect(choose(states)).toMatchObject({ folder: { slug: '013-cart' }, why: 'highest-open' });
  });

  it('refuses when everything has shipped', () => {
    const states = Object.fromEntries(FOLDERS.map(({ dir }) => [dir, SHIPPED]));
    const refused = refusal(() => choose(states));
    expect(refused.code).toBe('feature-none');
    expect(explain(refused).text).toContain('014-checkout');
  });

  it('refuses an unknown one with a suggestion', () => {
    const refused = refusal(() => choose({}, { requested: '014-chekcout' }));
    expect(refused.code).toBe('feature-unknown');
    expect(explain(refused).hint).toContain('014-checkout');
  });

  it('names the file that points nowhere', () => {
    const current = {
      kind: 'value',
      value: '099-x',
      source: '.spec-flow/memory/state.yaml:3',
      quote: '',
    } as const;
    const refused = refusal(() => choose({}, { current }));
    expect(explain(refused).text).toContain('.spec-flow/memory/state.yaml:3');
  });

  it('refuses a contradiction about the current feature', () => {
    const current = { kind: 'contradiction', statements: [{ quote: 'a: 1', source: 'x:1' }] } as const;
    expect(refusal(() => choose({}, { current })).code).toBe('feature-unclear');
  });

  it('refuses what two folders are called', () => {
    const folders = featureFolders(['specs/001-a/state.yaml', 'epics/001-b/state.yaml'], ['specs', 'epics']);
    const input = { folders, requested: '1', currentFeature: NOTHING, readings: new Map() };
    expect(refusal(() => chooseFeature(input)).code).toBe('feature-ambiguous');
  });
});

describe('atShipProd', () => {
  it.each(['current_phase: ship-prod', 'workflow: { phase: "ship:ship-prod" }', 'phase: ship_prod'])(
    '%s',
    (text) => {
      expect(atShipProd(reading(text))).toBe(true);
      expect(atShipProd(reading('phase: validate-staging'))).toBe(false);
    },
  );

  it('what was rolled back stays so', () => {
    expect(staysRolledBack(reading(ROLLED_BACK))).toBe(true);
  });

  it('is not ready while approvals contradict each other', () => {
    expect(isReady(reading(`${READY}\nworkflow: ${`{ ${PENDING} }`}`))).toBe(false);
  });
});

import { describe, expect, test } from 'vitest';
import {
  appliedCommit,
  attemptedCommit,
  commitIn,
  FluxKustomization,
  fluxStatus,
} from '../../../../src/adapters/targets/gitops/flux-status.ts';
import { findValue, type ValuePlace } from '../../../../src/adapters/targets/gitops/place.ts';

const KUSTOMIZE: ValuePlace = { kind: 'kustomize', image: 'shop' };
const VALUE: ValuePlace = { kind: 'value', path: ['image', 'tag'] };
const PATTERN: ValuePlace = { kind: 'pattern', pattern: '^TAG=(\\S+)$' };

describe('the value of a file', () => {
  test.each<[string, string, ValuePlace, string, string, string]>([
    ['a plain value', 'image: {tag: v1} # x\n', VALUE, 'v1', 'v2', 'image: {tag: v2} # x\n'],
    ['single quotes', "image:\n  tag: 'v1'\n", VALUE, 'v1', 'v2', "image:\n  tag: 'v2'\n"],
    ['double quotes', 'image:\r\n  tag: "1.0"\r\n', VALUE, '1.0', '1.10', 'image:\r\n  tag: "1.10"\r\n'],
    ['what would be a number', 'image: { tag: 1.0 }', VALUE, '1.0', '1.10', 'image: { tag: "1.10" }'],
    ['JSON', '{"image": {"tag": "v1"}}', VALUE, 'v1', 'v2', '{"image": {"tag": "v2"}}'],
    [
      'a number of digits',
      'images: [{name: shop, newTag: v1}]',
      KUSTOMIZE,
      'v1',
      '1e3',
      'images: [{name: shop, newTag: "1e3"}]',
    ],
    [
      'single quotes around nothing',
      "image:\n  tag: '' # none yet\n",
      VALUE,
      '',
      'v2',
      "image:\n  tag: 'v2' # none yet\n",
    ],
    ['a value with an anchor', 'image: {tag: &a v1}\nb: *a', VALUE, 'v1', 'v2', 'image: {tag: &a v2}\nb: *a'],
    ['a value that is said to be text', 'image: {tag: !!str 1}', VALUE, '1', '2', 'image: {tag: !!str "2"}'],
    [
      'after a mark of the order of bytes',
      '\uFEFFimage:\n  tag: v1\n',
      VALUE,
      'v1',
      'v2',
      '\uFEFFimage:\n  tag: v2\n',
    ],
    ['what YAML 1.1 reads as a boolean', 'image: {tag: v1}', VALUE, 'v1', 'on', 'image: {tag: "on"}'],
    [
      'in the second of two documents',
      'kind: A\n---\nimage:\r\n  tag: v1\r\n',
      VALUE,
      'v1',
      'v2',
      'kind: A\n---\nimage:\r\n  tag: v2\r\n',
    ],
    ['a pattern', 'A=1\nTAG=v1\n', PATTERN, 'v1', 'v2', 'A=1\nTAG=v2\n'],
  ])('is changed: %s', (_name, text, place, value, next, after) => {
    const found = findValue(text, place);
    expect(found).toMatchObject({ kind: 'found', value });
    if (found.kind === 'found') expect(found.write(next)).toBe(after);
  });

  test.each<[string, ValuePlace, RegExp]>([
    ['image: { name: shop }', VALUE, /it has no image\.tag/],
    ['a: &a v1\nimage: { tag: *a }', VALUE, /an alias/],
    ['image:\n  tag: |\n    v1\n', VALUE, /a block of text/],
    ['image:\n  tag:\n', VALUE, /image\.tag is empty; write a value there/],
    ['image:\n  tag: # none yet\n', VALUE, /image\.tag is empty/],
    ['image: { tag: }', VALUE, /image\.tag is empty/],
    ['image: {"tag":}', VALUE, /image\.tag is empty/],
    ['image: {tag}', VALUE, /it has no image\.tag/],
    ['image:\n  tag: &a # none yet\n', VALUE, /image\.tag is empty/],
    ['image:\n  tag: !!str\n', VALUE, /image\.tag is empty/],
    ['image:\n  tag: null\n', VALUE, /image\.tag is empty/],
    ['image:\n  tag: ~\n', VALUE, /image\.tag is empty/],
    ['{"image": {"tag": null}}', VALUE, /image\.tag is empty/],
    ['image: { tag: !!int 5 }', VALUE, /a tag that makes it no text/],
    ['images:\n  - name: shop\n    newTag:\n', KUSTOMIZE, /newTag of shop is empty/],
    ['image: { tag: a }\n---\nimage: { tag: b }', VALUE, /2 documents in it have image\.tag/],
    ['image: {', VALUE, /its line 1 is no YAML/],
    ['image:\n  tag: v1\n  tag: v2\n', VALUE, /its line 3 gives a key that was given before/],
    ['a: [{ b: 1, "b": 2 }]\nimages: []', KUSTOMIZE, /its line 1 gives a key that was given before/],
    ['images: []', KUSTOMIZE, /no entry with the name shop/],
    ['images: [{name: shop, newTag: a}, {name: shop, newTag: b}]', KUSTOMIZE, /2 entries/],
    ['images: [{name: shop, newTag: a, digest: "sha256:1"}]', KUSTOMIZE, /has a digest/],
    ['TAG=a\nTAG=b\n', PATTERN, /more than one place/],
    ['x', PATTERN, /nothing in it matches/],
    [`${'a'.repeat(40)}!`, { kind: 'pattern', pattern: '(a+)+$' }, /too much for the pattern|nothing in it/],
    ['-'.repeat(600_000), VALUE, /larger than 512 kB/],
  ])('is not found in %.30s', (text, place, reason) => {
    const found = findValue(text, place);
    expect(found.kind === 'problem' ? found.reason : '').toMatch(reason);
  });
});

describe('what would be written', () => {
  test.each<[string, string, string]>([
    ['TAG=1\n', '^TAG=(\\d+)$', 'v2'],
    ['TAG=v1\n', '^TAG=(\\S+)$', 'v 2'],
    ['TAG=v1 # v2\n', '(v1|v2\\b(?= #))', 'v2-rc'],
  ])('and not be found there again, is not: %s', (text, pattern, next) => {
    const found = findValue(text, { kind: 'pattern', pattern });
    expect(found.kind === 'found' ? found.write(next) : found.reason).toBeNull();
  });
});

describe('Flux', () => {
  const [old, ours] = ['a'.repeat(40), 'b'.repeat(40)];
  const of = (applied: string, attempted: string, ready: object, observed = 2) =>
    fluxStatus(
      {
        metadata: { generation: 2 },
        status: {
          observedGeneration: observed,
          lastAppliedRevision: `main@sha1:${applied}`,
          lastAttemptedRevision: `main@sha1:${attempted}`,
          conditions: [{ type: 'Ready', status: 'True', ...ready }],
        },
      },
      (commit) => commit === ours,
      1_900_000_000_000,
    ).state;

  test('is done only when our commit is applied and Ready', () => {
    expect(of(old, old, {})).toBe('running');
    expect(of(old, ours, { status: 'Unknown', reason: 'Progressing' })).toBe('running');
    expect(of(old, ours, { status: 'False', reason: 'DependencyNotReady' })).toBe('running');
    expect(of(old, ours, { status: 'False', reason: 'ArtifactFailed' })).toBe('running');
    expect(of(old, ours, { status: 'False', reason: 'HealthCheckCanceled' })).toBe('running');
    expect(of(old, ours, { status: 'False', reason: 'HealthCheckFailed', message: 'timeout' })).toBe(
      'failed',
    );
    const before = {
      status: 'False',
      reason: 'HealthCheckFailed',
      lastTransitionTime: '2030-01-01T00:00:00Z',
    };
    expect(of(old, ours, before)).toBe('running');
    expect(of(ours, ours, {}, 1)).toBe('running');
    expect(of(ours, ours, {})).toBe('done');
    expect(fluxStatus({ metadata: {} }, () => true, 0).state).toBe('running');
  });

  test('of an artifact, the commit that was packed counts, and not the digest', () => {
    const status = {
      lastAppliedRevision: `latest@sha256:${'c'.repeat(64)}`,
      lastAppliedOriginRevision: `main@sha1:${ours}`,
      conditions: [{ type: 'Ready', status: 'True' }],
    };
    expect(fluxStatus({ metadata: {}, status }, (commit) => commit === ours, 0).state).toBe('done');
  });

  describe('with a source that is no git repository', () => {
    const since = Date.parse('2030-01-01T00:00:00Z');
    const [packedOld, packedOurs] = ['c', 'd'].map((one) => `latest@sha256:${one.repeat(64)}`);
    /** As the controller writes it: the newest first, once an attempt has ended that could be built. */
    const ended = (revision: string | undefined, commit: string | null, lastReconciledStatus: string) => ({
      digest: `sha256:${'e'.repeat(64)}`,
      firstReconciled: '2029-12-31T23:50:00Z',
      lastReconciled: '2030-01-01T00:00:05Z',
      lastReconciledDuration: '5m1s',
      lastReconciledStatus,
      totalReconciliations: 3,
      metadata: { revision, ...(commit === null ? {} : { originRevision: `main@sha1:${commit}` }) },
    });
    const failed = (reason: string, lastTransitionTime = '2030-01-01T00:00:05Z') => [
      { type: 'Reconciling', status: 'True', reason: 'ProgressingWithRetry' },
      { type: 'Ready', status: 'False', reason, message: 'timeout waiting for: shop', lastTransitionTime },
    ];
    const readAs = (kind: string, status: object) =>
      FluxKustomization.parse({
        metadata: { generation: 2 },
        spec: { wait: true, sourceRef: { kind } },
        status: { observedGeneration: 2, ...status },
      });
    const judge = (kind: string, status: object) =>
      fluxStatus(readAs(kind, status), (commit) => commit === ours, since);
    const waiting = {
      state: 'running',
      detail: 'Flux has not applied the commit yet (HealthCheckFailed: timeout waiting for: shop)',
    };

    test.each(['OCIRepository', 'Bucket', 'ExternalArtifact'])(
      'retries of what was tried before: %s',
      (kind) => {
        const origin = kind === 'Bucket' ? null : old;
        const status = {
          lastAttemptedRevision: packedOld,
          history: [ended(packedOld, origin, 'HealthCheckFailed')],
        };
        // Each retry is Unknown for a while and then False anew.
        const retries = ['2029-12-31T23:59:00Z', '2030-01-01T00:00:05Z', '2030-01-01T00:05:10Z'].map((at) =>
          judge(kind, { ...status, conditions: failed('HealthCheckFailed', at) }),
        );
        expect(retries).toEqual([waiting, waiting, waiting]);
      },
    );

    test('the release itself, once Flux says which commit it tried', () => {
      const before = [ended(packedOld, old, 'HealthCheckFailed')];
      const status = { lastAttemptedRevision: packedOurs, history: before };
      const unknown = { type: 'Ready', status: 'Unknown', reason: 'Progressing', message: 'Running' };
      expect(judge('OCIRepository', { ...status, conditions: [unknown] }).state).toBe('running');
      const history = [ended(packedOurs, ours, 'HealthCheckFailed'), ...before];
      const now = { ...status, history, conditions: failed('HealthCheckFailed') };
      expect(judge('OCIRepository', now)).toEqual({
        state: 'failed',
        detail: 'HealthCheckFailed: timeout waiting for: shop',
      });
      const long = failed('HealthCheckFailed', '2029-12-31T23:00:00Z');
      expect(judge('OCIRepository', { ...now, conditions: long }).state).toBe('running');
    });

    test('without a history nobody knows whose failure it is', () => {
      const conditions = failed('HealthCheckFailed');
      const status = { lastAttemptedRevision: packedOurs, conditions };
      expect(judge('OCIRepository', status)).toEqual(waiting);
      // What could not be built is not in it.
      const history = [ended(packedOld, old, 'ReconciliationSucceeded')];
      expect(judge('OCIRepository', { ...status, history })).toEqual(waiting);
    });

    test.each([`main@sha1:${ours}`, `sha1:${ours}`])(
      'an artifact with the revision of its repository: %s',
      (revision) => {
        const ready = { type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded' };
        const status = {
          lastAttemptedRevision: revision,
          lastAppliedRevision: revision,
          history: [ended(revision, null, 'ReconciliationSucceeded')],
          conditions: [ready],
        };
        expect(judge('ExternalArtifact', status).state).toBe('done');
        expect(appliedCommit(readAs('ExternalArtifact', status))).toBe(ours);
        const lastAppliedRevision = `main@sha1:${old}`;
        const conditions = failed('HealthCheckFailed');
        expect(judge('ExternalArtifact', { ...status, lastAppliedRevision, conditions }).state).toBe(
          'failed',
        );
      },
    );

    test('a digest is a commit only of a git repository with SHA-256', () => {
      const revision = `main@sha256:${'c'.repeat(64)}`;
      const status = { lastAppliedRevision: revision, lastAttemptedRevision: revision };
      const commits = (kind: string) =>
        [appliedCommit, attemptedCommit].map((of) => of(readAs(kind, status)));
      expect(commits('GitRepository')).toEqual(['c'.repeat(64), 'c'.repeat(64)]);
      for (const kind of ['OCIRepository', 'Bucket', 'ExternalArtifact'])
        expect(commits(kind)).toEqual([null, null]);
    });
  });

  test('revisions of both forms', () => {
    expect([`main@sha1:${ours}`, `main/${ours}`, ours, '6.5.4', null].map(commitIn)).toEqual([
      ours,
      ours,
      ours,
      null,
      null,
    ]);
  });
});

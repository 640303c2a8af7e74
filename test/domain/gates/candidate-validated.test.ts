import { describe, expect, it } from 'vitest';
import { candidateValidatedGate, type Drift } from '../../../src/domain/gates/candidate-validated.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

function drift(change: Partial<Drift> = {}): Drift {
  return {
    validated: {
      kind: 'value',
      value: A,
      source: 'specs/014/state.yaml:9',
      quote: 'deployment.staging.commit_sha: aaaa',
    },
    resolved: A,
    base: A,
    changed: [],
    commits: [],
    harmless: (path) => path.startsWith('specs/') || path === 'CHANGELOG.md',
    ...change,
  };
}

describe('candidate-validated', () => {
  it('passes for the validated commit itself', () => {
    expect(candidateValidatedGate(drift())).toMatchObject({ verdict: 'passed' });
  });

  it('passes when only spec, state and release files differ', () => {
    const gate = candidateValidatedGate(
      drift({ base: B, changed: ['CHANGELOG.md', 'specs/014/state.yaml'] }),
    );
    expect(gate).toMatchObject({ verdict: 'passed', reason: expect.stringContaining('(2 files)') });
  });

  it('fails on any other file and lists the commits in between', () => {
    const gate = candidateValidatedGate(
      drift({
        base: B,
        changed: ['specs/014/state.yaml', 'src/pay.ts'],
        commits: [{ sha: B, subject: 'fix: rounding' }],
        compareUrl: 'https://git.example/compare',
      }),
    );
    expect(gate).toMatchObject({ verdict: 'failed', link: 'https://git.example/compare' });
    expect(gate.reason).toBe(
      'bbbbbbb is not the validated aaaaaaa: src/pay.ts changed; 1 commit in between: bbbbbbb fix: rounding.',
    );
  });

  it('lists the first five of many', () => {
    const commits = Array.from({ length: 8 }, (_, index) => ({ sha: B, subject: `change ${index}` }));
    const { reason } = candidateValidatedGate(drift({ base: B, changed: ['src/a.ts'], commits }));
    expect(reason).toContain('8 commits in between');
    expect(reason).toContain('change 4; and 3 more');
    expect(reason).not.toContain('change 5');
  });

  it('is unknown when the repository lacks the validated commit', () => {
    expect(candidateValidatedGate(drift({ resolved: null })).verdict).toBe('unknown');
  });

  it('is unknown when nobody wrote down what was validated', () => {
    const gate = candidateValidatedGate(
      drift({ validated: { kind: 'missing', looked: ['specs/014/state.yaml'] } }),
    );
    expect(gate).toMatchObject({ verdict: 'unknown', reason: expect.stringContaining('commit_sha') });
  });
});

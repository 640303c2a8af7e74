import { describe, expect, test } from 'vitest';
import { BUTTON_KINDS } from '../../../src/blocks/card/button-kinds.ts';
import { actionsFor } from '../../../src/blocks/card/buttons.ts';
import type { Policy } from '../../../src/domain/policy/service.ts';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import type { MemoryRun } from '../../fakes/memory-run.ts';
import { House, STATE, stateFile } from '../house.ts';
import { ship as shipWith } from '../ship.ts';

/** What can go wrong in each step, what people read and may press then, and where each answer leads. */

const by = 'U_LINUS';
const ANSWERS = {
  recheck: { kind: 'recheck', by },
  retry: { kind: 'retry', by },
  bump: { kind: 'bump', by, bump: 'major', lowerConfirmed: false },
  cancel: { kind: 'cancel', by, reason: 'not today' },
  rollback: { kind: 'rollback', by, reason: 'it is bad' },
  accept: { kind: 'accept', by },
} as const satisfies Record<string, RunMessage>;
type Answer = keyof typeof ANSWERS;

interface Outcome {
  readonly state: string;
  /** What the card says in the end. */
  readonly says?: string;
  /** The version that production has in the end; 1.3.0 is the new one. */
  readonly live: string;
  /** Whether v1.3.0 is tagged in the end. */
  readonly tagged: boolean;
  /** How often something was deployed, rollbacks too. */
  readonly deployments: number;
}

interface Failure {
  readonly step: string;
  readonly policy?: Partial<Policy>;
  /** Makes it go wrong. */
  breaks(house: House): void;
  /** Puts it right before somebody answers. */
  mends?(house: House): void;
  /** The card while people are asked. */
  readonly asked: {
    readonly state: string;
    readonly says: readonly string[];
    readonly buttons: readonly string[];
  };
  readonly answers: { readonly [K in Answer]?: Outcome };
}

const SHIPPED: Outcome = { state: 'shipped', live: '1.3.0', tagged: true, deployments: 1 };
const AS_MAJOR: Outcome = { state: 'shipped', live: '2.0.0', tagged: false, deployments: 1 };
const ROLLED_BACK: Outcome = { state: 'rolled-back', live: '1.2.0', tagged: true, deployments: 2 };
const NOTHING: Outcome = { state: 'cancelled', live: '1.2.0', tagged: false, deployments: 0 };
const NEVER = { automaticRollback: 'never' } as const;

/** Only the new release is bad. */
function sick(house: House): void {
  house.check.always(({ version }) => ({ ok: version === '1.2.0', detail: '503' }));
}

/** All requests to it fail. */
function failing({ metrics, target }: House): void {
  const read = metrics.read.bind(metrics);
  metrics.read = async (range, phase) => {
    const samples = await read(range, phase);
    const isBad = phase === 'after' && target.current?.version === '1.3.0';
    return isBad ? samples.map((one) => ({ ...one, errors: one.total ?? 1 })) : samples;
  };
}

const FAILURES: readonly Failure[] = [
  {
    step: 'verify: staging was rejected',
    breaks: ({ repository, validated }) =>
      void repository.push('main', 'docs: no', { [STATE]: stateFile(validated, { staging: 'rejected' }) }),
    mends: ({ repository, validated }) =>
      void repository.push('main', 'docs: yes', { [STATE]: stateFile(validated) }),
    asked: { state: 'blocked', says: [], buttons: ['Re-check', 'Change version…', 'Cancel'] },
    answers: { recheck: SHIPPED, bump: AS_MAJOR, cancel: { ...NOTHING, says: 'not today' } },
  },
  {
    step: 'release: the branch is protected',
    breaks: ({ repository }) =>
      repository.failNext(
        'cutRelease',
        new Refusal('not-writable', { remote: 'origin', branch: 'main', reason: 'protected' }),
      ),
    asked: {
      state: 'blocked',
      says: ['main', 'protected'],
      buttons: ["I'm on it", 'Re-check', 'Change version…', 'Cancel'],
    },
    answers: { recheck: SHIPPED, bump: AS_MAJOR, cancel: { ...NOTHING, says: 'not today' } },
  },
  {
    step: 'release: the tag is refused after the commit',
    breaks: ({ repository }) =>
      repository.failNext(
        'cutRelease',
        new Refusal('tag-refused', {
          tag: 'v1.3.0',
          branch: 'main',
          commit: 'a'.repeat(40),
          reason: 'a rule',
        }),
      ),
    asked: {
      state: 'releasing',
      says: ['v1.3.0', 'a rule'],
      buttons: ["I'm on it", 'Retry the release', 'Decline…', 'Cancel'],
    },
    answers: {
      retry: SHIPPED,
      cancel: { ...NOTHING, says: 'The next promotion finishes what is on the branch.' },
    },
  },
  {
    step: 'deploy: the platform says that it failed',
    breaks: ({ target }) => target.breakNextDeployment('no space left'),
    asked: {
      state: 'deploying',
      says: ['no space left', 'Production has 1.2.0'],
      buttons: ["I'm on it", 'Retry the deploy', 'Roll back to 1.2.0', 'Cancel'],
    },
    answers: {
      retry: { ...SHIPPED, deployments: 2 },
      rollback: ROLLED_BACK,
      cancel: {
        state: 'cancelled',
        live: '1.2.0',
        tagged: true,
        deployments: 1,
        says: 'v1.3.0 stays tagged and is complete on the branch; production still has what it had before. The next promotion can deploy it.',
      },
    },
  },
  {
    step: 'health: a critical check fails, and nothing is rolled back by itself',
    policy: NEVER,
    breaks: sick,
    mends: ({ check }) => check.always(() => ({ ok: true, detail: '200' })),
    asked: {
      state: 'verifying',
      says: [],
      buttons: ["I'm on it", 'Roll back to 1.2.0', 'Check again', 'Accept and go on'],
    },
    answers: { retry: SHIPPED, rollback: ROLLED_BACK, accept: SHIPPED },
  },
  {
    step: 'health: a critical check of the very first release fails',
    breaks: (house) => {
      house.target.current = null;
      sick(house);
    },
    mends: ({ check }) => check.always(() => ({ ok: true, detail: '200' })),
    asked: { state: 'verifying', says: [], buttons: ["I'm on it", 'Check again', 'Accept and go on'] },
    answers: { retry: SHIPPED, accept: SHIPPED },
  },
  {
    step: 'watch: requests to the very first release fail',
    breaks: (house) => {
      house.target.current = null;
      failing(house);
    },
    asked: {
      state: 'monitoring',
      says: [],
      buttons: ["I'm on it", 'Hotfix…', 'Accept and close', 'Extend 15 min', 'Hold the window open'],
    },
    answers: { accept: SHIPPED },
  },
  {
    step: 'watch: requests fail, and nothing is rolled back by itself',
    policy: NEVER,
    breaks: failing,
    asked: {
      state: 'monitoring',
      says: [],
      buttons: [
        "I'm on it",
        'Roll back to 1.2.0',
        'Accept and close',
        'Extend 15 min',
        'Hold the window open',
      ],
    },
    answers: { rollback: ROLLED_BACK, accept: SHIPPED },
  },
  {
    step: 'rollback: it fails twice',
    breaks: (house) => {
      sick(house);
      const start = house.target.start.bind(house.target);
      house.target.start = async (order, key) => {
        const failed = house.target.started.filter((one) => one.order.kind === 'rollback').length;
        if (order.kind === 'rollback' && failed < 2) house.target.breakNextDeployment('the image is gone');
        return start(order, key);
      };
    },
    asked: {
      state: 'rolling-back',
      says: ['The rollback failed', 'the image is gone', 'Production has 1.3.0'],
      buttons: ["I'm on it", 'Retry the rollback', 'Give up the rollback'],
    },
    answers: {
      retry: { ...ROLLED_BACK, deployments: 4 },
      accept: {
        state: 'failed',
        live: '1.3.0',
        tagged: true,
        deployments: 3,
        says: 'was given up: the image is gone. Production has 1.3.0',
      },
    },
  },
];

const paths = FAILURES.flatMap((failure) =>
  (Object.keys(failure.answers) as Answer[]).map((answer) => ({ step: failure.step, answer, failure })),
);

test.each(paths)('$step; then $answer', async ({ failure, answer }) => {
  const house = new House(failure.policy);
  let asked: Promotion | null = null;
  const ended = await ship(house, failure, (promotion) => {
    const isCalm = promotion.state === 'monitoring' && promotion.data.monitor?.alarm === undefined;
    if (asked !== null || isCalm) return null;
    asked = promotion;
    failure.mends?.(house);
    return ANSWERS[answer];
  });

  const { state, says, buttons } = failure.asked;
  expect(asked).toMatchObject({ state });
  const card = asked as unknown as Promotion;
  for (const words of says) expect(card.data.notice?.text).toContain(words);
  expect(labels(card)).toEqual([...buttons, 'Details']);

  const outcome = failure.answers[answer];
  expect(ended.state).toBe(outcome?.state);
  expect(house.target.current?.version).toBe(outcome?.live);
  expect(house.repository.tags.has('v1.3.0')).toBe(outcome?.tagged);
  expect(house.target.started).toHaveLength(outcome?.deployments ?? 0);
  if (outcome?.says !== undefined) expect(ended.data.notice?.text).toContain(outcome.says);
});

describe('what cannot be asked is said', () => {
  test('report: it is not committed, and what was watched ships all the same', async () => {
    const house = new House();
    const commitFiles = house.repository.commitFiles.bind(house.repository);
    let isAway = true;
    house.repository.commitFiles = async (change, key) => {
      if (isAway) throw new Unavailable('the git remote', 'cut off');
      return commitFiles(change, key);
    };
    let said = '';
    const ended = await ship(house, {}, ({ state, data }) => {
      if (state === 'monitoring') isAway = false;
      said ||= data.steps?.find(({ name }) => name === 'report')?.detail ?? '';
      return null;
    });
    expect(ended.state).toBe('shipped');
    expect(said).toContain('could not be committed: the git remote');
    expect(ended.data.reportPath).toContain('specs/014-coupons/');
  });

  test('rollback: an earlier version began one though there is nothing to return to', async () => {
    const house = new House();
    sick(house);
    house.target.current = null;
    const ended = await shipWith(house, () => null, beganItsRollback);
    expect(ended).toMatchObject({ state: 'failed' });
    expect(ended.data.notice?.text).toBe(
      'Nothing was live before this promotion, so there is no release to return to. Production has 1.3.0.',
    );
    expect(labels(ended)).toEqual(['Start again', 'Details']);
    expect(house.slack.notices('rollback-failed')).toMatchObject([{ production: 'Production has 1.3.0.' }]);
  });
});

/** Its journal says that no time is left to stop a rollback. */
function beganItsRollback(run: MemoryRun): void {
  const step = run.step.bind(run);
  run.step = async <T>(name: string, work: () => Promise<T>) => {
    if (name !== 'verified') return step(name, work);
    return step(name, () => work().then(() => null as T));
  };
}

function labels(promotion: Promotion): readonly string[] {
  return actionsFor(promotion).map((action) => BUTTON_KINDS[action].label(promotion, {}));
}

/** Whenever the run waits for people, but for their approval, they are asked what to do. */
function ship(
  house: House,
  { breaks }: Partial<Failure>,
  people: (promotion: Promotion) => RunMessage | null,
): Promise<Promotion> {
  breaks?.(house);
  return shipWith(house, (promotion) => {
    const { state, data } = promotion;
    if (state === 'awaiting-approval') return null;
    const isAsked = data.decision != null || (state === 'blocked' && data.gates !== undefined);
    return isAsked || state === 'monitoring' ? people(promotion) : null;
  });
}

import { describe, expect, test } from 'vitest';
import type { PromotionData, PromotionState } from '../../../src/domain/promotion/promotion.ts';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { crashed } from '../../../src/flows/jobs/resume-runs.ts';
import type { RequestContext } from '../../../src/flows/requests/request.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import type { MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';
import { ship as shipWith } from '../ship.ts';

const ID = 'shop-0001';
const NO_ANSWER = new Unavailable('production', 'answered 500');
const NOT_UNDERSTOOD = new Refusal('target-live-not-understood', {
  target: 'memory',
  said: '<!doctype html>',
});

function requestsOf(house: House, sent: RunMessage[] = []): RequestContext {
  return house.requests({
    runs: {
      start: async () => undefined,
      send: async (_id, message) => void sent.push(message),
      standing: async () => new Map(),
    },
  });
}

type People = (state: string, decision: string | undefined) => RunMessage | null;
const rollsBack: People = (state) =>
  state === 'monitoring' ? { kind: 'rollback', by: 'U_ADA', reason: 'bad' } : null;

const once = (
  isTime: (state: string, decision: string | undefined) => boolean,
  message: RunMessage,
): People => {
  let said = false;
  return (state, decision) => {
    if (said || !isTime(state, decision)) return null;
    said = true;
    return message;
  };
};

/** As people decide by the state. */
function ship(house: House, people: People = () => null, prepare?: (run: MemoryRun) => void) {
  return shipWith(house, ({ state, data }) => people(state, data.decision), prepare);
}

/** Production says no more what is live, once the promotion is there. */
function silentIn(house: House, state: string, error: Error): void {
  const live = house.target.live.bind(house.target);
  house.target.live = async () => {
    if ((await house.state(ID)) === state) throw error;
    return live();
  };
}

describe('a production that cannot say what is live', () => {
  test.each([
    ['does not answer', NO_ANSWER],
    ['answers with a page', NOT_UNDERSTOOD],
  ])('is rolled back all the same when it %s', async (_how, error) => {
    const house = new House();
    silentIn(house, 'rolling-back', error);
    const began = house.clock.now();
    const { state, data } = await ship(house, rollsBack);
    expect(state).toBe('rolled-back');
    expect(house.target.current?.version).toBe('1.2.0');
    const [deployed, back] = house.target.started.map(({ order }) => order);
    expect(back?.from).toEqual({
      commit: deployed?.release.commit,
      version: '1.3.0',
      deploymentId: 'deployment-1',
    });
    // What it did not say is not written down as said.
    expect(data.rollback).not.toHaveProperty('from');
    expect(house.clock.now() - began).toBeLessThan(20 * 60_000);
  });

  test('had what the plan was made for, when it answers with a page right before the deployment', async () => {
    const house = new House();
    const live = house.target.live.bind(house.target);
    let isSaid = false;
    house.target.live = async () => {
      if (isSaid || (await house.state(ID)) !== 'releasing') return live();
      isSaid = true;
      throw NOT_UNDERSTOOD;
    };
    const { state } = await ship(house);
    expect(state).toBe('shipped');
    expect(isSaid).toBe(true);
    const [deployed] = house.target.started;
    expect(deployed?.order.from).toEqual({
      commit: house.repository.tags.get('v1.2.0')?.commit,
      version: '1.2.0',
    });
  });

  test('has what a failed try of the rollback deployed', async () => {
    const house = new House();
    silentIn(house, 'rolling-back', NO_ANSWER);
    let looks = 0;
    house.check.always(({ version }) => ({ ok: version === '1.3.0' || ++looks > 40, detail: 'down' }));
    const { state } = await ship(house, rollsBack);
    expect(state).toBe('rolled-back');
    const froms = house.target.started.map(({ order }) => order.from?.version);
    expect(froms).toEqual(['1.2.0', '1.3.0', '1.2.0']);
  });

  test.each([
    ['does not answer', NO_ANSWER, 'answered 500'],
    ['answers with a page', NOT_UNDERSTOOD, '<!doctype html>'],
  ])('is said to be unknown after a failed deployment when it %s', async (_how, error, reason) => {
    const house = new House();
    house.target.breakNextDeployment('no space.');
    silentIn(house, 'deploying', error);
    const cancel: RunMessage = { kind: 'cancel', by: 'U_ADA', reason: 'tomorrow.' };
    const { state, data } = await ship(
      house,
      once((_now, decision) => decision === 'retry-deploy', cancel),
    );
    expect(state).toBe('cancelled');
    expect(data.notice?.text).toContain('what is live could not be asked (');
    expect(data.notice?.text).toContain(reason);
    const [told] = house.slack.notices('deploy-failed');
    expect(told?.production).toMatch(/^Nobody can say what is in production: /);
    expect(told?.production).toContain(reason);
  });
});

describe('a deployment that a person wants to stop', () => {
  const cancel: RunMessage = { kind: 'cancel', by: 'U_ADA', reason: 'not now' };

  test('goes on when the platform refuses, and is followed to its end', async () => {
    const house = new House();
    house.target.rounds = 3;
    let asked = 0;
    const refusal = new Refusal('platform-refused', {
      platform: 'Vercel',
      doing: 'stop',
      status: 409,
      said: 'it is over',
    });
    Object.assign(house.target, {
      cancel: async () => {
        asked += 1;
        throw refusal;
      },
    });
    const { state } = await ship(house, (now) =>
      now === 'deploying' && house.target.started.length > 0 && asked < 2 ? cancel : null,
    );
    expect(state).toBe('shipped');
    expect(asked).toBe(2);
    expect(house.slack.notices('not-stopped')).toMatchObject([
      { reason: expect.stringContaining('it is over') },
      { reason: expect.stringContaining('it is over') },
    ]);
    expect(house.slack.notices('closed')).toEqual([]);
  });

  test('is told when the target cannot stop it, but may cancel once it has failed', async () => {
    const house = new House();
    await house.open();
    const sent: RunMessage[] = [];
    const requests = requestsOf(house, sent);
    const says = (key: string) =>
      steer(requests, { user: 'U_ADA', via: 'command', key }, ID, { kind: 'cancel', reason: 'no' }).then(
        () => 'done',
        (error: unknown) => (error instanceof Refusal ? explain(error).text : Promise.reject(error)),
      );
    await house.ledger.change(ID, { to: 'deploying' });
    expect(await says('k1')).toBe('What is being deployed cannot be stopped by memory. Nothing was changed.');
    expect(sent).toEqual([]);
    await house.ledger.change(ID, { data: { decision: 'retry-deploy' } });
    expect(await says('k2')).toBe('done');
    await house.ledger.change(ID, { to: 'deploying', data: { decision: null } });
    Object.assign(house.target, { cancel: async () => undefined });
    expect(await says('k3')).toBe('done');
    expect(sent).toHaveLength(2);
  });

  test('stops no rollback, also when it comes just as the deployment succeeds', async () => {
    const house = new House();
    house.target.rounds = 1;
    const stopped: string[] = [];
    Object.assign(house.target, { cancel: async ({ id }: { id: string }) => void stopped.push(id) });
    const follow = house.target.follow.bind(house.target);
    const { state } = await ship(house, undefined, (run) => {
      house.target.follow = async (order, handle) => {
        const status = await follow(order, handle);
        if (status.kind === 'succeeded' && order.kind === 'deploy') {
          run.send(cancel);
          run.send({ kind: 'rollback', by: 'U_LINUS', reason: 'bad' });
        }
        return status;
      };
    });
    expect(state).toBe('rolled-back');
    expect(stopped).toEqual([]);
    expect(house.target.started.map(({ order }) => order.kind)).toEqual(['deploy', 'rollback']);
  });
});

test('an answer to failing checks that arrives while they pass again does not end the watch that follows', async () => {
  const house = new House({ automaticRollback: 'never' });
  house.check.always(({ version }) => ({ ok: version === '1.2.0', detail: 'down' }));
  const pressed: RunMessage[] = [];
  const { state, data } = await ship(
    house,
    (_state, decision) => {
      if (decision === 'unhealthy' && pressed.length === 0) {
        void steer(requestsOf(house, pressed), { user: 'U_LINUS', via: 'button', key: 'k' }, ID, {
          kind: 'accept',
        });
      }
      return null;
    },
    (run) => {
      const attempt = house.check.attempt.bind(house.check);
      house.check.attempt = async (release, signal) => {
        // For half an hour nothing reached the run, so it looks again by itself.
        for (const message of pressed.splice(0).filter(({ kind }) => kind === 'accept')) {
          expect(message).toEqual({ kind: 'accept', by: 'U_LINUS', about: 'unhealthy' });
          house.check.always(() => ({ ok: true, detail: 'up' }));
          run.send(message);
        }
        return attempt(release, signal);
      };
    },
  );
  expect(state).toBe('shipped');
  expect(data.monitor?.tick).toBeGreaterThan(10);
});

describe('what a rollback asks', () => {
  test.each<RunMessage>([
    { kind: 'accept', by: 'U_LINUS' },
    { kind: 'retry', by: 'U_LINUS' },
  ])('is not answered by an earlier $kind', async (earlier) => {
    const house = new House({ automaticRollback: 'never' });
    house.check.always(({ version }) => ({ ok: version === '1.2.0', detail: 'down' }));
    const questions: string[] = [];
    const { state } = await ship(
      house,
      (now, decision) => {
        if (now !== 'rolling-back' || decision !== 'retry-deploy') return null;
        questions.push(decision);
        return { kind: 'retry', by: 'U_GRACE' };
      },
      (run) => {
        // Two answers at once to the question whether the unhealthy release stays: the rollback goes first.
        const attempt = house.check.attempt.bind(house.check);
        house.check.attempt = async (release, signal) => {
          if (release.version === '1.3.0') {
            for (let time = 0; time < 2; time++) house.target.breakNextDeployment('no space');
            house.check.attempt = attempt;
            run.send({ kind: 'rollback', by: 'U_ADA', reason: 'bad' });
            run.send(earlier);
          }
          return attempt(release, signal);
        };
      },
    );
    expect(state).toBe('rolled-back');
    expect(questions).toHaveLength(1);
    const audit = await house.ledger.auditTrail({ limit: 99 });
    expect(audit.map(({ action }) => action)).not.toContain('rollback.given-up');
  });
});

test('a tag that may not be deleted stays, and the rollback is done', async () => {
  const house = new House({ rollbackTag: 'delete' });
  house.repository.deleteTag = async () => {
    throw new Refusal('not-writable', { remote: 'origin', branch: 'v1.3.0', reason: 'it is protected' });
  };
  const { state } = await ship(house, rollsBack);
  expect(state).toBe('rolled-back');
  expect(house.slack.notices('rolled-back')).toMatchObject([
    { tagStays: { tag: 'v1.3.0', reason: expect.stringContaining('it is protected') } },
  ]);
});

describe('metrics that are away between approval and deploy', () => {
  test.each([
    ['do not answer', new Unavailable('Prometheus', 'no answer'), 2],
    ['refuse', new Refusal('metrics-unauthorised', { source: 'Prometheus', status: 401 }), 1],
  ])('do not hold up a release that is cut when they %s', async (_how, error, tries) => {
    const house = new House();
    const read = house.metrics.read.bind(house.metrics);
    let asked = 0;
    house.metrics.read = async (range, phase) => {
      const { tags } = await house.repository.refs();
      const isCut = tags.some(({ name }) => name === 'v1.3.0');
      const isOfNow = range.toMs > house.clock.now() - 3_600_000;
      if (phase === 'after' || !isCut || !isOfNow) return read(range, phase);
      asked += 1;
      throw error;
    };
    const { state } = await ship(house);
    expect(state).toBe('shipped');
    expect(asked).toBe(tries);
    expect(house.target.started).toHaveLength(1);
    expect((await house.ledger.samples(ID)).filter(({ phase }) => phase === 'baseline')).toEqual([]);
  });
});

describe('a promotion that fails unexpectedly says what was done', () => {
  const to = { version: '1.2.0', tag: 'v1.2.0', commit: 'a'.repeat(40) };
  const release = { version: '1.3.0', tag: 'v1.3.0', commit: 'b'.repeat(40) };
  const deployment = { id: 'deployment-1', startedAt: 1, finishedAt: 2 };
  const rollback = { to, by: null, reason: 'bad', startedAt: 3 };
  const stage = { share: 5, next: 100, shares: [5, 100] };
  const split = 'v1.3.0 has 5 % of the requests, the rest goes to the release before';
  test.each<[PromotionData, string, PromotionState?]>([
    [{}, 'Nothing was released.'],
    [{ release }, 'v1.3.0 was released and not deployed.', 'releasing'],
    [{ release }, 'The deployment of v1.3.0 had begun and may still go live.'],
    [{ release, decision: 'retry-deploy' }, 'v1.3.0 was released, and its deployment failed.'],
    [{ release, deployment }, 'It was deployed.', 'monitoring'],
    [{ release, deployment, stage }, `${split}.`, 'monitoring'],
    [{ release, deployment, stage }, `${split}; the deployment of more had begun and may still go on.`],
    [{ release, deployment, rollback }, 'Its rollback to v1.2.0 had begun; look at what is live.'],
    [
      { release, deployment, rollback: { ...rollback, deployment } },
      'Its rollback deployed v1.2.0, which was not proven healthy.',
    ],
    [
      { release, deployment, rollback: { ...rollback, deployment, finishedAt: 4 } },
      'It was rolled back: v1.2.0 is live again.',
    ],
  ])('%#', async (data, done, within = data.rollback ? 'rolling-back' : 'deploying') => {
    const house = new House();
    await house.open();
    await house.ledger.change(ID, { to: within, data });
    await crashed(requestsOf(house), ID, new Error('a fault'), { error: () => undefined });
    const { state, data: after } = await house.ledger.get(ID);
    expect(state).toBe('failed');
    expect(after.notice?.text).toContain(` foresee. ${done} `);
  });
});

test('metrics that let nobody in during the watch are blindness, not a crash', async () => {
  const house = new House();
  const read = house.metrics.read.bind(house.metrics);
  house.metrics.read = async (range, phase) => {
    if (phase === 'after') throw new Refusal('metrics-unauthorised', { source: 'Prometheus', status: 401 });
    return read(range, phase);
  };
  const { state, data } = await ship(house, (now) =>
    now === 'monitoring' && (house.slack.notices('monitor').at(-1)?.alarm ?? false)
      ? { kind: 'accept', by: 'U_ADA' }
      : null,
  );
  expect(state).toBe('shipped');
  expect(data.monitor?.judgement.verdict).toBe('inconclusive');
});

describe('a deployment that was followed for long enough', () => {
  const neverEnds = (house: House) => {
    const cancelled: string[] = [];
    house.target.follow = async () => ({
      kind: 'failed',
      reason: 'It has not come to an end within 20 min.',
      goesOn: true,
    });
    Object.assign(house.target, { cancel: async ({ id }: { id: string }) => void cancelled.push(id) });
    return cancelled;
  };

  test('is stopped on the platform by whoever gives it up', async () => {
    const house = new House();
    const cancelled = neverEnds(house);
    await ship(
      house,
      once((_state, decision) => decision === 'retry-deploy', { kind: 'cancel', by: 'U_ADA', reason: 'No.' }),
    );
    expect(await house.state(ID)).toBe('cancelled');
    expect(cancelled).toEqual(['deployment-1']);
  });

  test.each([
    [
      'refuses',
      new Refusal('platform-refused', {
        platform: 'Vercel',
        doing: 'cancel',
        status: '409',
        said: 'it is ready',
      }),
    ],
    ['never answers', new Unavailable('GitHub', 'does not cancel the run yet')],
  ])('is told to go on, and what is live is asked all the same, when the stop %s', async (_how, error) => {
    const house = new House();
    neverEnds(house);
    let stops = 0;
    Object.assign(house.target, {
      cancel: async () => {
        stops += 1;
        // It went live meanwhile.
        const { commit = '' } = house.repository.tags.get('v1.3.0') ?? {};
        house.target.current = { commit, version: '1.3.0' };
        throw error;
      },
    });
    const { data } = await ship(
      house,
      once((_state, decision) => decision === 'retry-deploy', { kind: 'cancel', by: 'U_ADA', reason: 'No.' }),
    );
    expect(await house.state(ID)).toBe('cancelled');
    expect(stops).toBe(error instanceof Unavailable ? 2 : 1);
    expect(data.notice?.text).toContain(
      'v1.3.0 may be live. Its deployment could not be stopped and may still go live: ',
    );
    expect(data.notice?.text).toMatch(/can deploy it\. To undo it: \/ship-prod rollback shop\.$/);
  });

  test('and may be live, it is undone only where there is something to go back to', async () => {
    const house = new House();
    neverEnds(house);
    house.target.current = null;
    Object.assign(house.target, {
      cancel: async () => {
        const { commit = '' } = house.repository.tags.get('v1.3.0') ?? {};
        house.target.current = { commit, version: '1.3.0' };
      },
    });
    const { data } = await ship(
      house,
      once((_state, decision) => decision === 'retry-deploy', { kind: 'cancel', by: 'U_ADA', reason: 'No.' }),
    );
    expect(data.notice?.text).toMatch(/v1\.3\.0 may be live\. The next promotion can deploy it\.$/);
  });

  const alreadyLive = new Refusal('already-live', { target: 'memory' });

  test.each([
    [
      true,
      'v1.3.0 is live by now, and was left. It was neither checked nor watched. To undo it: /ship-prod rollback shop.',
    ],
    [false, 'production still has what it had before. The next promotion can deploy it.'],
  ])('and is live by now (%s, says production) is left, and said', async (isLive, says) => {
    const house = new House();
    neverEnds(house);
    Object.assign(house.target, {
      cancel: () => {
        const { commit = '' } = house.repository.tags.get('v1.3.0') ?? {};
        if (isLive) house.target.current = { commit, version: '1.3.0' };
        return Promise.reject(alreadyLive);
      },
    });
    const { data } = await ship(
      house,
      once((_state, decision) => decision === 'retry-deploy', { kind: 'cancel', by: 'U_ADA', reason: 'No.' }),
    );
    expect(await house.state(ID)).toBe('cancelled');
    expect(data.notice?.text).toContain(says);
    expect(data.notice?.text).not.toContain('may still go live');
    expect(data.notice?.text?.includes('The next promotion can deploy it.')).toBe(!isLive);
  });

  test('cancelled just as it comes live, it is checked and watched', async () => {
    const house = new House();
    house.target.rounds = 2;
    let stops = 0;
    Object.assign(house.target, {
      cancel: () => {
        stops += 1;
        return Promise.reject(alreadyLive);
      },
    });
    const { state } = await ship(
      house,
      once((now) => now === 'deploying' && house.target.started.length > 0, {
        kind: 'cancel',
        by: 'U_ADA',
        reason: 'No.',
      }),
    );
    expect(state).toBe('shipped');
    expect(stops).toBeGreaterThan(0);
    expect(house.slack.notices('not-stopped')).toMatchObject([
      { isLive: true, reason: 'v1.3.0 was live before the cancel arrived.' },
    ]);
  });

  test('is said to go on where nothing can be told to stop', async () => {
    const house = new House();
    neverEnds(house);
    Object.assign(house.target, { cancel: undefined });
    const { data } = await ship(
      house,
      once((_state, decision) => decision === 'retry-deploy', { kind: 'cancel', by: 'U_ADA', reason: 'No.' }),
    );
    expect(data.notice?.text).toContain(
      'could not be stopped and may still go live: memory cannot be told to stop',
    );
  });

  test('that has failed for good is left alone', async () => {
    const house = new House();
    const cancelled = neverEnds(house);
    house.target.follow = async () => ({ kind: 'failed', reason: 'the build failed' });
    await ship(
      house,
      once((_state, decision) => decision === 'retry-deploy', { kind: 'cancel', by: 'U_ADA', reason: 'No.' }),
    );
    expect(await house.state(ID)).toBe('cancelled');
    expect(cancelled).toEqual([]);
  });
});

describe('several releases in production', () => {
  test('a rollback returns to the oldest; Retry and the next promotion are not kept from it', async () => {
    const house = new House();
    const before = house.target.current;
    if (before === null) throw new Error('nothing is live');
    house.target.breakNextDeployment('us is not well');
    let isSplit = false;
    const live = house.target.live.bind(house.target);
    house.target.live = async () => {
      const other = { commit: house.repository.tags.get('v1.3.0')?.commit ?? '', version: '1.3.0' };
      return isSplit ? { commit: '', version: '1.3.0 and 1.2.0', of: [other, before] } : live();
    };
    await ship(
      house,
      once(
        (_state, decision) => {
          isSplit ||= decision === 'retry-deploy';
          return isSplit;
        },
        { kind: 'retry', by: 'U_ADA' },
      ),
    );
    expect(await house.state(ID)).toBe('shipped');
    expect(house.target.started).toHaveLength(2);
    const { data } = await house.ledger.get(ID);
    expect(data.plan?.rollbackTo?.version).toBe('1.2.0');
  });
});

describe('a platform that refuses the credentials while it deploys', () => {
  const refusals = [
    new Refusal('platform-unauthorised', { platform: 'Vercel', proof: 'token', token: 'VERCEL_TOKEN' }),
    new Refusal('aws-credentials', { reason: 'they have expired' }),
    new Refusal('google-credentials', { reason: 'the key is gone' }),
    new Refusal('github-credentials', { repository: 'acme/shop', login: 'token' }),
  ];
  test.each(refusals)('is followed on when they are renewed: $code', async (refusal) => {
    const house = new House();
    for (let times = 0; times < 3; times += 1) house.target.failNext('follow', refusal);
    const { state } = await ship(house);
    expect(state).toBe('shipped');
    expect(house.target.started).toHaveLength(1);
  });

  test('any other refusal ends it', async () => {
    const house = new House();
    house.target.failNext('follow', NOT_UNDERSTOOD);
    const cancels = once((_state, decision) => decision !== undefined, {
      kind: 'cancel',
      by: 'U_ADA',
      reason: 'no',
    });
    const { state } = await ship(house, cancels);
    expect(state).not.toBe('shipped');
  });
});

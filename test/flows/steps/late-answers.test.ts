import { expect, test } from 'vitest';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import type { RequestContext } from '../../../src/flows/requests/request.ts';
import { requestRollback } from '../../../src/flows/requests/roll-back.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import type { MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';
import { ship as shipWith } from '../ship.ts';

// What people said is in the ledger before it is in the run: whatever was accepted is done, also when it arrives last.

const ID = 'shop-0001';
type People = (state: string, decision: string | undefined) => RunMessage | null;

/** `press` asks for a rollback as a button does, and its message reaches the run. */
function ship(
  house: House,
  people: People,
  disturb: (run: MemoryRun, press: () => Promise<unknown>) => void,
) {
  return shipWith(
    house,
    ({ state, data }) => people(state, data.decision),
    (run) => {
      const runs: RequestContext['runs'] = {
        start: async () => undefined,
        send: async (_id, message) => run.send(message),
        standing: async () => new Map(),
      };
      const caller = { user: 'U_LINUS', via: 'button', key: 'k' } as const;
      disturb(run, () => requestRollback(house.requests({ runs }), caller, ID, { reason: 'bad' }));
    },
  );
}

const once = (isTime: People): People => {
  let said = false;
  return (state, decision) => {
    const message = said ? null : isTime(state, decision);
    said ||= message !== null;
    return message;
  };
};
const kindsOf = (house: House) => house.target.started.map(({ order }) => order.kind);

test('a rollback that is accepted in the moment in which the watch is closed is done', async () => {
  const house = new House();
  const change = house.ledger.change.bind(house.ledger);
  let pressed = 0;
  const { state } = await ship(
    house,
    () => null,
    (_run, press) => {
      house.ledger.change = async (id, wanted) => {
        if (wanted.to === 'shipped' && pressed++ === 0) await press();
        return change(id, wanted);
      };
    },
  );
  expect(pressed).toBe(1);
  expect(state).toBe('rolled-back');
  expect(house.slack.notices('shipped')).toEqual([]);
});

test('a rollback goes before a cancel, whichever arrives first', async () => {
  const house = new House();
  house.target.breakNextDeployment('no space');
  const live = house.target.live.bind(house.target);
  let isCancelled = false;
  const cancel: RunMessage = { kind: 'cancel', by: 'U_ADA', reason: 'no' };
  const { state } = await ship(
    house,
    once((_state, decision) => {
      isCancelled = decision === 'retry-deploy';
      return isCancelled ? cancel : null;
    }),
    (_run, press) => {
      house.target.live = async () => {
        if (isCancelled) {
          isCancelled = false;
          await press();
        }
        return live();
      };
    },
  );
  expect(state).toBe('rolled-back');
  expect(house.slack.notices('closed')).toEqual([]);
});

test('a rollback that is asked for right after Retry keeps the release from being deployed once more', async () => {
  const house = new House();
  house.target.breakNextDeployment('no space');
  const { state } = await ship(
    house,
    once((_state, decision) => (decision === 'retry-deploy' ? { kind: 'retry', by: 'U_ADA' } : null)),
    (run) => {
      const wait = run.wait.bind(run);
      run.wait = async (ms) => {
        const message = await wait(ms);
        if (message?.kind === 'retry') run.send({ kind: 'rollback', by: 'U_LINUS', reason: 'bad' });
        return message;
      };
    },
  );
  expect(state).toBe('rolled-back');
  expect(kindsOf(house)).toEqual(['deploy', 'rollback']);
});

test('whoever cancels too late is told, and the release is watched', async () => {
  const house = new House();
  Object.assign(house.target, { cancel: async () => undefined });
  const follow = house.target.follow.bind(house.target);
  const { state } = await ship(
    house,
    () => null,
    (run) => {
      house.target.follow = async (order, handle) => {
        const status = await follow(order, handle);
        if (status.kind === 'succeeded') run.send({ kind: 'cancel', by: 'U_ADA', reason: 'no' });
        return status;
      };
    },
  );
  expect(state).toBe('shipped');
  expect(house.slack.notices('not-stopped')).toMatchObject([
    { isLive: true, reason: 'v1.3.0 was live before the cancel arrived.' },
  ]);
});

test('a deployment of which nothing is heard any more can be given up, and is stopped where that can be said', async () => {
  const house = new House();
  const stopped: string[] = [];
  Object.assign(house.target, { cancel: async ({ id }: { id: string }) => void stopped.push(id) });
  house.target.follow = async () => {
    throw new Unavailable('the platform', 'ETIMEDOUT');
  };
  let waits = 0;
  const { state } = await ship(
    house,
    (now) => (now === 'deploying' && waits++ === 5 ? { kind: 'cancel', by: 'U_ADA', reason: 'no' } : null),
    () => undefined,
  );
  expect(state).toBe('cancelled');
  expect(stopped).toHaveLength(1);
  expect(house.slack.notices('closed')).toMatchObject([
    {
      by: 'U_ADA',
      reason: expect.stringMatching(/memory did not answer\. .*may still go live\. v1\.3\.0 stays tagged/),
    },
  ]);
});

test.each([
  ['is stopped', {}, 1],
  ['goes on where the next one takes it up', { resumes: true }, 0],
])('before another try, one that outlived its deadline %s', async (_how, target, times) => {
  const house = new House();
  Object.assign(house.target, target);
  const stopped: string[] = [];
  Object.assign(house.target, { cancel: async ({ id }: { id: string }) => void stopped.push(id) });
  const follow = house.target.follow.bind(house.target);
  let looks = 0;
  house.target.follow = async (order, handle) =>
    looks++ === 0 ? { kind: 'failed', reason: 'It took too long.', goesOn: true } : follow(order, handle);
  const { state } = await ship(
    house,
    once((_state, decision) => (decision === 'retry-deploy' ? { kind: 'retry', by: 'U_ADA' } : null)),
    () => undefined,
  );
  expect(state).toBe('shipped');
  expect(stopped).toHaveLength(times);
  expect(kindsOf(house)).toEqual(['deploy', 'deploy']);
});

test.each([
  ['has the release', '1.3.0', 'v1.3.0 may be live'],
  ['has what it had', '1.2.0', 'production still has what it had before'],
])(
  'whoever cancels after a failure reads what production has, which only tells its version: it %s',
  async (_how, version, says) => {
    const house = new House();
    house.target.breakNextDeployment('no space');
    const { state } = await ship(
      house,
      once((_state, decision) => {
        if (decision !== 'retry-deploy') return null;
        house.target.current = { commit: '', version };
        return { kind: 'cancel', by: 'U_ADA', reason: 'no' };
      }),
      () => undefined,
    );
    expect(state).toBe('cancelled');
    expect(house.slack.notices('closed')).toMatchObject([{ reason: expect.stringContaining(`; ${says}.`) }]);
  },
);

test('whoever cancels between two tries is not told that production has what it had before', async () => {
  const house = new House();
  house.target.breakNextDeployment('no space');
  const { state, data } = await ship(
    house,
    once((_state, decision) => (decision === 'retry-deploy' ? { kind: 'retry', by: 'U_ADA' } : null)),
    (run) => {
      const change = house.ledger.change.bind(house.ledger);
      house.ledger.change = async (id, wanted) => {
        const isSecond = wanted.to === 'deploying' && house.target.started.length === 1;
        if (isSecond) run.send({ kind: 'cancel', by: 'U_ADA', reason: 'No.' });
        return change(id, wanted);
      };
    },
  );
  expect(state).toBe('cancelled');
  expect(house.target.started).toHaveLength(1);
  expect(data.notice?.text).toContain(
    'nothing more was deployed. What production had after the last try is said above. The next promotion can deploy it. To undo it: /ship-prod rollback shop.',
  );
});

test('whoever cancels while a second try waits for the platform is told how the first one is undone', async () => {
  const house = new House();
  house.target.breakNextDeployment('no space');
  let isAway = false;
  const preflight = house.target.preflight.bind(house.target);
  house.target.preflight = async () => {
    if (isAway) throw new Unavailable('production', 'answered 502');
    return preflight();
  };
  const { state, data } = await ship(
    house,
    (now, decision) => {
      if (decision === 'retry-deploy') {
        isAway = true;
        return { kind: 'retry', by: 'U_ADA' };
      }
      return now === 'deploying' && isAway ? { kind: 'cancel', by: 'U_ADA', reason: 'No.' } : null;
    },
    () => {},
  );
  expect(state).toBe('cancelled');
  expect(house.target.started).toHaveLength(1);
  expect(data.notice?.text).toBe(
    'No. v1.3.0 stays tagged and is complete. What production had after the last try is said above. The next promotion can deploy it. To undo it: /ship-prod rollback shop.',
  );
});

test('a rollback that is asked for while the last report waits for its host does not wait for it', async () => {
  const house = new House();
  const commit = house.repository.commitFiles.bind(house.repository);
  const begin = house.target.start.bind(house.target);
  let tries = 0;
  let [pressedAt, backAt] = [0, 0];
  const { state } = await ship(
    house,
    () => null,
    (_run, press) => {
      house.target.start = (order, signal) => {
        if (order.kind === 'rollback') backAt = house.clock.now();
        return begin(order, signal);
      };
      house.repository.commitFiles = async (...args) => {
        tries += 1;
        if (tries === 1 || backAt > 0) return commit(...args);
        if (tries === 3) {
          pressedAt = house.clock.now();
          await press();
        }
        if (tries > 500) throw new Error('nobody goes back');
        throw new Unavailable('the git remote', 'connection refused');
      };
    },
  );
  expect(state).toBe('rolled-back');
  expect(backAt - pressedAt).toBeLessThan(60_000);
  expect(house.slack.notices('shipped')).toEqual([]);
});

test('a hold that is pressed while the last tick is read keeps the window open', async () => {
  const house = new House();
  let isSent = false;
  const { state } = await shipWith(
    house,
    ({ state: now, data }) =>
      now === 'monitoring' && data.monitor?.held ? { kind: 'release-hold', by: 'U_LINUS' } : null,
    (run) => {
      const read = house.metrics.read.bind(house.metrics);
      house.metrics.read = async (range, phase) => {
        const { monitor } = (await house.ledger.get(ID)).data;
        if (phase === 'after' && !isSent && monitor && range.toMs >= monitor.endsAt) {
          isSent = true;
          run.send({ kind: 'hold', by: 'U_LINUS' });
        }
        return read(range, phase);
      };
    },
  );
  expect(isSent).toBe(true);
  expect(state).toBe('shipped');
  expect(house.slack.notices('window-changed')).not.toEqual([]);
});

test('a try that is refused after one that was not answered says that the first may still go live', async () => {
  const house = new House();
  const begin = house.target.start.bind(house.target);
  let tries = 0;
  house.target.start = async (order, key) => {
    tries += 1;
    if (tries === 1) throw new Unavailable('the receiver', 'cut off');
    if (tries === 2)
      throw new Refusal('webhook-not-understood', { receiver: 'cd.test', reason: 'it is busy' });
    return begin(order, key);
  };
  const cancel: RunMessage = { kind: 'cancel', by: 'U_ADA', reason: 'no' };
  await ship(
    house,
    once((_state, decision) => (decision === 'retry-deploy' ? cancel : null)),
    () => {},
  );
  const [failed] = house.slack.notices('deploy-failed');
  expect(failed?.reason).toMatch(/An earlier try that was not answered may still go live\.$/);
});

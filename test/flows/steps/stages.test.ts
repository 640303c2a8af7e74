import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../src/domain/policy/service.ts';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { promote } from '../../../src/flows/promote.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import { MemoryAlerts } from '../../fakes/memory-alerts.ts';
import { drive, MemoryJournal, MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';
const MINUTE = 60_000;
const STAGES = { shares: [5, 25, 100], watchMs: 5 * MINUTE };
const by = 'U_LINUS';

type People = (promotion: Promotion, house: House) => RunMessage | null;

interface Options {
  readonly policy?: Partial<Policy>;
  readonly breaks?: (house: House) => void;
  readonly people?: People;
  /** Before anything begins; what is sent by it arrives whenever it is sent. */
  readonly watch?: (house: House, send: (message: RunMessage) => void) => void;
  readonly stages?: typeof STAGES;
}

async function ship({ policy, breaks, watch, people = () => null, stages = STAGES }: Options = {}) {
  const house = new House(policy, 10 * MINUTE, { stages });
  breaks?.(house);
  await house.open();
  const cards: Promotion[] = [];
  const run: MemoryRun = new MemoryRun({
    id: ID,
    clock: house.clock,
    script: async ({ nth }) => {
      if (nth > 400) run.kill();
      const promotion = await house.ledger.get(ID);
      cards.push(promotion);
      if (promotion.state === 'awaiting-approval') {
        return (await house.approveOnce(ID)) ? { kind: 'vote' } : null;
      }
      return people(promotion, house);
    },
  });
  watch?.(house, (message) => run.send(message));
  const ended = await drive(run, (r) => promote(r, house.ports, ID));
  expect(ended.kind).toBe('ended');
  return {
    house,
    cards,
    promotion: await house.ledger.get(ID),
    audit: await house.ledger.auditTrail({ limit: 99 }),
  };
}

const ordersOf = (house: House) =>
  house.target.started.map(({ order }) => `${order.kind} ${order.release.version} ${order.percent ?? 100}`);

/** Says it once, when it is time. */
function once(isTime: (promotion: Promotion) => boolean, message: RunMessage): People {
  let isSaid = false;
  return (promotion) => {
    if (isSaid || !isTime(promotion)) return null;
    isSaid = true;
    return message;
  };
}

const watches =
  (share: number) =>
  ({ state, data }: Promotion) =>
    state === 'monitoring' && data.stage?.share === share;

/** Production suffers while the release has that share of the requests. */
const suffersAt = (share: number) => (house: House) => {
  const read = house.metrics.read.bind(house.metrics);
  house.metrics.read = async (range, phase) => {
    const samples = await read(range, phase);
    const isBad = phase === 'after' && house.target.percent === share;
    return isBad ? samples.map((one) => ({ ...one, errors: one.total ?? 1 })) : samples;
  };
};

/** Sends it once, while the figures of the last tick of that share are read. */
const inTheLastTick =
  (share: number, message: RunMessage): NonNullable<Options['watch']> =>
  (house, send) => {
    const read = house.metrics.read.bind(house.metrics);
    let isSent = false;
    house.metrics.read = async (range, phase) => {
      const { data } = await house.ledger.get(ID);
      const isLast = (data.monitor?.endsAt ?? Number.POSITIVE_INFINITY) <= house.clock.now();
      if (!isSent && phase === 'after' && data.stage?.share === share && isLast) {
        isSent = true;
        send(message);
      }
      return read(range, phase);
    };
  };

/** Sends it once, while the last look at the deployment of that share finds that it is over. */
const whileItDeploys =
  (share: number, message: RunMessage): NonNullable<Options['watch']> =>
  ({ target }, send) => {
    const follow = target.follow.bind(target);
    let isSent = false;
    target.follow = async (order, handle) => {
      if (!isSent && order.percent === share) {
        isSent = true;
        send(message);
      }
      return follow(order, handle);
    };
  };

/** How long each share was watched, ms; in the order of the stages. */
const watchedMs = (cards: readonly Promotion[]) => {
  const spans = new Map<number, number>();
  for (const { state, data } of cards) {
    if (state !== 'monitoring' || data.monitor === undefined || data.monitor === null) continue;
    const { startedAt, endsAt } = data.monitor;
    spans.set(data.stage?.share ?? 100, endsAt - startedAt);
  }
  return spans;
};

describe('what people say between two shares', () => {
  const back = { kind: 'rollback', by, reason: 'odd' } as const;

  test('“Go on now” that comes as the watch ends is about that share, and not about the next', async () => {
    const accept = { kind: 'accept', by } as const;
    const { house, promotion, audit } = await ship({ watch: inTheLastTick(5, accept) });
    expect(promotion.state).toBe('shipped');
    const times = house.target.started.length;
    expect(times).toBe(3);
    const finished = audit.filter(({ action }) => action === 'stage.finished');
    expect(finished.map(({ actor }) => actor)).toEqual(['slipway', 'slipway']);
    expect(promotion.data.accepted).toBeUndefined();
  });

  test('nor does it close the watch of everybody', async () => {
    const { promotion, house, cards } = await ship({
      stages: { ...STAGES, shares: [5, 100] },
      watch: inTheLastTick(5, { kind: 'accept', by }),
    });
    expect(promotion.state).toBe('shipped');
    expect(promotion.data.accepted).toBeUndefined();
    expect(watchedMs(cards).get(100)).toBe(10 * MINUTE);
    expect(house.slack.notices('watching')).toHaveLength(2);
  });

  test('nor is the next share taken for accepted when it is unhealthy', async () => {
    const { promotion, house } = await ship({
      policy: { automaticRollback: 'never' },
      watch: (house, send) => {
        inTheLastTick(5, { kind: 'accept', by })(house, send);
        house.check.always(({ version }) => ({
          ok: version === '1.2.0' || house.target.percent !== 25,
          detail: 'down',
        }));
      },
      people: ({ state, data }) => (state === 'verifying' && data.decision === 'unhealthy' ? back : null),
    });
    expect(promotion.state).toBe('rolled-back');
    expect(ordersOf(house)).toEqual(['deploy 1.3.0 5', 'deploy 1.3.0 25', 'rollback 1.2.0 100']);
  });

  test('an order to go back as the watch ends gives nobody more first', async () => {
    const { house, promotion } = await ship({ watch: inTheLastTick(5, back) });
    expect(promotion.state).toBe('rolled-back');
    expect(ordersOf(house)).toEqual(['deploy 1.3.0 5', 'rollback 1.2.0 100']);
  });

  test('a hold as the watch ends gives nobody more until it is released', async () => {
    let heldAt = 0;
    const { house, promotion } = await ship({
      watch: inTheLastTick(5, { kind: 'hold', by }),
      people: ({ data, state }, { clock, target }) => {
        if (state !== 'monitoring' || !data.monitor?.held) return null;
        expect(data.stage?.share).toBe(5);
        expect(target.started).toHaveLength(1);
        heldAt ||= clock.now();
        return clock.now() - heldAt > 60 * MINUTE ? { kind: 'release-hold', by } : null;
      },
    });
    expect(heldAt).toBeGreaterThan(0);
    expect(promotion.state).toBe('shipped');
    expect(ordersOf(house)).toHaveLength(3);
  });

  test.each([
    ['rollback', 5, back],
    ['rollback', 25, back],
    ['cancel', 5, { kind: 'cancel', by, reason: 'no' }],
    ['cancel', 25, { kind: 'cancel', by, reason: 'no' }],
  ] as const)(
    'a %s while %s %% are deployed goes back before anything is proven',
    async (_kind, share, order) => {
      const proven: number[] = [];
      const { house, promotion } = await ship({
        watch: (house, send) => {
          whileItDeploys(share, order)(house, send);
          house.check.always(({ version }) => {
            if (version !== '1.2.0') proven.push(house.target.percent);
            return { ok: true, detail: 'up' };
          });
        },
      });
      expect(promotion.state).toBe('rolled-back');
      expect(proven).not.toContain(share);
      expect(ordersOf(house).slice(-2)).toEqual([`deploy 1.3.0 ${share}`, 'rollback 1.2.0 100']);
    },
  );

  test('a cancel while the last share is deployed goes back', async () => {
    const { house, promotion } = await ship({
      watch: ({ target }, send) => {
        const follow = target.follow.bind(target);
        target.follow = async (order, handle) => {
          if (order.kind === 'deploy' && order.percent === undefined)
            send({ kind: 'cancel', by, reason: 'no' });
          return follow(order, handle);
        };
      },
    });
    expect(promotion.state).toBe('rolled-back');
    expect(ordersOf(house).at(-1)).toBe('rollback 1.2.0 100');
  });
});

test.each([
  [5, { kind: 'rollback', by, reason: 'odd' }],
  [25, { kind: 'rollback', by, reason: 'odd' }],
  [25, { kind: 'cancel', by, reason: 'no' }],
] as const)('what %s %% were given for too long is stopped before going back', async (share, answer) => {
  const done: string[] = [];
  const { promotion } = await ship({
    breaks: ({ target }) => {
      const [start, follow] = [target.start.bind(target), target.follow.bind(target)];
      Object.assign(target, {
        cancel: async ({ id }: { readonly id: string }) => void done.push(`stop ${id}`),
      });
      target.start = async (order, key) => {
        if (order.kind === 'rollback') done.push('rollback');
        return start(order, key);
      };
      target.follow = async (order, handle) =>
        order.percent === share
          ? { kind: 'failed', reason: 'It has not come to an end.', goesOn: true }
          : follow(order, handle);
    },
    people: once(({ data }) => data.decision === 'retry-deploy', answer),
  });
  expect(promotion.state).toBe('rolled-back');
  expect(done).toEqual([`stop deployment-${share === 5 ? 1 : 2}`, 'rollback']);
});

describe('a release in stages', () => {
  test('gets 5 %, 25 % and then all, each watched, and people approve that', async () => {
    const { house, promotion, audit, cards } = await ship();
    expect(promotion.state).toBe('shipped');
    expect(ordersOf(house)).toEqual(['deploy 1.3.0 5', 'deploy 1.3.0 25', 'deploy 1.3.0 100']);
    expect(new Set(house.target.started.map(({ key }) => key)).size).toBe(3);
    expect(promotion.data.plan?.stages).toEqual(STAGES);
    expect(promotion.data.stage).toBeUndefined();
    const shares = cards
      .filter(({ state }) => state === 'monitoring')
      .map(({ data }) => data.stage?.share ?? 100);
    expect([...new Set(shares)]).toEqual([5, 25, 100]);
    const finished = audit.filter(({ action }) => action === 'stage.finished').reverse();
    expect(finished.map(({ actor, detail }) => ({ actor, ...detail }))).toEqual([
      { actor: 'slipway', percent: 5, next: 25, verdict: 'healthy' },
      { actor: 'slipway', percent: 25, next: 100, verdict: 'healthy' },
    ]);
    const watched = house.slack.notices('watching');
    expect(watched.map(({ stage }) => stage?.share)).toEqual([5, 25, undefined]);
    const [first, second] = watched;
    expect((second?.until ?? 0) - (first?.until ?? 0)).toBeGreaterThanOrEqual(STAGES.watchMs);
    // It is said once that it was deployed: when everybody has it.
    expect(house.slack.notices('deployed')).toHaveLength(1);
  });

  test('goes back to none on an alarm, and nobody gets more', async () => {
    const { house, promotion } = await ship({ breaks: suffersAt(25) });
    expect(promotion.state).toBe('rolled-back');
    expect(promotion.data.stage).toBeUndefined();
    expect(ordersOf(house)).toEqual(['deploy 1.3.0 5', 'deploy 1.3.0 25', 'rollback 1.2.0 100']);
  });

  test('what fires since its first share fires since the deploy in the next one, too', async () => {
    const { promotion, cards } = await ship({
      breaks: (world) => {
        let since: number | null = null;
        const source = new MemoryAlerts(() => {
          if (world.target.started.length > 0) since ??= world.clock.now();
          return since === null ? [] : [{ id: 'a', name: 'ShopSlow', critical: false, since }];
        });
        Object.assign(world.ports, { alerts: [source] });
      },
      people: ({ state, data }) =>
        state === 'monitoring' && data.decision === 'warning'
          ? { kind: 'accept', by, about: 'warning' }
          : null,
    });
    expect(promotion.state).toBe('shipped');
    const warned = cards.filter(
      ({ state, data }) => state === 'monitoring' && data.monitor?.judgement.verdict === 'warning',
    );
    expect([...new Set(warned.map(({ data }) => data.stage?.share ?? 100))]).toEqual([5, 25, 100]);
  });

  test('goes back when its health checks fail at 5 %', async () => {
    const { house, promotion } = await ship({
      breaks: ({ check }) => check.always(({ version }) => ({ ok: version === '1.2.0', detail: '503' })),
    });
    expect(promotion.state).toBe('rolled-back');
    expect(ordersOf(house)).toEqual(['deploy 1.3.0 5', 'rollback 1.2.0 100']);
  });

  test('is proven by its version once it has all requests: before, either may answer', async () => {
    const { house, promotion } = await ship({
      breaks: ({ check, target }) => {
        Object.assign(check, { provesRelease: true });
        check.always(({ version }) => ({
          ok: version === target.current?.version,
          detail: 'another version',
        }));
      },
    });
    expect(promotion.state).toBe('shipped');
    expect(ordersOf(house)).toHaveLength(3);
    expect(promotion.data.health).toMatchObject([{ ok: true }]);
  });

  test('a person may go on earlier, with their name in the audit', async () => {
    const { house, promotion, audit } = await ship({ people: once(watches(5), { kind: 'accept', by }) });
    expect(promotion.state).toBe('shipped');
    expect(ordersOf(house)).toHaveLength(3);
    const [, first] = audit.filter(({ action }) => action === 'stage.finished');
    expect(first).toMatchObject({ actor: by, detail: { percent: 5, next: 25 } });
    expect(promotion.data.accepted).toBeUndefined();
  });

  test('is held at a share for as long as a person wants', async () => {
    let heldAt = 0;
    const { house, promotion } = await ship({
      people: ({ data, state }, { clock }) => {
        if (state !== 'monitoring' || data.stage?.share !== 5) return null;
        if (heldAt === 0) {
          heldAt = clock.now();
          return { kind: 'hold', by };
        }
        return data.monitor?.held && clock.now() - heldAt > 60 * MINUTE ? { kind: 'release-hold', by } : null;
      },
    });
    expect(promotion.state).toBe('shipped');
    const [first, second] = house.target.started;
    expect(second && first && house.clock.now() - heldAt).toBeGreaterThan(60 * MINUTE);
    // A button of the window before it means nothing in the next one.
    expect(promotion.data.monitor?.window).toBeGreaterThan(2);
  });

  test('a person goes back from a share', async () => {
    const { house, promotion } = await ship({
      people: once(watches(25), { kind: 'rollback', by, reason: 'odd' }),
    });
    expect(promotion.state).toBe('rolled-back');
    expect(ordersOf(house).at(-1)).toBe('rollback 1.2.0 100');
  });

  test.each([
    ['retry', { kind: 'retry', by }, 'shipped', ['deploy 1.3.0 25', 'deploy 1.3.0 25', 'deploy 1.3.0 100']],
    [
      'cancel',
      { kind: 'cancel', by, reason: 'no' },
      'rolled-back',
      ['deploy 1.3.0 25', 'rollback 1.2.0 100'],
    ],
    [
      'rollback',
      { kind: 'rollback', by, reason: 'no' },
      'rolled-back',
      ['deploy 1.3.0 25', 'rollback 1.2.0 100'],
    ],
  ] as const)(
    'that cannot get more waits for people, however long; then %s',
    async (_name, answer, state, orders) => {
      let asked = 0;
      const { house, promotion } = await ship({
        breaks: ({ target }) => {
          const start = target.start.bind(target);
          let isBroken = false;
          target.start = async (order, key) => {
            if (order.percent === 25 && !isBroken) {
              isBroken = true;
              target.breakNextDeployment('the mesh said no');
            }
            return start(order, key);
          };
        },
        people: ({ data, state: now }) => {
          if (now !== 'deploying' || data.decision !== 'retry-deploy') return null;
          asked += 1;
          // The first two times a day goes by.
          return asked < 3 ? null : answer;
        },
      });
      expect(promotion.state).toBe(state);
      expect(ordersOf(house)).toEqual(['deploy 1.3.0 5', ...orders]);
    },
  );

  test('a lock that somebody takes meanwhile keeps it where it is until they decide', async () => {
    const { house, promotion } = await ship({
      people: (now, { ledger }) => {
        if (watches(5)(now)) void ledger.lock({ service: 'shop', owner: 'U_GRACE', reason: 'an incident' });
        return now.state === 'deploying' && now.data.decision === 'retry-deploy'
          ? { kind: 'rollback', by, reason: 'then not' }
          : null;
      },
    });
    expect(promotion.state).toBe('rolled-back');
    expect(ordersOf(house)).toEqual(['deploy 1.3.0 5', 'rollback 1.2.0 100']);
    expect(house.slack.notices('deploy-failed')[0]?.reason).toContain('an incident');
  });

  test('a cancel while the git host is away between two shares goes back: production is not left split', async () => {
    let isAway = false;
    const { house, promotion } = await ship({
      breaks: ({ repository }) => {
        const refs = repository.refs.bind(repository);
        repository.refs = async () => {
          if (isAway) throw new Unavailable('the git remote', 'cut off');
          return refs();
        };
      },
      people: (now, { slack }) => {
        if (watches(5)(now)) isAway = true;
        if (slack.notices('trouble').length === 0) return null;
        isAway = false;
        return now.state === 'deploying' ? { kind: 'cancel', by, reason: 'no' } : null;
      },
    });
    expect(promotion.state).toBe('rolled-back');
    expect(ordersOf(house)).toEqual(['deploy 1.3.0 5', 'rollback 1.2.0 100']);
  });

  test('killed at every step it starts each share once', async () => {
    const whole = await ship();
    const house = new House({}, 10 * MINUTE, { stages: STAGES });
    await house.open();
    const journal = new MemoryJournal();
    let lives = 0;
    for (let isOver = false; !isOver; lives += 1) {
      const run = new MemoryRun({
        id: ID,
        clock: house.clock,
        journal,
        // Each life ends one step later, when its work is done and not written down.
        crash: { at: lives, when: 'unrecorded' },
        script: async () => {
          const { state } = await house.ledger.get(ID);
          return state === 'awaiting-approval' && (await house.approveOnce(ID)) ? { kind: 'vote' } : null;
        },
      });
      isOver = (await drive(run, (r) => promote(r, house.ports, ID))).kind === 'ended';
    }
    expect(lives).toBeGreaterThan(20);
    expect(await house.state(ID)).toBe('shipped');
    expect(ordersOf(house)).toEqual(ordersOf(whole.house));
  });
});

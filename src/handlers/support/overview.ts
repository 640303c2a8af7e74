import type { HomeView } from '@slack/types';
import { home } from '../../blocks/home.ts';
import type { Message } from '../../blocks/kit/rich-text.ts';
import { type DebtView, MOST_LINES } from '../../blocks/replies/listing.ts';
import type { FreezeView, LockView } from '../../blocks/replies/locks.ts';
import { status } from '../../blocks/replies/status.ts';
import { frozenAt } from '../../domain/policy/freeze.ts';
import { EVERYTHING } from '../../domain/policy/lock.ts';
import { isOpen, OPEN_STATES } from '../../domain/promotion/promotion.ts';
import { type WeeksChart, weeksChart } from '../../domain/statistics/weeks-chart.ts';
import { liveVersions } from '../../flows/requests/live-versions.ts';
import { readableServices, servicesSeenNow } from '../../flows/requests/reader.ts';
import { figuresOf } from '../../flows/requests/statistics.ts';
import { plannedSequences } from '../../flows/schedule/cancel.ts';
import type { HandlerContext, LinkContext } from './context.ts';
import { listedPromotions, threadUrl } from './links.ts';

/** The Home tab has the figures of so many services, over so many days. */
const MOST_FIGURES = 15;
const HOME_DAYS = 30;
/** And pictures of the busiest ones. */
const MOST_PICTURES = 3;
/** Targets that are asked what is live: people wait for the answer. */
const MOST_ASKED = 12;

/** `/ship-prod status`: what is under way, and of each other service what came last. */
export async function overview(context: HandlerContext): Promise<Message> {
  const { requests } = context;
  requests.reader?.mustReadSome();
  const services = readableServices(requests);
  const newest = await requests.ledger.newestOf([...services.keys()]);
  const open = newest.filter(({ state }) => isOpen(state));
  const closed = newest.filter(({ state }) => !isOpen(state));
  const listed = [...open, ...closed].slice(0, MOST_LINES);
  const known = new Set(newest.map(({ service }) => service));
  const unknown = [...services.keys()].filter((name) => !known.has(name));
  const idle = unknown.slice(0, MOST_LINES - listed.length);
  const shown = [...listed.map(({ service }) => service), ...idle];
  const asked = new Set(shown.slice(0, MOST_ASKED));
  const [promotions, held, live, planned] = await Promise.all([
    Promise.all(listed.map(({ id }) => requests.ledger.get(id))),
    heldBy(context),
    liveVersions({ services: new Map([...services].filter(([name]) => asked.has(name))) }),
    plannedSequences(requests),
  ]);
  const entries = await listedPromotions(context, promotions);
  return status({ entries, ...held, planned, idle, live, left: services.size - shown.length });
}

/**
 * The Home tab as it is now for whoever looks. `fileOf`: the file that shows a chart, null where there is none yet.
 * `subscribed`: see `Home`. Refusal
 * `reads-nothing`.
 */
export async function homeView(
  context: LinkContext,
  fileOf: (chart: WeeksChart) => string | null = () => null,
  subscribed?: readonly string[],
): Promise<HomeView> {
  const { requests } = context;
  const { ledger } = requests;
  const services = [...readableServices(requests).keys()];
  const [open, last, planned, figures] = await Promise.all([
    // However old they are, because what has waited longest needs people most.
    ledger.recent({ states: OPEN_STATES, limit: 30 }).then((found) => listedPromotions(context, found)),
    ledger
      .recent({ states: ['shipped', 'rolled-back'], limit: 10 })
      .then((found) => listedPromotions(context, found)),
    plannedSequences(requests),
    Promise.all(services.slice(0, MOST_FIGURES).map((name) => figuresOf(requests, name, [HOME_DAYS]))),
  ]);
  const shown = figures.flat().filter(({ deployments }) => deployments > 0);
  const busiest = [...shown].sort((a, b) => b.deployments - a.deployments).slice(0, MOST_PICTURES);
  return home({
    open,
    last,
    planned,
    subscribed,
    figures: shown,
    pictures: busiest.flatMap((one) => {
      const chart = weeksChart(one);
      const file = fileOf(chart);
      return file === null ? [] : [{ chart, file }];
    }),
    ...(await heldBy(context)),
    services,
  });
}

/** What keeps services from being shipped, and what waits for a second person, as far as it may be seen now. */
export async function heldBy(
  context: LinkContext,
): Promise<{ locks: LockView[]; freezes: FreezeView[]; debts: DebtView[] }> {
  const { requests } = context;
  const services = servicesSeenNow(requests);
  const [locks, debts] = await Promise.all([requests.ledger.locks(), requests.ledger.openDebts()]);
  const freezes = [...services.values()].flatMap(({ service }) => {
    const freeze = frozenAt(service.policy.freeze, requests.now());
    return freeze ? [{ service: service.name, ...freeze }] : [];
  });
  return {
    locks: locks.filter(({ service }) => service === EVERYTHING || services.has(service)),
    freezes,
    debts: await Promise.all(
      debts
        .slice(0, 20)
        .map(async (debt) => ({ debt, threadUrl: await threadUrl(context, debt.promotionId) })),
    ),
  };
}

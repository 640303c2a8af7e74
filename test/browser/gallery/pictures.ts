import type { KnownBlock, View } from '@slack/types';
import { card } from '../../../src/blocks/card/card.ts';
import { details } from '../../../src/blocks/card/details.ts';
import { home } from '../../../src/blocks/home.ts';
import type { CardView } from '../../../src/blocks/kit/views.ts';
import {
  declineForm,
  hotfixForm,
  overrideForm,
  reportForm,
  unlockForm,
} from '../../../src/blocks/modals/reason-forms.ts';
import { bumpForm, startForm } from '../../../src/blocks/modals/start-form.ts';
import { notice } from '../../../src/blocks/thread/notice.ts';
import type { Notice } from '../../../src/domain/promotion/notice.ts';
import * as fixtures from '../../blocks/fixtures.ts';
import { said } from '../../blocks/said.ts';
import { entry } from '../../blocks/shown.ts';

/** What is drawn: messages one below the other, a form, or the Home tab. */
type Shown =
  | { readonly kind: 'messages'; readonly messages: readonly { text: string; blocks: KnownBlock[] }[] }
  | { readonly kind: 'modal' | 'home'; readonly view: View };

export interface Picture {
  /** Of its file. */
  readonly name: string;
  readonly title: string;
  readonly section: 'The card' | 'The thread' | 'Forms' | 'The Home tab';
  readonly shown: Shown;
}

/** Hostile text makes hard tests and bad pictures: in here a person wrote it. */
function friendly<T>(value: T): T {
  if (typeof value === 'string') return friendlyText(value) as T;
  if (Array.isArray(value)) return value.map((one) => friendly(one)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, friendly(one)])) as T;
}

function friendlyText(given: string): string {
  const text = given.replaceAll('10 ticks', '5 minutes');
  if (!text.includes(fixtures.EVIL)) return text;
  const [before = '', after = ''] = text.split(fixtures.EVIL);
  if (before.endsWith('- ')) return `${before}The totals are right again${after}`;
  if (before.endsWith('fix: ')) return `${before}round the totals${after}`;
  if (before.endsWith('-') || before.endsWith('/')) return `${before}totals${after}`;
  if (before === 'please, ') return 'please, customers wait for it';
  if (/[a-z]\s$/i.test(before) && after === '') return before.trimEnd();
  return `${before}the totals are wrong${after}`;
}

/** The file is that of the workspace, see GalleryApp. */
const chart = { file: 'F0CHART', alt: 'Error rate: 3.4 % now, 0.2 % before the deploy' };

/** Rates of errors that fit what the judgement says. */
function fitting(view: CardView): CardView {
  const { monitor } = view.promotion.data;
  if (!monitor || !/warning|critical/.test(monitor.judgement?.verdict ?? '')) return view;
  const rising = { ...monitor, errorRates: [0.002, 0.001, 0.012, 0.03, 0.034] };
  return { ...view, promotion: { ...view.promotion, data: { ...view.promotion.data, monitor: rising } } };
}

function views(): Readonly<Record<string, CardView>> {
  const { alarm } = fixtures.views;
  const watched = alarm ? { 'alarm with its chart': { ...alarm, picture: chart } } : {};
  return { ...fixtures.views, ...watched };
}

const slug = (name: string) => name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase();

function cards(): readonly Picture[] {
  return Object.entries(views()).map(([name, view]) => ({
    name: `card-${slug(name)}`,
    title: `${name[0]?.toUpperCase()}${name.slice(1)}`,
    section: 'The card',
    shown: { kind: 'messages', messages: [card(friendly(fitting(view)))] },
  }));
}

/** Every kind of message in the thread has its place: one that is added and has none is a type error. */
const THREADS: Readonly<Record<Notice['kind'], string>> = {
  started: 'Asking for it',
  blocked: 'Asking for it',
  ready: 'Approvals',
  approved: 'Approvals',
  withdrawn: 'Approvals',
  declined: 'Approvals',
  unproven: 'Approvals',
  voided: 'Approvals',
  'risk-accepted': 'Approvals',
  releasing: 'Release and deploy',
  'release-refused': 'Release and deploy',
  'tag-missing': 'Release and deploy',
  released: 'Release and deploy',
  deployed: 'Release and deploy',
  'deploy-failed': 'A deploy that fails',
  'not-stopped': 'A deploy that fails',
  health: 'Health',
  report: 'Health',
  watching: 'The watch',
  monitor: 'The watch',
  'window-changed': 'The watch',
  'user-report': 'Problems that users report',
  'rollback-stopped': 'Alarms',
  'alarm-untaken': 'Alarms',
  undecided: 'A deploy that fails',
  'alarm-taken': 'Alarms',
  'rollback-started': 'Rolling back',
  'rolled-back': 'Rolling back',
  'rollback-failed': 'Rolling back',
  'lock-stolen': 'Rolling back',
  unlocked: 'Rolling back',
  shipped: 'The end',
  closed: 'The end',
  'next-in-queue': 'The end',
  'hotfix-announced': 'Hotfix',
  'hotfix-waits': 'Hotfix',
  trouble: 'When something is away',
  recovered: 'When something is away',
  override: 'Breaking the glass',
  'debt-reminder': 'Breaking the glass',
  'debt-acknowledged': 'Breaking the glass',
};

function threads(): readonly Picture[] {
  return [...new Set(Object.values(THREADS))].map((title) => ({
    name: `thread-${slug(title)}`,
    title,
    section: 'The thread',
    shown: {
      kind: 'messages',
      messages: said
        .filter(([event]) => THREADS[event.kind] === title)
        .map(([event, about]) => notice(friendly(event), friendly(about)))
        .map(({ text, blocks }) => ({ text, blocks: [...blocks] })),
    },
  }));
}

/** Kinds of messages that a thread may have, and those of which there is an example. */
export const noticeKinds = {
  all: Object.keys(THREADS),
  shown: [...new Set(said.map(([event]) => event.kind))],
};

function forms(): readonly Picture[] {
  const { alarm, risky } = fixtures.views;
  if (!alarm || !risky) throw new Error('the fixtures of the card have changed their names');
  const { promotion } = friendly(alarm);
  const all: readonly (readonly [string, View])[] = [
    [
      'Ship to production',
      startForm({
        services: ['shop', 'api'],
        features: [{ slug: '014-checkout', ready: true }],
        service: 'shop',
        metadata: { channel: 'C0SHIP' },
      }),
    ],
    ['Choose another version', bumpForm(promotion)],
    ['Decline', declineForm(promotion)],
    ['Report a problem', reportForm(promotion, 'The cart is empty.')],
    ['Hotfix', hotfixForm(promotion)],
    [
      'Break the glass',
      overrideForm({ service: 'shop', over: ['Frozen: weekend'], metadata: { service: 'shop' } }),
    ],
    [
      'Unlock',
      unlockForm({
        service: 'shop',
        owner: 'slipway',
        reason: '2.7.0 was rolled back: errors rose',
        since: fixtures.T0,
        promotionId: 'shop-1',
      } as Parameters<typeof unlockForm>[0]),
    ],
    ['Details', details(friendly(risky))],
  ];
  return all.map(([title, view]) => ({
    name: `form-${slug(title)}`,
    title,
    section: 'Forms',
    shown: { kind: 'modal', view },
  }));
}

function homes(): readonly Picture[] {
  const newcomer = home({ open: [], last: [], locks: [], services: ['shop'] });
  const busy = home(
    friendly({
      open: [entry('awaiting-approval', { plan: fixtures.plan })],
      last: [entry('shipped')],
      locks: [{ service: 'api', owner: 'U0KIM', reason: 'the database moves' }],
      services: ['shop', 'api'],
    }),
  );
  return [
    {
      name: 'home-first',
      title: 'At first',
      section: 'The Home tab',
      shown: { kind: 'home', view: newcomer },
    },
    {
      name: 'home-under-way',
      title: 'While something is shipped',
      section: 'The Home tab',
      shown: { kind: 'home', view: busy },
    },
  ];
}

export const pictures = (): readonly Picture[] => [...cards(), ...threads(), ...forms(), ...homes()];

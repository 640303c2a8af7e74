/** Who and what is in the workspace at the start. All of it can be replaced by options. */

export interface UserOption {
  readonly id: string;
  /** The handle. */
  readonly name: string;
  readonly realName?: string;
  readonly title?: string;
  readonly email?: string;
  readonly color?: string;
  readonly kind?: 'member' | 'guest';
  readonly timeZone?: string;
  /** Id of another workspace: somebody in a shared channel. */
  readonly team?: string;
  /** Id of the organisation of that workspace: with the one in which the app is installed they are no stranger. */
  readonly organisation?: string;
}

export interface ChannelOption {
  readonly id: string;
  readonly name: string;
  readonly kind?: 'public' | 'private';
  /** User ids or handles; the bot is a member unless `withoutBot`. All members of the workspace by default. */
  readonly members?: readonly string[];
  readonly withoutBot?: boolean;
  readonly topic?: string;
  readonly purpose?: string;
}

export interface GroupOption {
  readonly id: string;
  readonly handle: string;
  readonly name?: string;
  /** User ids or handles. */
  readonly members: readonly string[];
}

export const DEFAULT_USERS: readonly UserOption[] = [
  {
    id: 'U0ADA',
    name: 'ada',
    realName: 'Ada Lovelace',
    title: 'Release engineer',
    color: '#7a4fbf',
    timeZone: 'Europe/London',
  },
  {
    id: 'U0GRACE',
    name: 'grace',
    realName: 'Grace Hopper',
    title: 'Engineering lead',
    color: '#1f7a6d',
    timeZone: 'America/New_York',
  },
  {
    id: 'U0LINUS',
    name: 'linus',
    realName: 'Linus Berg',
    title: 'Engineer',
    color: '#b4581e',
    timeZone: 'Europe/Helsinki',
  },
  {
    id: 'U0MARGARET',
    name: 'margaret',
    realName: 'Margaret Hamilton',
    title: 'Auditor',
    color: '#a3334f',
    kind: 'guest',
    timeZone: 'America/Los_Angeles',
  },
];

export const DEFAULT_CHANNELS: readonly ChannelOption[] = [
  { id: 'C0GENERAL', name: 'general', purpose: 'Everything that concerns everybody' },
  { id: 'C0SHIP', name: 'ship', topic: 'What goes to production', purpose: 'Releases of the shop' },
];

export const DEFAULT_GROUPS: readonly GroupOption[] = [
  { id: 'S0RELEASERS', handle: 'releasers', name: 'Releasers', members: ['U0ADA', 'U0GRACE'] },
];

export const DEFAULT_TEAM = { id: 'T0SLIPWAY', name: 'Harbour', domain: 'harbour' } as const;
export const APP_ID = 'A0SLIPWAY';
export const BOT_ID = 'B0SLIPWAY';
export const BOT_USER = 'U0SLIPWAY';

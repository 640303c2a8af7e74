export interface PageTeam {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
}

export interface PageUser {
  readonly id: string;
  /** The handle, without the at sign. */
  readonly name: string;
  readonly realName: string;
  readonly title: string;
  readonly email: string;
  /** `#rrggbb`, for the avatar with the initials. */
  readonly color: string;
  readonly kind: 'member' | 'guest' | 'bot';
  readonly deleted: boolean;
  /** IANA name. Slack date tokens are shown in the zone of the acting user. */
  readonly timeZone: string;
}

export interface PageChannel {
  readonly id: string;
  /** Without the hash sign; for `im` the other user's handle. */
  readonly name: string;
  readonly kind: 'public' | 'private' | 'im';
  readonly topic: string;
  readonly purpose: string;
  readonly archived: boolean;
  /** User ids, the bot's too. */
  readonly members: readonly string[];
  /** For `im`: the user on the other side (the bot, often). */
  readonly partner?: string;
  readonly bookmarks: readonly PageBookmark[];
  /** Timestamps of pinned messages. */
  readonly pins: readonly string[];
}

export interface PageBookmark {
  readonly id: string;
  readonly title: string;
  readonly link: string;
  readonly emoji?: string;
}

export interface PageUserGroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly members: readonly string[];
}

export interface PageCommand {
  /** With the slash: `/ship-prod`. */
  readonly command: string;
  readonly description: string;
  /** From the manifest: `[service] [bump]`. */
  readonly usageHint: string;
}

export interface PageShortcut {
  readonly name: string;
  readonly callbackId: string;
  readonly description: string;
}

export interface PageApp {
  readonly id: string;
  readonly name: string;
  /** The bot's user. */
  readonly user: string;
  readonly description: string;
  readonly color: string;
  readonly commands: readonly PageCommand[];
  readonly globalShortcuts: readonly PageShortcut[];
  readonly messageShortcuts: readonly PageShortcut[];
  readonly homeTab: boolean;
}

/** Something the demo lets people do to the world outside Slack, e.g. make the shop slow. */
export interface PageSwitch {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  /** With one choice it is a push button, with more a radio group. */
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
}

/** One line about the world outside Slack: "Live version", "v1.4.0"; "Health", "failing". */
export interface PageGauge {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly tone?: 'good' | 'warn' | 'bad' | 'neutral';
}

/** A place outside worth opening from the demo, e.g. the shop's own page. */
export interface PageLink {
  readonly label: string;
  readonly url: string;
}

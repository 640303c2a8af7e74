import type { People, Profile, Slack } from '../../src/adapters/slack/port.ts';
import type { Notice } from '../../src/domain/promotion/notice.ts';
import { Refusal, Unavailable } from '../../src/domain/refusals/refusal.ts';

export interface Said {
  readonly promotionId: string;
  readonly key: string;
  readonly notice: Notice;
}

/** A `Slack` that keeps what it was told, once per promotion and key, in order. */
export class MemorySlack implements Slack {
  readonly said: Said[] = [];
  /** Promotion ids, one entry per call. */
  readonly refreshed: string[] = [];
  /** While set, every call throws this. */
  failing: Error | null = null;

  async refresh(promotionId: string): Promise<void> {
    if (this.failing) throw this.failing;
    this.refreshed.push(promotionId);
  }

  async say(promotionId: string, key: string, notice: Notice): Promise<void> {
    if (this.failing) throw this.failing;
    if (this.said.some((entry) => entry.promotionId === promotionId && entry.key === key)) return;
    // What a real Slack stores is JSON: a notice that does not survive it must fail here too.
    this.said.push({ promotionId, key, notice: JSON.parse(JSON.stringify(notice)) as Notice });
  }

  async addressOf(promotionId: string): Promise<string | undefined> {
    if (this.failing) throw this.failing;
    return `https://slack.test/${promotionId}`;
  }

  /** Kinds in the order said, for one promotion or for all. */
  kinds(promotionId?: string): Notice['kind'][] {
    return this.of(promotionId).map((entry) => entry.notice.kind);
  }

  /** All notices of one kind, narrowed. */
  notices<K extends Notice['kind']>(kind: K, promotionId?: string): Extract<Notice, { kind: K }>[] {
    return this.of(promotionId)
      .map((entry) => entry.notice)
      .filter((notice): notice is Extract<Notice, { kind: K }> => notice.kind === kind);
  }

  private of(promotionId?: string): readonly Said[] {
    return promotionId === undefined
      ? this.said
      : this.said.filter((entry) => entry.promotionId === promotionId);
  }
}

/**
 * `People` out of a list. Unknown users are ordinary members named by their id, so that tests name only
 * those who differ; unknown groups are refused as Slack's are.
 */
export class MemoryPeople implements People {
  readonly forDisplay = this;
  readonly forClicks = this;
  readonly profiles = new Map<string, Profile>();
  /** Members by group id or handle. */
  readonly groups = new Map<string, readonly string[]>();
  /** Who is not in the channel of the service; everybody else is. */
  readonly outsideChannel = new Set<string>();
  down = false;

  constructor(
    profiles: readonly (Partial<Profile> & { readonly id: string })[] = [],
    groups: Readonly<Record<string, readonly string[]>> = {},
  ) {
    for (const profile of profiles) this.profiles.set(profile.id, { ...ordinary(profile.id), ...profile });
    for (const [group, members] of Object.entries(groups)) this.groups.set(group, members);
  }

  async profile(user: string): Promise<Profile> {
    this.reach();
    return this.profiles.get(user) ?? ordinary(user);
  }

  async byEmail(email: string): Promise<string | null> {
    this.reach();
    const known = [...this.profiles.values()];
    return known.find((one) => one.email?.toLowerCase() === email && !one.deleted)?.id ?? null;
  }

  async members(group: string): Promise<readonly string[]> {
    this.reach();
    const members = this.groups.get(group);
    if (!members) throw new Refusal('group-unknown', { group });
    return members;
  }

  async isInChannel(user: string): Promise<boolean> {
    this.reach();
    return !this.outsideChannel.has(user);
  }

  private reach(): void {
    if (this.down) throw new Unavailable('Slack', 'does not answer');
  }
}

function ordinary(id: string): Profile {
  return { id, name: id, deleted: false, bot: false, restricted: false };
}

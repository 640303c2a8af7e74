import type { PromotionRequest } from '../promotion/promotion.ts';

/** Stands for every service, also those that come later. */
export const EVERY_SERVICE = '*';

/** Somebody wants to be told when commits of theirs are in production. */
export interface Subscription {
  /** Slack user id. */
  readonly person: string;
  /** Or EVERY_SERVICE. */
  readonly service: string;
  /** ms since the epoch; what was in production before is not told. */
  readonly since: number;
}

/** What somebody chose in the form the last time. */
export type FormChoice = Pick<PromotionRequest, 'service' | 'bump'>;

/**
 * What of a choice is offered again: service and step. Never a major step, which is meant for one release; nor feature
 * and note, which belong to one; nor anything that somebody confirmed or overrode.
 */
export function toRemember({ service, bump }: FormChoice): FormChoice {
  return { service, bump: bump === 'major' ? 'auto' : bump };
}

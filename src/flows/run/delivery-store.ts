import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { DeliveredRelease } from '../../domain/statistics/delivery.ts';

/** What reached production. Times are ms since the epoch. */
export interface DeliveryStore {
  /** Of a service since then; oldest first. */
  deliveries(service: string, sinceMs: number): Promise<readonly DeliveredRelease[]>;
  /** The promotions, as they are now, whose release reached production since then, or was taken back since; oldest first. */
  deliveredOrBack(sinceMs: number): Promise<readonly Pick<Promotion, 'id' | 'service' | 'state'>[]>;
}

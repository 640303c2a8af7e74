import { z } from 'zod';
import type { FiringAlert } from '../../domain/alerts/alert.ts';
import { Duration } from '../shared/context.ts';

/** Where alerts of production fire. Silenced ones do not: a person has said that they do not count. */
export interface AlertSource {
  readonly kind: string;
  /** In words for people, and different for each source of a service: "Alertmanager". */
  readonly name: string;
  /** A sentence for doctor: the source answers, and what fires. Throws as `firing` does. */
  preflight(signal?: AbortSignal): Promise<string>;
  /**
   * All alerts of the service that fire now. Throws Unavailable when the source does not answer now, and a Refusal for
   * what a person has to mend. Nothing fires only where the source has said so.
   */
  firing(signal?: AbortSignal): Promise<readonly FiringAlert[]>;
  /** Who is on call for these alerts now, where the source knows. Throws as `firing` does. */
  onCall?(signal?: AbortSignal): Promise<readonly { readonly name: string; readonly email?: string }[]>;
}

/** Settings of every kind. */
export const alertSettings = {
  name: z
    .string()
    .regex(/^\S(?:.{0,38}\S)?$/, 'a name of at most 40 characters')
    .optional()
    .meta({ description: 'What people read it as; needed where a service has two of a kind.' }),
  timeout: Duration.prefault('10s').meta({ description: 'After this it has not answered.' }),
};

/** The sentence of a preflight. */
export function countedAlerts(source: string, firing: readonly FiringAlert[]): string {
  const critical = firing.filter((alert) => alert.critical).length;
  const count = firing.length === 1 ? '1 alert fires' : `${firing.length || 'no'} alerts fire`;
  return `${source} answers: ${count}${critical > 0 ? `, ${critical} of them critical` : ''}.`;
}

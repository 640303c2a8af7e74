import { z } from 'zod';
import { boundedAlerts, type FiringAlert, sinceThen } from '../../domain/alerts/alert.ts';
import { askJson } from '../shared/ask-json.ts';

/** Alerts of the Alertmanager API v2, which Grafana and Mimir speak too. */
const Alerts = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    fingerprint: z.string().min(1),
    startsAt: z.string(),
    endsAt: z.string(),
    generatorURL: z.string().optional(),
    status: z.object({
      state: z.enum(['unprocessed', 'active', 'suppressed']),
      silencedBy: z.array(z.string()).nullish(),
      inhibitedBy: z.array(z.string()).nullish(),
      /** Muted by a time interval; since Alertmanager 0.28. */
      mutedBy: z.array(z.string()).nullish(),
    }),
  }),
);

interface Asked {
  readonly source: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Labels that an alert of the service has. */
  readonly labels: Readonly<Record<string, string>>;
  readonly isCritical: (labels: Readonly<Record<string, string>>) => boolean;
  readonly nameOf: (labels: Readonly<Record<string, string>>) => string;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** The alerts with all these labels that fire, and that nobody has silenced. */
export async function activeAlerts(asked: Asked): Promise<readonly FiringAlert[]> {
  const { source, url, headers, timeoutMs, labels: wanted, signal } = asked;
  const query = new URLSearchParams({ active: 'true', silenced: 'false', inhibited: 'false' });
  for (const [label, value] of Object.entries(wanted))
    query.append('filter', `${label}=${JSON.stringify(value)}`);
  const alerts = await askJson({
    source,
    setting: 'alerts',
    url: `${url}/api/v2/alerts?${query}`,
    headers,
    timeoutMs,
    answer: Alerts,
    reasonIn: (body) => (typeof body === 'string' ? body : wordsIn(body)),
    ...(signal === undefined ? {} : { signal }),
  });
  const now = asked.now();
  return boundedAlerts(
    alerts
      .filter(({ labels, status, endsAt }) => {
        const fits = Object.entries(wanted).every(([label, value]) => labels[label] === value);
        const muted = [status.silencedBy, status.inhibitedBy, status.mutedBy].some((by) => by?.length);
        // The zero time stands for no end.
        const end = Date.parse(endsAt);
        return fits && !muted && status.state === 'active' && !(end > 0 && end < now);
      })
      .map(({ labels, fingerprint, startsAt, generatorURL }) => ({
        id: fingerprint,
        name: asked.nameOf(labels),
        critical: asked.isCritical(labels),
        ...sinceThen(startsAt, now),
        ...(generatorURL && /^https?:\/\//.test(generatorURL) ? { url: generatorURL } : {}),
      })),
  );
}

function wordsIn(body: unknown): string | undefined {
  const told = z.object({ message: z.string() }).safeParse(body);
  return told.success ? told.data.message : undefined;
}

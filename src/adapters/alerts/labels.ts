import { z } from 'zod';

const LabelName = z.string().regex(/^[a-zA-Z_]\w*$/, 'the name of a label');

/** How alerts with labels are attached to a service, and which of them are critical. */
export const labelSettings = {
  labels: z
    .record(LabelName, z.string())
    .refine((labels) => Object.keys(labels).length > 0, { error: 'at least one label' })
    .meta({
      description: 'Alerts with all these labels are alerts of the service.',
      examples: [{ service: 'shop' }],
    }),
  critical: z
    .record(LabelName, z.union([z.string(), z.array(z.string()).min(1)]))
    .default({ severity: 'critical' })
    .meta({
      description:
        'Alerts with one of these values in each of these labels are critical; others only ask people.',
    }),
};

/** Whether labels make an alert critical. */
export function isCritical(
  labels: Readonly<Record<string, string>>,
  critical: Readonly<Record<string, string | readonly string[]>>,
): boolean {
  const wanted = Object.entries(critical);
  return (
    wanted.length > 0 && wanted.every(([label, values]) => [values].flat().includes(labels[label] ?? ''))
  );
}

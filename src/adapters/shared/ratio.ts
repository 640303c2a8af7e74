import { z } from 'zod';

/** `1pp` → 0.01: a difference between two rates. */
export const PercentagePoints = z
  .string()
  .meta({ description: 'Percentage points, such as 1pp or 0.5pp.', examples: ['1pp'] })
  .transform((text, context) => {
    const points = /^(\d+(?:\.\d+)?)\s*pp$/.exec(text.trim())?.[1];
    if (points !== undefined && Number(points) > 0 && Number(points) <= 100) return Number(points) / 100;
    context.addIssue({ code: 'custom', message: 'percentage points above 0, such as 1pp or 0.5pp' });
    return z.NEVER;
  });

/** `10%` → 0.1: a share of the value before. */
export const Percent = z
  .string()
  .meta({ description: 'A percentage, such as 10%.', examples: ['10%'] })
  .transform((text, context) => {
    const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())?.[1];
    if (percent !== undefined && Number(percent) > 0 && Number(percent) <= 1_000)
      return Number(percent) / 100;
    context.addIssue({ code: 'custom', message: 'a percentage above 0, such as 10%' });
    return z.NEVER;
  });

import { z } from 'zod';
import { Duration } from '../../shared/context.ts';
import { Headers } from '../../shared/http.ts';
import { JsonPath } from '../../shared/json-path.ts';
import { countSettings, sourceSettings } from '../names.ts';

/** An address whose placeholders may stand in its query. */
const Address = z
  .string()
  .regex(
    /^https?:\/\/[^\s/?#@]+(?:[/?][^\s#]*)?$/i,
    'an address such as https://shop.example/stats?from={from}&to={to}',
  )
  .refine((text) => text.includes('{from}') === text.includes('{to}'), {
    error: 'both {from} and {to}, or neither',
  });

const Path = JsonPath.meta({ description: 'Where the number is in the JSON, such as requests.total.' });

export const HttpJsonSettings = z
  .strictObject({
    use: z.literal('http-json'),
    ...sourceSettings,
    url: Address.meta({
      description:
        'What answers with JSON. With {from} and {to}, seconds since the epoch, it is asked once for each tick and answers with the numbers of that time. Without them its numbers are counters that only grow, of all instances together, and it is asked `every` so often; a counter that begins anew is noticed. {service} is the name.',
      examples: ['https://shop.example/stats?from={from}&to={to}'],
    }),
    headers: Headers.default({}),
    total: Path.meta({
      description: 'Requests: where the number is in the JSON.',
      examples: ['requests.total'],
    }),
    errors: Path.optional().meta({ description: 'Requests that failed.' }),
    latency: z
      .strictObject({ p50: Path.optional(), p95: Path.optional(), p99: Path.optional() })
      .optional()
      .meta({ description: 'Percentiles of the latency.' }),
    'latency-unit': z.enum(['s', 'ms']).default('ms'),
    counts: countSettings(Path),
    every: Duration.prefault('10s').meta({ description: 'How often counters are read.' }),
    delay: Duration.prefault('5s').meta({
      description: 'How long after its end a tick is asked for, with {from} and {to}.',
    }),
    timeout: Duration.prefault('5s'),
  })
  .meta({ description: 'Reads numbers from any address that answers with JSON.' });
export type HttpJsonSettings = z.infer<typeof HttpJsonSettings>;

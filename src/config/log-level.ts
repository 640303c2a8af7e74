import { pino } from 'pino';
import { Refusal } from '../domain/refusals/refusal.ts';

/** What `LOG_LEVEL` asks for. Refusal `environment-invalid` when pino knows no such level. */
export function logLevel(env: NodeJS.ProcessEnv, otherwise: string): string {
  const level = env['LOG_LEVEL'] || otherwise;
  const known = [...Object.keys(pino.levels.values), 'silent'];
  if (known.includes(level)) return level;
  throw new Refusal('environment-invalid', {
    name: 'LOG_LEVEL',
    value: level,
    expected: `one of ${known.join(', ')}`,
  });
}

import { pino } from 'pino';
import { expect, test } from 'vitest';
import { LOG_HOOKS } from '../../src/app/environment.ts';
import { HIDING, leftIn } from '../support/hidden.ts';

test('a line of the log hides nothing, and whoever parses it reads what was there', () => {
  const lines: string[] = [];
  const log = pino({ hooks: LOG_HOOKS }, { write: (line: string) => void lines.push(line) });
  log.info({ title: HIDING }, `merged ${HIDING}`);
  expect(leftIn(lines.join(''))).toEqual([]);
  expect(lines[0]).toContain('a\\u200bb');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ title: HIDING, msg: `merged ${HIDING}` });
});

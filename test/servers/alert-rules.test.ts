import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeWith } from './program.ts';

describeWith('promtool', 'prometheus')('the alert rules of the examples', () => {
  test('are understood by Prometheus', async () => {
    const { stdout } = await promisify(execFile)('promtool', [
      'check',
      'rules',
      'examples/monitoring/alerts.yml',
    ]);
    expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
  });
});

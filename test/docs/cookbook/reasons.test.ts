import { expect, test } from 'vitest';
import { openPage } from './page.ts';

const PROGRAMS = [
  ['cloudflare.md', 'wrangler'],
  ['fly.md', 'fly'],
] as const;

test.each(PROGRAMS)('%s: what %s says of a failure is what people read', async (name) => {
  const page = await openPage(name);
  page.change({ outage: true });
  await expect(page.target.live()).rejects.toThrow(/the platform does not answer/);
});

test.each(PROGRAMS)('%s: people read that %s is not there', async (name, program) => {
  const page = await openPage(name);
  page.remove(program);
  await expect(page.target.live()).rejects.toThrow(new RegExp(`${program} ENOENT`));
});

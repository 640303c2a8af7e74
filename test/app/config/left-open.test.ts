import { expect, test } from 'vitest';
import { heldBy } from '../../../src/app/config/left-open.ts';

const settingsOf = (name: string, tag: string) => ({
  [`services.${name}.repository.url`]: '"https://git.example.com/mono.git"',
  [`services.${name}.target.branch`]: `"${name}"`,
  [`services.${name}.version.tag`]: JSON.stringify(tag),
});

test.each([
  ['{service}-v{version}', []],
  ['v{version}', ['mail']],
])('tags %s, of two services in one repository, make these wait: %j', (tag, waiting) => {
  const wanted = new Map([['mail', { isNew: true }]]);
  const held = heldBy(settingsOf('shop', tag), settingsOf('mail', tag), wanted);
  expect([...held.keys()]).toEqual(waiting);
});

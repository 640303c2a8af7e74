import { expect, test } from 'vitest';
import { isDamage, remoteFailure } from '../../../../src/adapters/repositories/git/failure.ts';
import { diskTrouble } from '../../../../src/domain/refusals/disk.ts';
import { Unavailable } from '../../../../src/domain/refusals/refusal.ts';

const REMOTE = { url: 'https://git.test/shop.git' } as Parameters<typeof remoteFailure>[1];

test.each([
  ["fatal: sha1 file '/data/git/shop/objects/pack/tmp_pack_5q' write error. Out of diskspace", /full/],
  ['error: file write error: No space left on device\nfatal: unable to write loose object file', /full/],
  ["fatal: cannot create directory at 'objects/ab': Read-only file system", /cannot be written to/],
  ['fatal: cannot store pack file: Disk quota exceeded', /full/],
])('our own disk is not the remote, nor a damaged copy: %s', (stderr, why) => {
  const failure = remoteFailure({ code: 128, stderr }, REMOTE);
  expect(failure).toBeInstanceOf(Unavailable);
  expect(failure).toMatchObject({ what: 'the data folder', reason: expect.stringMatching(why) });
  expect(isDamage(`${stderr}\nfatal: /data/git/shop: unable to read tree`, '/data/git/shop')).toBe(false);
});

test('the disk of the other end is the remote that does not answer', () => {
  const stderr = 'remote: error: file write error: No space left on device\nfatal: the remote end hung up';
  expect(remoteFailure({ code: 128, stderr }, REMOTE)).toMatchObject({ what: 'the git remote' });
});

test('what else programs say is no trouble of the disk', () => {
  for (const said of ['spaceship left', 'MENOSPCS', 'no space', '']) expect(diskTrouble(said)).toBeNull();
});

import type { Release } from '../../domain/release/release.ts';
import { buttonFor } from '../kit/button-value.ts';
import { ACTION } from '../kit/ids.ts';
import { shortSha } from '../kit/labels.ts';
import { bold, code, linked, type Message, words } from '../kit/rich-text.ts';
import { answer } from './answer.ts';
import { NEVER_MIND } from './confirm.ts';

/** Asks whoever wants to adopt a release whether they mean this commit. */
export function adoption(service: string, release: Release, commitUrl: string | undefined): Message {
  const { version, tag, commit, build } = release;
  return answer(
    ['Adopt ', bold(service, 100), ' ', bold(version, 60), '?'],
    [
      [
        code(tag, 100),
        ' is commit ',
        linked(commitUrl, shortSha(commit)),
        ...(build === undefined ? [] : [', built as ', code(shortSha(build.commit))]),
        '. With your name on it, people who may roll back can return to exactly this commit. Nothing is deployed now.',
      ],
    ],
    [
      buttonFor(
        ACTION.adopt,
        `Adopt ${version}`,
        { service: service.slice(0, 200), to: version.slice(0, 100), commit, via: 'command' },
        { style: 'primary' },
      ),
      NEVER_MIND,
    ],
  );
}

/** It is adopted. */
export function adopted(service: string, { version, commit }: Release): Message {
  return answer(
    [
      'Rollbacks of ',
      bold(service, 100),
      ' can return to ',
      bold(version, 60),
      ' now (',
      code(shortSha(commit)),
      ').',
    ],
    [['To go there: ', code(`/ship-prod rollback ${service} ${version}`, 300)]],
  );
}

interface OnStaging {
  readonly feature: string;
  readonly path: string;
  readonly commit: string;
  readonly said: string | null;
}

/** Asks whoever validated staging whether they mean this commit. */
export function validation(service: string, staging: OnStaging, commitUrl: string | undefined): Message {
  const { feature, path, commit, said } = staging;
  return answer(
    ['Did you validate ', bold(service, 100), ' ', code(feature, 100), ' on staging?'],
    [
      [
        'Staging has ',
        linked(commitUrl, shortSha(commit)),
        '. With your name on it, ',
        code(path, 200),
        ' then says that it is approved',
        ...(said === null ? [] : [words(`; now it says ${said}`, 200)]),
        '. Nothing is deployed now.',
      ],
    ],
    [
      buttonFor(
        ACTION.validate,
        'Yes, record it',
        { service: service.slice(0, 200), to: feature.slice(0, 100), commit, via: 'command' },
        { style: 'primary' },
      ),
      NEVER_MIND,
    ],
  );
}

/** It is recorded. */
export function validated(
  service: string,
  { feature, path, commit, url, waitsIn }: OnStaging & { readonly url?: string; readonly waitsIn?: string },
): Message {
  return answer(
    [
      '✅ Recorded: ',
      bold(service, 100),
      ' ',
      code(feature, 100),
      ' at ',
      code(shortSha(commit)),
      ' is validated on staging. ',
      linked(url, path, 200),
    ],
    waitsIn === undefined ? [] : [[words(`It waits in ${waitsIn}.`, 300)]],
  );
}

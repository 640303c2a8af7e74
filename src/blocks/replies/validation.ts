import { buttonFor } from '../kit/button.ts';
import { ACTION } from '../kit/ids.ts';
import { shortSha } from '../kit/labels.ts';
import { bold, code, linked, type Message, words } from '../kit/rich-text.ts';
import { answer } from './answer.ts';
import { NEVER_MIND } from './confirm.ts';

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

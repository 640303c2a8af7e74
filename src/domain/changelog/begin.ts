import type { ChangelogRelease } from './changelog.ts';
import { generatedBody } from './generated.ts';

const INTRO = [
  '# Changelog',
  '',
  'All notable changes to this project will be documented in this file.',
  '',
  'The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/),',
  'and this project adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).',
  '',
  '## [Unreleased]',
  '',
];

/** A new changelog, with an Unreleased heading. */
export function beginChangelog(release: ChangelogRelease): { readonly text: string; readonly body: string } {
  const { version, previousTag, tag, path = '', date } = release;
  const collected = release.collected ?? [];
  const body = generatedBody(null, collected.length > 0 ? collected : release.generated, 2);
  if (/\.(?:rst|rest)$/i.test(path)) return beginRest(release, body);
  const unreleasedUrl = release.compareUrl?.(tag, 'HEAD');
  const versionUrl = previousTag === null ? undefined : release.compareUrl?.(previousTag, tag);
  const links = [
    ...(unreleasedUrl ? [`[Unreleased]: ${unreleasedUrl}`] : []),
    ...(versionUrl ? [`[${version}]: ${versionUrl}`] : []),
  ];
  const section = [`## [${version}] - ${date}`, '', ...body];
  const lines = [...INTRO, ...section, ...(links.length > 0 ? ['', ...links] : [])];
  return { text: `${lines.join('\n')}\n`, body: body.join('\n') };
}

function beginRest({ version, date }: ChangelogRelease, generated: readonly string[]) {
  const body = generated.flatMap((line) => {
    const title = /^#+ (.*)$/.exec(line)?.[1];
    return title === undefined ? [line] : [title, '~'.repeat(Math.max(3, title.length))];
  });
  const heading = `${version} - ${date}`;
  const lines = [
    'Changelog',
    '=========',
    '',
    'Unreleased',
    '----------',
    '',
    heading,
    '-'.repeat(heading.length),
    '',
    ...body,
  ];
  return { text: `${lines.join('\n')}\n`, body: body.join('\n') };
}

import type { ChangelogRelease } from './changelog.ts';

const MARKDOWN = `# Changelog

All notable changes to this project will be documented in this file.

The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/),
and this project adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]
`;
const REST = `Changelog
=========

Unreleased
----------
`;

/** A new changelog in which nothing was released yet. */
export function emptyChangelog(path: string): string {
  return /\.(?:rst|rest)$/i.test(path) ? REST : MARKDOWN;
}

/** The links at the end of a new changelog in Markdown. */
export function firstLinks(release: ChangelogRelease): string {
  const { version, tag, previousTag } = release;
  const unreleased = release.compareUrl?.(tag, 'HEAD');
  const own = previousTag === null ? undefined : release.compareUrl?.(previousTag, tag);
  const links = `${unreleased ? `[Unreleased]: ${unreleased}\n` : ''}${own ? `[${version}]: ${own}\n` : ''}`;
  return links === '' ? '' : `\n${links}`;
}

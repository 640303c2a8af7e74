import type { Given, Maybe, RefusalCatalogue, RefusalFacts } from './sentence.ts';

/** Version, changelog and version files. */
export const releaseRefusals = {
  'nothing-to-release': ({ tag }: Maybe<'tag'>) => ({
    text: `Nothing happened since ${tag ?? 'the last release'}: no commits and no Unreleased entries in the changelog.`,
    hint: 'Merge what should be shipped into the release branch, or roll back to a release if that is what you want.',
  }),
  'paths-without-files': ({ paths }: Given<'paths'>) => ({
    text: `No file of the repository is below the paths of this service (${quoted(paths)}), so no commit would ever count.`,
    hint: 'Correct `paths` in the config: folders, files or globs from the root of the repository, in its own spelling.',
  }),
  'bump-below-evidence': ({
    chosen,
    suggested,
    next,
    reasons,
  }: Maybe<'chosen' | 'suggested' | 'next' | 'reasons'>) => ({
    text: `You chose a ${chosen ?? 'smaller'} release${next ? ` (${next})` : ''}, but the changes ask for ${suggested ?? 'more'}${reasons ? `: ${quoted(reasons)}` : ''}.`,
    hint: `Choose ${suggested ?? 'the suggested size'}, or confirm that you mean it; that is recorded.`,
  }),
  'version-backwards': ({ next, path, version }: Maybe<'next' | 'path' | 'version'>) => ({
    text: `The next version would be ${next ?? 'lower'}, but ${path ?? 'a version file'} already says ${version ?? 'a higher one'}. Versions never go backwards.`,
    hint: `Choose a larger bump, or correct the version in ${path ?? 'the file'} on the release branch.`,
  }),
  'tags-otherwise': ({
    count,
    tag,
    example,
    highest,
    other,
    scheme,
  }: Given<'count' | 'tag' | 'example', 'highest' | 'other' | 'scheme'>) => ({
    text: `The repository has ${count === 1 ? 'a tag' : `${count} tags`} that Slipway does not read as ${count === 1 ? 'a release' : 'releases'} of this service, such as ${tag}: its tags are ${example}. The numbers would ${highest ? `go on from ${highest}` : 'start over'}.`,
    hint:
      other === undefined
        ? `If ${tag} is the last release, ${scheme ? `set \`version.scheme: ${scheme}\`, or ` : ''}tag its commit once more with three numbers (${example}). If it is something else, set \`version.other-tags: ignore\`.`
        : `If ${tag} is a release of this service, set \`version.tag: "${other}{version}"\`. If it is something else, set \`version.other-tags: ignore\`.`,
  }),
  'tags-by-calendar': ({ tag, scheme }: Given<'tag' | 'scheme'>) => ({
    text: `The last release, ${tag}, looks like a date. Read as three numbers, a feature would make the next month of it.`,
    hint: `Set \`version.scheme: ${scheme}\`, or whatever the numbers are; \`version.scheme: semver\` says that they are no dates.`,
  }),
  'tag-exists': ({ tag }: Maybe<'tag'>) => ({
    text: `The tag ${tag ?? 'of this release'} already exists and belongs to something else, so this release cannot have it. Nothing was pushed.`,
    hint: 'If the tag is a leftover, delete it on the remote; if that version was really released elsewhere, choose a larger bump.',
  }),
  'changelog-has-version': ({ version }: Maybe<'version'>) => ({
    text: `The changelog already has a section for ${version ?? 'this version'}, and Unreleased has entries too.`,
    hint: 'Move the Unreleased entries into that section, or choose another bump.',
  }),
  'changelog-form-unknown': ({ path }: Given<'path'>) => ({
    text: `${path} names versions in a form that Slipway does not read, so it cannot tell where the new section belongs. Nothing was changed.`,
    hint: `Write the headings as Markdown (## 1.2.0 - 2026-01-31) or, in a .rst file, as underlined titles; or name another file under version.changelog.`,
  }),
  'changelog-unreleased-twice': ({ path, lines }: Given<'path' | 'lines'>) => ({
    text: `${path} has more than one section of what is not released, with entries in each (lines ${quoted(lines)}).`,
    hint: 'Move the entries below one of the headings.',
  }),
  'changeset-unclear': ({ path }: Given<'path'>) => ({
    text: `${path} names packages, but its first lines do not say of each whether it is major, minor or patch. The release would delete the file, so it stopped.`,
    hint: `Write a line for each package there, such as "shop": minor, on the release branch.`,
  }),
  'changelog-not-editable': ({ path, version }: Given<'path' | 'version'>) => ({
    text: `A section for ${version} in ${path} would not read as one: something above it, such as a block of code or a comment, is not closed. Nothing was changed.`,
    hint: `Close it in ${path} on the release branch.`,
  }),
  'file-not-text': ({ path, encoding }: Maybe<'path' | 'encoding'>) => ({
    text: `${path ?? 'A release file'} is not UTF-8 text${ENCODINGS[String(encoding)] ?? ''}, so Slipway will not edit it: other bytes in it could be damaged.`,
    hint: 'Save the file as UTF-8 on the release branch.',
  }),
  'file-in-lfs': ({ path }: Given<'path'>) => ({
    text: `${path} is kept by Git LFS: the repository has only a pointer to it, which Slipway does not edit. Nothing was changed.`,
    hint: `Take the file out of LFS on the release branch (git lfs untrack, then add it again): it is text, and git keeps that itself.`,
  }),
  'version-file-missing': ({ path }: Maybe<'path'>) => ({
    text: `The config names ${path ?? 'a file'} as a version file, but it is not in the commit that would be released.`,
    hint: 'Correct the path under version.files, or add the file.',
  }),
  'version-file-broken': ({ path, reason }: Maybe<'path' | 'reason'>) => ({
    text: `${path ?? 'A version file'} cannot be read${reason ? ` (${reason})` : ''}.`,
    hint: 'Correct the file on the release branch.',
  }),
  'version-file-unread': ({ path }: Given<'path'>) => ({
    text: `${path} stays as it is: it has more than a version in it, so that Slipway does not read it.`,
    hint: `Write nothing but the version into it, mark its line with a comment x-slipway-version, or name it under version.files with a pattern.`,
  }),
  'version-files-too-many': ({ count, most }: Given<'count' | 'most'>) => ({
    text: `${count} files may hold the version, and no more than ${most} of them are read: the others stay as they are.`,
    hint: 'Set paths of the service, or name under version.files what has to follow.',
  }),
  'lock-hash-stays': ({ path, manifest }: Given<'path' | 'manifest'>) => ({
    text: `${path} stays as it is: its hash is not that of ${manifest} even before the release.`,
    hint: 'Run composer update --lock on the release branch.',
  }),
  'version-under-work': ({ path, found, next }: Given<'path' | 'found' | 'next'>) => ({
    text: `${path} stays as it is: it holds ${found}, which does not lead to ${next}.`,
    hint: `Write ${next} into it, choose the step that leads to what it holds, or name it under version.files.`,
  }),
  'version-pattern-invalid': ({ path, pattern }: Maybe<'path' | 'pattern'>) => ({
    text: `The pattern ${pattern ? `${quoted(pattern)} ` : ''}for ${path ?? 'a version file'} is not a regular expression.`,
    hint: 'Correct the pattern under version.files; it needs one capture group around the version.',
  }),
  'version-pattern-slow': ({ path, pattern }: Given<'path' | 'pattern'>) => ({
    text: `The pattern ${quoted(pattern)} takes too long for ${path}, so it was given up.`,
    hint: 'Write it so that no part that repeats holds another, such as version: (\\S+) for (.+)+; it is under version.files.',
  }),
  'version-not-found': ({ path, pattern }: Maybe<'path' | 'pattern' | 'marker'>) => ({
    text: `No version was found in ${path ?? 'a version file'}${pattern ? ` with the pattern ${quoted(pattern)}` : ''}.`,
    hint: 'Mark the line that holds the version with a comment x-slipway-version, or give a pattern with one capture group around the version.',
  }),
  'version-not-present': ({ path, line, found, present }: Given<'path' | 'line' | 'found', 'present'>) => ({
    text: `${path}:${line} is marked as a place of the version, but it holds ${either(found)}${present ? `, not ${present}, which is released now` : ', and nothing says which of them is meant'}. Nothing was changed.`,
    hint: `Write the released version there, or move the marker or the pattern to the line that holds it.`,
  }),
  'version-marker-empty': ({ path, line }: Given<'path' | 'line'>) => ({
    text: `${path}:${line} has the marker x-slipway-version, but no version beside it. Nothing was changed.`,
    hint: 'Put the marker on the line that holds the version, or remove it.',
  }),
  'release-moved': ({ service, tag, was, now }: Given<'service' | 'tag' | 'was' | 'now'>) => ({
    text: `The tag ${tag} of ${service} was moved: it names ${now} now, and ${was} before. Nothing was deployed.`,
    hint: `Ask who moved it and put it back to ${was}. What is at ${now} is shipped with approvals: /ship-prod ${service}`,
  }),
  'release-never-shipped': ({ service, version, commit }: Given<'service' | 'version' | 'commit'>) => ({
    text: `${service} ${version} (${commit}) was never shipped by this Slipway, so nobody has approved it here. Nothing was deployed.`,
    hint: `If it was in production before Slipway came, somebody who may approve adopts it: /ship-prod adopt ${service} ${version}. Anything else is shipped with approvals: /ship-prod ${service}`,
  }),
  'release-unproven': ({ service, version, commit }: Given<'service' | 'version' | 'commit'>) => ({
    text: `The database says that ${service} ${version} (${commit}) was in production, but the audit log has no signed entry for it: somebody wrote it there past Slipway, or the log was damaged. Nothing was deployed.`,
    hint: `Run slipway audit verify. If it really was in production, somebody who may approve adopts it: /ship-prod adopt ${service} ${version}. Anything else is shipped with approvals: /ship-prod ${service}`,
  }),
  'release-newer': ({ service, version, live }: Given<'service' | 'version' | 'live'>) => ({
    text: `${service} ${version} is newer than ${live}, which is live. A rollback only goes back. Nothing was deployed.`,
    hint: `Ship it with approvals: /ship-prod ${service}`,
  }),
  'release-known': ({ service, version }: Given<'service' | 'version'>) => ({
    text: `${service} ${version} is known already: rollbacks can return to it.`,
    hint: `To go there: /ship-prod rollback ${service} ${version}`,
  }),
  'release-not-adoptable': ({ service, version, commit }: Given<'service' | 'version' | 'commit'>) => ({
    text: `${service} ${version} (${commit}) is not part of what is live, so it cannot be adopted. Nothing was changed.`,
    hint: `Only older releases that production was built upon can be adopted. Ship it with approvals: /ship-prod ${service}`,
  }),
  'version-missing': ({ service }: Given<'service'>) => ({
    text: `Say which version of ${service}.`,
    hint: `For example: /ship-prod adopt ${service} 2.6.0`,
  }),
} satisfies RefusalCatalogue;

const ENCODINGS: Readonly<Record<string, string>> = {
  'UTF-16': ' (it is UTF-16)',
  'UTF-32': ' (it is UTF-32)',
  binary: ' (it has zero bytes)',
  other: ' (perhaps Latin-1)',
};

function either(value: RefusalFacts[string] | undefined): string {
  return Array.isArray(value) ? value.join(' and ') : String(value ?? 'none');
}

function quoted(value: NonNullable<RefusalFacts[string]>): string {
  return typeof value === 'object' ? value.map((item) => `“${item}”`).join(', ') : `“${value}”`;
}

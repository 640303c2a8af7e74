import { z } from 'zod';
import { pathProblem } from '../../domain/release/paths.ts';
import { schemeProblem } from '../../domain/release/scheme.ts';
import { groupCount } from '../../domain/text/bounded-pattern.ts';

const RepositoryPath = z
  .string()
  .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\0]+$/, 'a path inside the repository')
  .meta({ description: 'A path inside the repository, with forward slashes.' });

export const PathsSettings = z
  .array(
    z.string().superRefine((path, context) => {
      const problem = pathProblem(path);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    }),
  )
  .min(1)
  .refine((paths) => !paths[0]?.startsWith('!'), {
    error: 'first what belongs to the service, and then with ! what of it does not',
  })
  .meta({
    description:
      "In a repository of several services, the folders, files and globs that are this one's: `apps/api`, `packages/*`, `!apps/api/docs`. Each counts with everything below it; of several that match, the last decides. Commits that touch none of them count for nothing here. Several services may name the same path. The first folder is the home of the service: its version files, changelog, fragments and state folders are looked for there, and not at the root.",
    examples: [['apps/api', 'packages/shared']],
  });

const VersionFileSettings = z
  .union(
    [
      RepositoryPath,
      z.strictObject({
        path: RepositoryPath,
        pattern: z
          .string()
          .refine((pattern) => groupCount(pattern) === 1, {
            error:
              'a regular expression of at most 2,000 characters, with one capture group around the version',
          })
          .optional()
          .meta({
            description: 'Regular expression; its capture group is the version.',
            examples: ['VERSION = "(.+)"'],
          }),
      }),
    ],
    { error: 'a path, or { path: src/version.ts, pattern: \'VERSION = "(.+)"\' }' },
  )
  .meta({ description: 'A file that holds the version.', examples: ['src/version.ts'] });

export const VersionSettings = z
  .strictObject({
    tag: z
      .string()
      .regex(
        /^(?:[A-Za-z0-9][A-Za-z0-9._/@+-]*|\{service\}[A-Za-z0-9._/@+-]*)?\{version\}[A-Za-z0-9._/@+-]*$/,
        'the name of a git tag with {version} in it once, and {service} at its beginning at most',
      )
      .optional()
      .meta({
        description:
          'How tags are named: `{version}` and, at the beginning, `{service}` stand for what they say.',
        examples: ['{service}/v{version}'],
      }),
    'tag-prefix': z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._/@-]*$|^$/, 'letters and digits that may begin the name of a git tag')
      .optional()
      .meta({
        description:
          'What comes before the version in a tag, `v` by default; the same as `tag` without what follows.',
        examples: ['shop-v'],
      }),
    scheme: z
      .string()
      .superRefine((name, context) => {
        const problem = schemeProblem(name);
        if (problem !== null) context.addIssue({ code: 'custom', message: problem });
      })
      .optional()
      .meta({
        description:
          'How versions are written: `semver` (the default, unless the tags look like dates), `pep440` (reads `3.2.0rc1`), `major.minor` (1.9, 1.10, and 1.9.1 for fixes), or a calendar in UTC: `YYYY.MM.MICRO`, `YYYY.0M.MICRO`, `YY.MM.MICRO`, `YYYY.MM.DD`, `YY.MINOR.MICRO`, … of YYYY, YY, 0Y, MM, 0M, WW, 0W, DD, 0D, MINOR and MICRO.',
        examples: ['YYYY.MM.MICRO'],
      }),
    'other-tags': z.enum(['refuse', 'ignore']).default('refuse').meta({
      description:
        'What to do when tags look like releases and have another form: 1.4.2 or v1.9 where v1.2.3 is expected. The numbers would start over.',
    }),
    changelog: RepositoryPath.optional().meta({
      description: 'Keep a Changelog file; `CHANGELOG.md` by default, in the home of a service with `paths`.',
    }),
    files: z.array(VersionFileSettings).default([]).meta({
      description:
        'Files with the version besides those that are found by themselves (see How it decides): package.json and its lock file, VERSION, pyproject.toml, Cargo.toml and what other languages use.',
    }),
    'breaking-below-one': z
      .enum(['minor', 'major'])
      .default('minor')
      .meta({ description: 'What a breaking change asks for below 1.0.0.' }),
  })
  .meta({ description: 'Version, changelog and tag.' });

export const StateSettings = z
  .strictObject({
    folders: z.array(RepositoryPath).min(1).optional().meta({
      description:
        'Folders that hold feature folders such as 014-checkout; `specs` and `epics` by default, for a service with `paths` those in its home as well.',
    }),
    shared: z
      .array(RepositoryPath)
      .default(['.spec-flow/memory/state.yaml'])
      .meta({ description: 'State files outside the feature folders; gates may live there too.' }),
  })
  .meta({ description: 'Where the state files are.' });

import type { Given, Maybe, RefusalCatalogue, RefusalFacts } from './sentence.ts';
import { listed } from './sentence.ts';

/** What people meet when Slipway chooses a feature or writes its state file. */
export const stateRefusals = {
  'feature-unknown': ({
    feature,
    source,
    suggestion,
    features,
  }: Given<'feature' | 'features', 'source' | 'suggestion'>) => ({
    text: `There is no feature folder ${feature}${source ? `, which ${source} names as the current feature` : ''}. ${known(features)}`,
    hint: suggestion
      ? `Did you mean ${suggestion}? Name it with --feature ${suggestion}.`
      : 'Name a folder that has a state.yaml on the release branch, with --feature 014-name.',
  }),
  'feature-ambiguous': ({ feature, features }: Given<'feature' | 'features'>) => ({
    text: `${feature} could be any of these feature folders: ${listed(features)}.`,
    hint: 'Name one by its whole path, with --feature.',
  }),
  'feature-unclear': ({ statements }: Given<'statements' | 'features'>) => ({
    text: `The state files disagree about the current feature: ${listed(statements)}.`,
    hint: 'Name the feature with --feature, or repair the files.',
  }),
  'staging-commit-unknown': ({ feature, path }: Given<'feature' | 'path'>) => ({
    text: `${path} does not say which commit of ${feature} is on staging, so nobody can validate it.`,
    hint: 'Let your staging workflow write deployment.staging.commit_sha, commit the file, then validate.',
  }),
  'staging-moved': ({ feature, was, now }: Given<'feature' | 'was' | 'now'>) => ({
    text: `Staging has another commit of ${feature} now: ${now}, and you saw ${was}. Nothing was recorded.`,
    hint: 'Look at staging again, then validate.',
  }),
  'feature-rolled-back': ({ feature, version, incident }: Given<'feature' | 'version', 'incident'>) => ({
    text: `${feature} was rolled back with ${version}, and nothing of it was validated on staging since. Nothing was started.`,
    hint: `Fix it and have staging validate it again: Slipway then offers it here.${incident ? ` What happened is in ${incident}.` : ''}`,
  }),
  'feature-none': ({ shipped }: Maybe<'shipped'>) => ({
    text:
      Array.isArray(shipped) && shipped.length > 0
        ? `Every feature with a state file has shipped or was rolled back (${listed(shipped)}).`
        : 'No feature folder with a state.yaml was found on the release branch.',
    hint: 'What deploys to staging has to write specs/NAME/state.yaml and commit it: docs/cookbook/staging.md of Slipway has a job for that. Then /ship-prod validate records that somebody has tried it. Or name a feature with --feature.',
  }),
  'state-file-unwritable': ({ path, reason }: Given<'path' | 'reason'>) => ({
    text: `${path} cannot be updated: ${reason}. Nothing in it was changed.`,
    hint: 'Repair the file and commit it; the deployment itself is not affected.',
  }),
} satisfies RefusalCatalogue;

function known(features: RefusalFacts[string] | undefined): string {
  return Array.isArray(features) && features.length > 0
    ? `The newest ones are ${features.join(', ')}.`
    : 'The release branch has no folder with a state.yaml.';
}

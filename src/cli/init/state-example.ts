/** Where the example is: beside the folders of features, where nothing takes it for a state file. */
export const STATE_EXAMPLE = 'specs/state.example.yaml';

/** A state file as a staging workflow writes it; what a person decides in it is still open. */
export function stateExample(service: string): string {
  return `# What Slipway reads of a feature before it ships it. Copy this to specs/001-name/state.yaml, one folder a feature, and
# let your staging workflow fill it in (docs/cookbook/staging.md of Slipway has a job for that). Slipway ships nothing that this file does not say.
current_phase: ship-prod

manual_gates:
  staging_validation:
    status: pending # \`approved\` by whoever tried it: slipway validate-staging ${service} --by "Grace Hopper"

quality_gates:
  rollback:
    status: pending # \`passed\` once somebody went back and forth on staging

deployment:
  staging:
    deployed_at: # "2026-11-20T06:30:00Z"
    commit_sha: # the commit on staging, whole: git rev-parse HEAD
`;
}

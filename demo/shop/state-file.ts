/** What the state file of the sample's feature says. */
export interface FeatureState {
  readonly staging: 'approved' | 'pending' | 'rejected';
  readonly rollbackGate: 'passed' | 'pending' | 'failed';
  /** The commit that runs on staging; null: nothing was deployed there. */
  readonly stagingCommit: string | null;
  /** ISO time of the staging deployment. */
  readonly stagingAt: string;
  readonly phase: string;
}

/** `specs/014-coupons/state.yaml`: the canonical form, with comments that must survive every update. */
export function couponsState(state: FeatureState): string {
  const validated = state.staging === 'pending' ? 'null' : `"${state.stagingAt}"`;
  const by = state.staging === 'pending' ? 'null' : 'bea';
  return `# Workflow state of this feature. Tools and people edit it; comments are kept.
feature: 014-coupons
title: "Coupons at checkout"
current_phase: ${state.phase} # spec > plan > implement > validate-staging > ship-prod

manual_gates:
  staging_validation:
    status: ${state.staging} # pending | approved | rejected
    validated_by: ${by}
    validated_at: ${validated}
    notes: |
      Tried on staging: a percentage coupon, a fixed amount,
      an expired code, and two codes at once.

quality_gates:
  tests:
    status: passed
  rollback: # tried on staging by deploying the release before
    status: ${state.rollbackGate}

deployment:
  model: staging-prod
  staging:${
    state.stagingCommit === null
      ? ' null # nothing deployed yet'
      : `
    url: https://staging.shop.example
    deployment_id: stg-2041
    deployed_at: "${state.stagingAt}"
    commit_sha: ${state.stagingCommit}`
  }
`;
}

/** `specs/013-wish-list/state.yaml`: an older feature that was shipped. */
export function wishListState(commit: string, version: string, at: string): string {
  return `# Workflow state of this feature.
feature: 013-wish-list
title: "Wish list"
current_phase: shipped

manual_gates:
  staging_validation:
    status: approved
    validated_by: ada
    validated_at: "${at}"

quality_gates:
  rollback:
    status: passed

deployment:
  model: staging-prod
  staging:
    url: https://staging.shop.example
    deployment_id: stg-1987
    deployed_at: "${at}"
    commit_sha: ${commit}
  production:
    version: ${version}
    deployed_at: "${at}"
    commit_sha: ${commit}
`;
}

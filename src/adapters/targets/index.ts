import { catalogueOf } from '../shared/kinds.ts';

/** Kinds of a service's `target`. */
export const targets = catalogueOf({
  'git-branch': async (isWanted) => (await import('./branch/branch.ts')).gitBranchTarget(isWanted),
  'github-actions': async () => (await import('./github-actions/github-actions.ts')).githubActionsTarget,
  'gitlab-pipeline': async () => (await import('./gitlab-pipeline/gitlab-pipeline.ts')).gitlabPipelineTarget,
  vercel: async () => (await import('./platforms/vercel.ts')).vercelTarget,
  netlify: async () => (await import('./platforms/netlify.ts')).netlifyTarget,
  heroku: async () => (await import('./platforms/heroku.ts')).herokuTarget,
  kubernetes: async () => (await import('./kubernetes/kubernetes.ts')).kubernetesTarget,
  'argo-rollouts': async () => (await import('./argo-rollouts/argo-rollouts.ts')).argoRolloutsTarget,
  gitops: async () => (await import('./gitops/gitops.ts')).gitopsTarget,
  'aws-ecs': async () => (await import('./aws-ecs/aws-ecs.ts')).awsEcsTarget,
  'cloud-run': async () => (await import('./cloud-run/cloud-run.ts')).cloudRunTarget,
  webhook: async () => (await import('./webhook/webhook.ts')).webhookTarget,
  command: async () => (await import('./command/command.ts')).commandTarget,
});

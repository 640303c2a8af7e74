import { tableOf } from '../shared/kinds.ts';
import { argoRolloutsTarget } from './argo-rollouts/argo-rollouts.ts';
import { awsEcsTarget } from './aws-ecs/aws-ecs.ts';
import { gitBranchTarget } from './branch/branch.ts';
import { cloudRunTarget } from './cloud-run/cloud-run.ts';
import { commandTarget } from './command/command.ts';
import { githubActionsTarget } from './github-actions/github-actions.ts';
import { gitlabPipelineTarget } from './gitlab-pipeline/gitlab-pipeline.ts';
import { gitopsTarget } from './gitops/gitops.ts';
import { kubernetesTarget } from './kubernetes/kubernetes.ts';
import { herokuTarget } from './platforms/heroku.ts';
import { netlifyTarget } from './platforms/netlify.ts';
import { vercelTarget } from './platforms/vercel.ts';
import { wavesOf } from './waves/waves.ts';
import { webhookTarget } from './webhook/webhook.ts';

const SINGLE = [
  gitBranchTarget,
  githubActionsTarget,
  gitlabPipelineTarget,
  vercelTarget,
  netlifyTarget,
  herokuTarget,
  kubernetesTarget,
  argoRolloutsTarget,
  gitopsTarget,
  awsEcsTarget,
  cloudRunTarget,
  webhookTarget,
  commandTarget,
] as const;

export const TARGET_KINDS = [...SINGLE, wavesOf(tableOf(SINGLE))] as const;

/** A service's `target`. */
export const targets = tableOf(TARGET_KINDS);

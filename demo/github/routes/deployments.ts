import {
  type Call,
  created,
  type Deployment,
  type DeploymentStatus,
  GithubError,
  iso,
  paged,
  type Routes,
  textOf,
} from '../model.ts';
import { urlOf } from './git.ts';

const ROOT = '/repos/{owner}/{repo}/deployments';

export const deploymentRoutes: Routes = {
  [`GET ${ROOT}`]: (call) => {
    const { sha, ref, task, environment } = call.query;
    const found = call.repository.deployments.filter(
      (one) =>
        (sha === undefined || one.sha === sha) &&
        (ref === undefined || one.ref === ref) &&
        (task === undefined || one.task === task) &&
        (environment === undefined || one.environment === environment),
    );
    return paged(
      call,
      found.reverse().map((one) => deploymentBody(call, one)),
    );
  },
  [`POST ${ROOT}`]: async (call) => {
    const ref = textOf(call.body['ref']);
    const sha = await call.repository.store.resolve(ref);
    if (!sha) throw new GithubError(422, `No ref found for: ${ref}`);
    if (call.body['auto_merge'] !== false)
      throw new GithubError(409, 'Conflict merging into the default branch');
    const contexts = call.body['required_contexts'];
    if (!Array.isArray(contexts) || contexts.length > 0)
      throw new GithubError(409, 'Conflict: Commit status checks failed');
    const deployment: Deployment = {
      id: call.repository.nextId(),
      sha,
      ref,
      task: textOf(call.body['task']) || 'deploy',
      environment: textOf(call.body['environment']) || 'production',
      description: typeof call.body['description'] === 'string' ? call.body['description'] : null,
      payload: call.body['payload'] ?? {},
      production: call.body['production_environment'] === true,
      createdAt: call.now,
      statuses: [],
    };
    call.repository.deployments.push(deployment);
    return created(deploymentBody(call, deployment));
  },
  [`GET ${ROOT}/{deployment_id}/statuses`]: (call) => {
    const deployment = deploymentOf(call);
    return paged(
      call,
      [...deployment.statuses].reverse().map((status) => statusBody(call, deployment, status)),
    );
  },
  [`POST ${ROOT}/{deployment_id}/statuses`]: (call) => {
    const deployment = deploymentOf(call);
    const description = textOf(call.body['description']);
    if (description.length > 140)
      throw new GithubError(422, 'Validation Failed', [{ field: 'description', code: 'too_long' }]);
    const status: DeploymentStatus = {
      id: call.repository.nextId(),
      state: textOf(call.body['state']),
      description,
      environment: textOf(call.body['environment']) || deployment.environment,
      logUrl: textOf(call.body['log_url']),
      environmentUrl: textOf(call.body['environment_url']),
      createdAt: call.now,
    };
    deployment.statuses.push(status);
    if (status.state === 'success' && call.body['auto_inactive'] !== false) {
      for (const other of call.repository.deployments) {
        const last = other.statuses.at(-1);
        if (other === deployment || other.environment !== deployment.environment || last?.state !== 'success')
          continue;
        other.statuses.push({
          ...last,
          id: call.repository.nextId(),
          state: 'inactive',
          createdAt: call.now,
        });
      }
    }
    return created(statusBody(call, deployment, status));
  },
};

function deploymentOf(call: Call): Deployment {
  const found = call.repository.deployments.find(({ id }) => id === Number(call.params['deployment_id']));
  if (!found) throw new GithubError(404, 'Not Found');
  return found;
}

function deploymentBody(
  call: Call,
  { id, sha, ref, task, environment, description, payload, production, createdAt }: Deployment,
) {
  const url = `${urlOf(call)}/deployments/${id}`;
  return {
    id,
    node_id: `DE_${id}`,
    url,
    sha,
    ref,
    task,
    payload,
    environment,
    original_environment: environment,
    description,
    creator: null,
    created_at: iso(createdAt),
    updated_at: iso(createdAt),
    statuses_url: `${url}/statuses`,
    repository_url: urlOf(call),
    transient_environment: false,
    production_environment: production,
  };
}

function statusBody(
  call: Call,
  { id: deployment }: Deployment,
  { id, state, description, environment, logUrl, environmentUrl, createdAt }: DeploymentStatus,
) {
  const url = `${urlOf(call)}/deployments/${deployment}`;
  return {
    id,
    node_id: `DS_${id}`,
    url: `${url}/statuses/${id}`,
    state,
    description,
    environment,
    target_url: logUrl,
    log_url: logUrl,
    environment_url: environmentUrl,
    creator: null,
    created_at: iso(createdAt),
    updated_at: iso(createdAt),
    deployment_url: url,
    repository_url: urlOf(call),
  };
}

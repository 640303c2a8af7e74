// Which operations of each platform Slipway uses, and where what is described of them is kept.

const APPS = '/apis/apps/v1/namespaces/{namespace}';
const CORE = '/api/v1/namespaces/{namespace}';
const ROLLOUT = '/apis/argoproj.io/v1alpha1/namespaces/{namespace}/rollouts/{name}';
const KUSTOMIZATIONS = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/{namespace}/kustomizations';
const RUN = '/v2/projects/{projectsId}/locations/{locationsId}/services/{servicesId}';
const STATUS = { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Status' };
/** https://google.aip.dev/193 */
const GOOGLE_ERROR = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'status'],
      properties: {
        code: { type: 'integer' },
        message: { type: 'string' },
        status: { type: 'string' },
        details: { type: 'array' },
      },
    },
  },
};

export const PLATFORMS = {
  github: {
    source:
      'https://github.com/octokit/openapi (npm package @octokit/openapi), MIT; GitHub REST API description',
    of: 'generated/api.github.com.json of the npm package @octokit/openapi',
    to: 'demo/github/openapi.json',
    reader: 'openapi',
    isPartial: true,
    operations: `
      GET /app
      GET /app/installations/{installation_id}
      POST /app/installations/{installation_id}/access_tokens
      GET /repos/{owner}/{repo}
      GET /repos/{owner}/{repo}/activity
      GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs
      GET /repos/{owner}/{repo}/actions/runs
      GET /repos/{owner}/{repo}/actions/runs/{run_id}
      POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel
      GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs
      GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments
      GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}
      POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches
      GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs
      GET /repos/{owner}/{repo}/branches/{branch}
      GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations
      GET /repos/{owner}/{repo}/commits
      GET /repos/{owner}/{repo}/commits/{ref}
      GET /repos/{owner}/{repo}/commits/{ref}/check-runs
      GET /repos/{owner}/{repo}/commits/{ref}/status
      GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls
      GET /repos/{owner}/{repo}/compare/{basehead}
      GET /repos/{owner}/{repo}/deployments
      POST /repos/{owner}/{repo}/deployments
      GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses
      POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses
      POST /repos/{owner}/{repo}/git/blobs
      GET /repos/{owner}/{repo}/git/blobs/{file_sha}
      POST /repos/{owner}/{repo}/git/commits
      GET /repos/{owner}/{repo}/git/commits/{commit_sha}
      GET /repos/{owner}/{repo}/git/matching-refs/{ref}
      GET /repos/{owner}/{repo}/git/ref/{ref}
      POST /repos/{owner}/{repo}/git/refs
      PATCH /repos/{owner}/{repo}/git/refs/{ref}
      DELETE /repos/{owner}/{repo}/git/refs/{ref}
      POST /repos/{owner}/{repo}/git/tags
      GET /repos/{owner}/{repo}/git/tags/{tag_sha}
      POST /repos/{owner}/{repo}/git/trees
      GET /repos/{owner}/{repo}/git/trees/{tree_sha}
      GET /repos/{owner}/{repo}/installation
      GET /repos/{owner}/{repo}/issues
      GET /repos/{owner}/{repo}/pulls
      POST /repos/{owner}/{repo}/pulls
      GET /repos/{owner}/{repo}/pulls/{pull_number}
      PATCH /repos/{owner}/{repo}/pulls/{pull_number}
      PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge
      GET /repos/{owner}/{repo}/releases
      POST /repos/{owner}/{repo}/releases
      GET /repos/{owner}/{repo}/immutable-releases
      GET /repos/{owner}/{repo}/releases/tags/{tag}
      PATCH /repos/{owner}/{repo}/releases/{release_id}
      GET /repos/{owner}/{repo}/rules/branches/{branch}
      GET /repos/{owner}/{repo}/rulesets
      GET /repos/{owner}/{repo}/rulesets/{ruleset_id}
      GET /repos/{owner}/{repo}/tags
      GET /repos/{owner}/{repo}/tarball/{ref}
    `,
  },
  kubernetes: {
    source: 'Kubernetes, Argo Rollouts and Flux, Apache-2.0',
    of: 'kubernetes api/openapi-spec/v3 api__v1_openapi.json and apis__apps__v1_openapi.json; argo-rollouts manifests/crds/rollout-crd.yaml; kustomize-controller config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml',
    to: 'test/fixtures/descriptions/kubernetes.json',
    reader: 'kubernetes',
    operations: `
      GET ${APPS}/deployments/{name}
      PATCH ${APPS}/deployments/{name}
      GET ${APPS}/statefulsets/{name}
      PATCH ${APPS}/statefulsets/{name}
      GET ${APPS}/replicasets
      GET ${CORE}/pods
      GET ${CORE}/events
      GET ${CORE}/pods/{name}/log
      GET ${ROLLOUT}
      PATCH ${ROLLOUT}
      PATCH ${ROLLOUT}/status
      GET ${KUSTOMIZATIONS}/{name}
    `,
    errors: STATUS,
    /** A patch is described as any object; what it changes is the object that is answered. */
    patches: true,
    into: `metadata annotations labels ownerReferences spec selector matchLabels template containers initContainers strategy
      updateStrategy rollingUpdate status conditions items involvedObject initContainerStatuses containerStatuses state
      lastState waiting running terminated workloadRef canary steps pause trafficRouting nginx pauseConditions sourceRef
      history details`,
  },
  'argo-cd': {
    source: 'Argo CD, Apache-2.0; the form of an Application is that of its custom resource',
    of: 'argo-cd assets/swagger.json and manifests/crds/application-crd.yaml; kubernetes api/openapi-spec/v3 api__v1_openapi.json',
    to: 'test/fixtures/descriptions/argo-cd.json',
    reader: 'kubernetes',
    operations: `
      GET /api/v1/applications/{name}
      POST /api/v1/applications/{name}/sync
    `,
    /** The Swagger has times as numbers, which are texts, and nothing is required in it. */
    instead: { '#/definitions/v1alpha1Application': '#/custom/argoproj.io.v1alpha1.Application' },
    into: `metadata annotations labels spec source sources syncPolicy automated status sync health operationState operation
      syncResult resources conditions history`,
  },
  'cloud-run': {
    source: 'Google Cloud Run Admin API v2 and Cloud Logging API v2, discovery documents, Apache-2.0',
    of: 'the discovery documents run v2 and logging v2',
    to: 'test/fixtures/descriptions/cloud-run.json',
    reader: 'discovery',
    operations: `
      GET ${RUN}
      PATCH ${RUN}
      GET ${RUN}/revisions
      GET ${RUN}/revisions/{revisionsId}
      POST /v2/entries:list
    `,
    into: `annotations labels template containers ports env traffic trafficStatuses terminalCondition conditions revisions scaling
      vpcAccess error entries resource`,
    errors: GOOGLE_ERROR,
  },
  aws: {
    source: 'Amazon ECS, AWS CodeDeploy and Amazon CloudWatch Logs, service models of botocore, Apache-2.0',
    of: 'botocore/data/{ecs/2014-11-13,codedeploy/2014-10-06,logs/2014-03-28}/service-2.json',
    to: 'test/fixtures/descriptions/aws.json',
    reader: 'aws',
    operations: `
      GET /DescribeServices
      GET /DescribeTaskDefinition
      GET /ListTaskDefinitions
      POST /RegisterTaskDefinition
      POST /UpdateService
      GET /ListTasks
      GET /DescribeTasks
      GET /GetLogEvents
      GET /GetDeploymentGroup
      GET /ListDeployments
      GET /BatchGetDeployments
      GET /GetDeployment
      POST /CreateDeployment
      POST /StopDeployment
    `,
    into: `services service failures deployments events taskSets loadBalancers deploymentController deploymentConfiguration
      deploymentCircuitBreaker taskDefinition containerDefinitions environment environmentFiles secrets logConfiguration options
      portMappings tags runtimePlatform placementConstraints volumes requiresAttributes tasks containers deploymentGroupInfo
      ecsServices deploymentsInfo deploymentInfo errorInformation rollbackInfo deploymentOverview revision appSpecContent
      createTimeRange`,
  },
};

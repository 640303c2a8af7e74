// Which operations of each platform Slipway uses, and where what is described of them is kept.

const APPS = '/apis/apps/v1/namespaces/{namespace}';
const CORE = '/api/v1/namespaces/{namespace}';
const ROLLOUT = '/apis/argoproj.io/v1alpha1/namespaces/{namespace}/rollouts/{name}';
const KUSTOMIZATIONS = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/{namespace}/kustomizations';
const RUN = '/v2/projects/{projectsId}/locations/{locationsId}/services/{servicesId}';
const PROJECT = '/api/v4/projects/{id}';
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
      GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}
      GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs
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
      GET /repos/{owner}/{repo}/commits/{ref}/check-suites
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
      GET /api/v1/applications/{name}/syncwindows
      POST /api/v1/applications/{name}/sync
    `,
    /** The Swagger has times as numbers, which are texts, and nothing is required in it. */
    instead: { '#/definitions/v1alpha1Application': '#/custom/argoproj.io.v1alpha1.Application' },
    into: `metadata annotations labels spec source sources helm parameters kustomize sourceHydrator syncPolicy automated status
      sync health summary operationState operation syncResult resources conditions history activeWindows assignedWindows`,
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
    source:
      'Amazon ECS, AWS CodeDeploy, Amazon CloudWatch Logs and Elastic Load Balancing, service models of botocore, Apache-2.0',
    of: 'botocore/data/{ecs/2014-11-13,codedeploy/2014-10-06,logs/2014-03-28,elbv2/2015-12-01}/service-2.json',
    to: 'test/fixtures/descriptions/aws.json',
    reader: 'aws',
    operations: `
      GET /DescribeServices
      GET /DescribeTaskDefinition
      GET /ListTaskDefinitions
      POST /RegisterTaskDefinition
      POST /UpdateService
      GET /ListServiceDeployments
      POST /StopServiceDeployment
      POST /TagResource
      GET /ListTasks
      GET /DescribeTasks
      GET /GetLogEvents
      GET /GetDeploymentGroup
      GET /ListDeployments
      GET /BatchGetDeployments
      GET /GetDeployment
      POST /CreateDeployment
      POST /StopDeployment
      GET /DescribeRules
      POST /ModifyRule
    `,
    into: `services service failures deployments serviceDeployments events taskSets loadBalancers deploymentController deploymentConfiguration
      deploymentCircuitBreaker taskDefinition containerDefinitions environment environmentFiles secrets logConfiguration options
      portMappings tags runtimePlatform placementConstraints volumes requiresAttributes tasks containers deploymentGroupInfo
      ecsServices deploymentsInfo deploymentInfo errorInformation rollbackInfo deploymentOverview revision appSpecContent
      createTimeRange RuleArns Rules Actions ForwardConfig TargetGroups TargetGroupStickinessConfig Conditions`,
  },
  gitlab: {
    source: 'GitLab REST API v4, doc/api/openapi/openapi_v2.yaml, CC BY-SA 4.0',
    of: 'gitlab doc/api/openapi/openapi_v2.yaml',
    to: 'test/fixtures/descriptions/gitlab.json',
    reader: 'openapi',
    operations: `
      GET ${PROJECT}
      GET /api/v4/personal_access_tokens/self
      GET ${PROJECT}/repository/branches/{branch}
      GET ${PROJECT}/repository/commits/{sha}
      GET ${PROJECT}/repository/tags
      GET ${PROJECT}/protected_tags
      GET ${PROJECT}/pipelines
      GET ${PROJECT}/pipelines/{pipeline_id}
      GET ${PROJECT}/pipelines/{pipeline_id}/jobs
      GET ${PROJECT}/pipelines/{pipeline_id}/bridges
      GET ${PROJECT}/pipelines/{pipeline_id}/variables
      GET ${PROJECT}/repository/commits/{sha}/statuses
      POST ${PROJECT}/pipeline
      POST ${PROJECT}/pipelines/{pipeline_id}/cancel
      POST ${PROJECT}/pipelines/{pipeline_id}/retry
      GET ${PROJECT}/jobs/{job_id}
      POST ${PROJECT}/jobs/{job_id}/cancel
      GET ${PROJECT}/ci/lint
      GET ${PROJECT}/jobs/{job_id}/trace
      POST ${PROJECT}/jobs/{job_id}/retry
      GET ${PROJECT}/merge_requests
      POST ${PROJECT}/merge_requests
      GET ${PROJECT}/merge_requests/{merge_request_iid}
      PUT ${PROJECT}/merge_requests/{merge_request_iid}
      PUT ${PROJECT}/merge_requests/{merge_request_iid}/merge
      GET ${PROJECT}/repository/commits/{sha}/merge_requests
      GET ${PROJECT}/repository/tags/{tag_name}
      POST ${PROJECT}/repository/tags
      GET ${PROJECT}/deployments
      POST ${PROJECT}/deployments
      PUT ${PROJECT}/deployments/{deployment_id}
      POST ${PROJECT}/releases
      GET ${PROJECT}/releases/{tag_name}
      PUT ${PROJECT}/releases/{tag_name}
      GET ${PROJECT}/issues
      GET ${PROJECT}/events
    `,
    /** What has no type in the code of GitLab is called a text in it, and nothing is said to be null. */
    isLoose: true,
    /** `lib/api/ci/pipelines.rb` answers it with 200. */
    also: { [`POST ${PROJECT}/pipelines/{pipeline_id}/cancel`]: 200 },
    /** Described as the job, and is its log. */
    texts: [`GET ${PROJECT}/jobs/{job_id}/trace`],
    /** Described as one of what they list. */
    lists: [`GET ${PROJECT}/merge_requests`, `GET ${PROJECT}/issues`, `GET ${PROJECT}/events`],
    into: `permissions project_access group_access commit last_pipeline user author approved_by head_pipeline pipeline
      downstream_pipeline create_access_levels deployable environment jobs target push_data detailed_status release assets
      variables links`,
  },
};

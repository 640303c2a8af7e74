export interface FakeDeployment {
  id: string;
  status: 'PRIMARY' | 'ACTIVE';
  taskDefinition: string;
  desiredCount: number;
  runningCount: number;
  pendingCount: number;
  failedTasks: number;
  createdAt: number;
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  rolloutStateReason: string;
}

/** Behind a Classic Load Balancer ECS does not tell the state of a rollout. */
function untold({ rolloutState: _, rolloutStateReason: __, ...rest }: FakeDeployment) {
  return rest;
}

interface Failure {
  /** What the tasks say when they stop. */
  readonly stopped: string;
  readonly log?: readonly string[];
  /** What the circuit breaker does: nothing without it. */
  readonly breaker?: 'stops' | 'goes back';
}

/** One service of a cluster: rollouts that end some looks later, a circuit breaker, and answers that lag behind. */
export class FakeService {
  readonly name: string;
  readonly account: string;
  deployments: FakeDeployment[] = [];
  events: string[] = [];
  /** Looks until a rollout is over. */
  slowness = 1;
  /** Looks for which answers are those of before. */
  lag = 0;
  nextFailure: Failure | null = null;
  isClassic = false;
  /** All tasks of the new definition run beside the old ones, for long: blue/green in its bake time. */
  bakes = false;
  /** How many tasks it is to have. */
  wanted = 2;
  groups: readonly string[] = ['arn:aws:elasticloadbalancing:x'];
  strategy: string | null = null;
  /** The definition is what it runs from now on. */
  onDone: (definition: string) => Promise<void> | void = () => {};
  failing: Failure | null = null;
  /** The definition whose tasks fail. */
  failed = '';
  /** The history does not show the newest deployment yet, only one before it that goes back. */
  showsOlder = false;
  /** How many deployments were stopped. */
  stops = 0;
  #goesBackIn = 0;
  #looks = 0;
  #shown: object | null = null;
  #ids = 0;

  constructor(name: string, account: string) {
    this.name = name;
    this.account = account;
  }

  /** It runs that definition, whatever it ran before. */
  put(definition: string): void {
    this.deployments = [this.#deployment(definition, this.wanted, 'COMPLETED')];
  }

  /** False without a change: then there is no new deployment. */
  update(definition: string): boolean {
    this.#shown = this.#show();
    const primary = this.deployments.find(({ status }) => status === 'PRIMARY');
    if (primary?.taskDefinition === definition) return false;
    for (const one of this.deployments) one.status = 'ACTIVE';
    this.deployments = [
      this.#deployment(definition, 0, 'IN_PROGRESS'),
      ...this.deployments.filter(({ runningCount }) => runningCount > 0),
    ];
    this.#looks = -this.lag;
    this.failing = this.nextFailure;
    this.failed = this.failing ? definition : '';
    this.nextFailure = null;
    return true;
  }

  /** What is under way, as the history of the service has it. */
  underWay() {
    const primary = this.deployments.find(({ status }) => status === 'PRIMARY');
    if (primary?.rolloutState !== 'IN_PROGRESS') return null;
    const of = (id: string) => `${this.account}:service-deployment/main/${this.name}/${id}`;
    if (this.showsOlder) {
      const createdAt = primary.createdAt - 60;
      return { serviceDeploymentArn: of('0'), status: 'ROLLBACK_IN_PROGRESS', createdAt };
    }
    return {
      serviceDeploymentArn: of(primary.id.slice(-1)),
      status: this.#goesBackIn > 0 ? 'ROLLBACK_IN_PROGRESS' : 'IN_PROGRESS',
      // A moment before the deployment itself.
      createdAt: primary.createdAt - 0.8,
    };
  }

  /** As people stop a deployment in the console: the one before has all tasks again two looks later. */
  stop(): boolean {
    if (this.underWay()?.status !== 'IN_PROGRESS') return false;
    this.stops++;
    this.#goesBackIn = 2;
    return true;
  }

  #goBack(): void {
    const old = this.deployments.find(({ status }) => status === 'ACTIVE');
    if (!old) return;
    Object.assign(old, { status: 'PRIMARY', rolloutState: 'COMPLETED' });
    this.deployments = [old];
  }

  async look(): Promise<object | null> {
    this.#looks++;
    if (this.#goesBackIn > 0 && --this.#goesBackIn === 0) this.#goBack();
    if (this.#looks <= 0) return this.#shown;
    const primary = this.deployments.find(({ status }) => status === 'PRIMARY');
    if (primary?.rolloutState !== 'IN_PROGRESS' || this.#looks <= this.slowness) return this.#show();
    if (this.bakes) {
      primary.runningCount = this.wanted;
      return this.#show();
    }
    if (primary.taskDefinition === this.failed) this.#fail(primary);
    else {
      Object.assign(primary, {
        rolloutState: 'COMPLETED',
        runningCount: this.wanted,
        rolloutStateReason: `ECS deployment ${primary.id} completed.`,
      });
      this.deployments = [primary];
      await this.onDone(primary.taskDefinition);
    }
    return this.#show();
  }

  #deployment(
    taskDefinition: string,
    runningCount: number,
    rolloutState: FakeDeployment['rolloutState'],
  ): FakeDeployment {
    this.#ids++;
    return {
      id: `ecs-svc/${this.#ids}`,
      status: 'PRIMARY',
      taskDefinition,
      desiredCount: this.wanted,
      runningCount,
      pendingCount: 0,
      failedTasks: 0,
      createdAt: 1_700_000_000.5 + 60 * this.#ids,
      rolloutState,
      rolloutStateReason: `ECS deployment ecs-svc/${this.#ids} in progress.`,
    };
  }

  #fail(primary: FakeDeployment): void {
    primary.failedTasks++;
    const { breaker } = this.failing ?? {};
    if (breaker === undefined) return;
    const reason = 'ECS deployment circuit breaker: tasks failed to start.';
    Object.assign(primary, { rolloutState: 'FAILED', rolloutStateReason: reason });
    const said = `(service ${this.name})`;
    this.events.unshift(`${said} (deployment ${primary.id}) deployment failed: tasks failed to start.`);
    const [old] = this.deployments.filter(({ status }) => status === 'ACTIVE');
    if (breaker === 'stops' || !old) return;
    this.events.unshift(`${said} rolling back to deployment ${old.id}.`);
    Object.assign(old, { status: 'PRIMARY', rolloutState: 'COMPLETED' });
    // What has no tasks any more is soon not named any more.
    this.deployments = [old];
  }

  #show(): object {
    const primary = this.deployments.find(({ status }) => status === 'PRIMARY');
    return structuredClone({
      serviceArn: `${this.account}:service/main/${this.name}`,
      serviceName: this.name,
      clusterArn: `${this.account}:cluster/main`,
      status: 'ACTIVE',
      desiredCount: this.wanted,
      runningCount: primary?.runningCount ?? 0,
      pendingCount: 0,
      taskDefinition: primary?.taskDefinition,
      deployments: this.isClassic ? this.deployments.map(untold) : this.deployments,
      events: this.events.map((message, at) => ({
        id: `event-${this.events.length - at}`,
        createdAt: 1_700_000_000.5,
        message,
      })),
      ...(this.strategy === null ? {} : { deploymentConfiguration: { strategy: this.strategy } }),
      loadBalancers: this.groups.map((targetGroupArn) => ({
        targetGroupArn,
        containerName: 'web',
        containerPort: 8080,
      })),
    });
  }
}

import type { SeriesQueries } from '../series-queries.ts';
import type { CloudWatchMetric, CloudWatchQuery, CloudWatchSettings } from './settings.ts';

/** A metric of a sum; `isLess`: it is taken away from it. */
interface SignedMetric extends CloudWatchMetric {
  readonly isLess?: true;
}

/** What to ask for: of the load balancer, or as the config says. */
export function queriesOf(settings: CloudWatchSettings): SeriesQueries<CloudWatchQuery> {
  const { total, errors, latency, counts } = settings;
  const balancer = settings['load-balancer'];
  if (balancer === undefined) {
    if (total === undefined) throw new Error('A source of CloudWatch has a load balancer or a total.');
    return { total, errors, latency, counts };
  }
  const group = settings['target-group'];
  const metric = (name: string, stat = 'Sum'): CloudWatchMetric => ({
    namespace: 'AWS/ApplicationELB',
    metric: name,
    dimensions: { LoadBalancer: balancer, ...(group === undefined ? {} : { TargetGroup: group }) },
    stat,
  });
  const failed = metric('HTTPCode_Target_5XX_Count');
  const own = metric('HTTPCode_ELB_5XX_Count');
  // RequestCount has what a target was found for, also where that gave no good answer (502) or none in time (504): of what
  // the load balancer fails by itself only the rest is missing in it.
  const untargeted = [own, ...['502', '504'].map((code) => less(metric(`HTTPCode_ELB_${code}_Count`)))];
  return {
    total: group === undefined ? [metric('RequestCount'), ...untargeted] : metric('RequestCount'),
    // What the load balancer fails by itself is not told by target group, but for connections that could not be made.
    errors: [failed, group === undefined ? own : metric('TargetConnectionErrorCount')],
    latency: {
      p50: metric('TargetResponseTime', 'p50'),
      p95: metric('TargetResponseTime', 'p95'),
      p99: metric('TargetResponseTime', 'p99'),
    },
    counts,
  };
}

/** The same metric, to be taken away from the sum. */
function less(metric: CloudWatchMetric): SignedMetric {
  return { ...metric, isLess: true };
}

/** The parameters that ask for one query, by their place in the list of all; a list of metrics takes several places. */
export function parametersOf(
  queries: readonly (readonly [id: string, query: CloudWatchMetric | { readonly expression: string }])[],
  periodSeconds: number,
): Readonly<Record<string, string>> {
  const parameters: Record<string, string> = {};
  for (const [index, [id, query]] of queries.entries()) {
    const at = `MetricDataQueries.member.${index + 1}`;
    parameters[`${at}.Id`] = id;
    parameters[`${at}.ReturnData`] = 'true';
    if ('expression' in query) {
      parameters[`${at}.Expression`] = query.expression;
      parameters[`${at}.Period`] = String(periodSeconds);
      continue;
    }
    parameters[`${at}.MetricStat.Metric.Namespace`] = query.namespace;
    parameters[`${at}.MetricStat.Metric.MetricName`] = query.metric;
    parameters[`${at}.MetricStat.Period`] = String(periodSeconds);
    parameters[`${at}.MetricStat.Stat`] = query.stat;
    for (const [place, [name, value]] of Object.entries(query.dimensions).entries()) {
      parameters[`${at}.MetricStat.Metric.Dimensions.member.${place + 1}.Name`] = name;
      parameters[`${at}.MetricStat.Metric.Dimensions.member.${place + 1}.Value`] = value;
    }
  }
  return parameters;
}

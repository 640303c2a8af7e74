/** Upper edges in seconds, about 12 % apart from 5 ms to 10 s. */
const EDGES_S = Array.from({ length: 68 }, (_, index) => Number((0.005 * 1.12 ** index).toPrecision(4)));

interface Series {
  readonly labels: string;
  count: number;
  sum: number;
  /** Not cumulative. */
  readonly buckets: number[];
}

/** Request counters and a latency histogram in Prometheus' text format. */
export class Exposition {
  readonly #series = new Map<string, Series>();

  observe(method: string, route: string, status: number, seconds: number): void {
    const labels = `method="${method}",path="${route}",status="${status}"`;
    let series = this.#series.get(labels);
    if (series === undefined) {
      series = { labels, count: 0, sum: 0, buckets: EDGES_S.map(() => 0) };
      this.#series.set(labels, series);
    }
    series.count += 1;
    series.sum += seconds;
    const bucket = EDGES_S.findIndex((edge) => seconds <= edge);
    if (bucket >= 0) series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
  }

  text(version: string, commit: string): string {
    const lines = [
      '# HELP shop_info Version and commit that are live.',
      '# TYPE shop_info gauge',
      `shop_info{version="${version}",commit="${commit}"} 1`,
      '# HELP http_requests_total Requests answered.',
      '# TYPE http_requests_total counter',
    ];
    for (const series of this.#series.values()) {
      lines.push(`http_requests_total{${series.labels}} ${series.count}`);
    }
    lines.push('# HELP http_request_duration_seconds How long answers took.');
    lines.push('# TYPE http_request_duration_seconds histogram');
    for (const { labels, count, sum, buckets } of this.#series.values()) {
      let below = 0;
      EDGES_S.forEach((edge, index) => {
        below += buckets[index] ?? 0;
        lines.push(`http_request_duration_seconds_bucket{${labels},le="${edge}"} ${below}`);
      });
      lines.push(`http_request_duration_seconds_bucket{${labels},le="+Inf"} ${count}`);
      lines.push(`http_request_duration_seconds_sum{${labels}} ${sum.toFixed(6)}`);
      lines.push(`http_request_duration_seconds_count{${labels}} ${count}`);
    }
    return `${lines.join('\n')}\n`;
  }
}

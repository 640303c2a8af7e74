import { metricsContract } from '../contracts/metrics.ts';
import { MemoryMetrics } from './memory-metrics.ts';

metricsContract({
  name: 'the fake metric source',
  seeing: async () => ({
    source: new MemoryMetrics(),
    range: { fromMs: 5_000, toMs: 95_000, stepMs: 30_000 },
  }),
  blind: async () => new MemoryMetrics().blind('the service has no series'),
});

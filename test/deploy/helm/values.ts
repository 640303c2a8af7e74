const config = {
  slack: { channel: '#ship' },
  services: {
    shop: {
      repository: { use: 'git', url: 'https://git.example.com/acme/shop.git', token: { env: 'GIT_TOKEN' } },
      target: { use: 'git-branch', branch: 'production' },
      checks: [{ use: 'http', url: 'https://shop.example.com/health' }],
      metrics: { use: 'probe', url: 'https://shop.example.com' },
    },
  },
};

/** As little as the chart takes. */
export const LEAST = {
  image: { repository: 'registry.example.com/slipway' },
  config,
  secrets: { existing: 'slipway' },
};

/** Everything that the chart has a value for. */
export const WHOLE = {
  image: { repository: 'registry.example.com/slipway', tag: '1.2.3', pullSecrets: ['registry'] },
  replicas: 3,
  config: { ...config, include: ['team-*.yaml'], audit: { key: { env: 'AUDIT_KEY' } } },
  files: {
    'team-payments.yaml': {
      services: { till: { ...config.services.shop, version: { 'tag-prefix': 'till-v' } } },
    },
  },
  secrets: { existing: 'slipway' },
  env: { LOG_LEVEL: 'debug', OTEL_SDK_DISABLED: true },
  stopWait: 1200,
  http: { enabled: true },
  persistence: { size: '20Gi', storageClass: 'fast' },
  targets: { namespaces: ['shop', 'site'], rollouts: true },
  serviceAccount: {
    token: true,
    annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/slipway' },
  },
  podAnnotations: { 'prometheus.io/scrape': 'true' },
  podLabels: { team: 'release' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'ops', operator: 'Exists', effect: 'NoSchedule' }],
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 1,
          podAffinityTerm: {
            topologyKey: 'kubernetes.io/hostname',
            labelSelector: { matchLabels: { 'app.kubernetes.io/instance': 'bot' } },
          },
        },
      ],
    },
  },
};

/** Settings beside those of the usual example that tests deploy; CDK makes them together with the examples. */
export const VARIANTS = {
  /** Whatever may be set and changes only what it is about. */
  otherwise: {
    flowLogs: { bucket: 'amzn-s3-demo-bucket', keyPrefix: 'logs/vpc/' },
    countUsage: { maximumConcurrency: 9, batchSeconds: 240, compactMinutes: 60 },
    night: { at: '00:05' },
  },
  withoutDashboard: { dashboard: false },
  /** With all that a function of the night may be told. */
  toldAll: {
    report: {
      sender: 'stale-sg <stale-sg@mail.example.com>',
      recipients: ['network@example.com'],
      configurationSet: 'bounces',
    },
    exemptions: 'exemptions/kept.csv',
  },
  report: { report: { sender: 'stale-sg@example.com', recipients: ['network@example.com'] } },
  quicksight: {
    quicksight: { principalArn: 'arn:aws:quicksight:eu-central-1:111122223333:group/default/network team' },
  },
  quicksightEarly: {
    quicksight: { principalArn: 'arn:aws:quicksight:eu-central-1:111122223333:group/default/network team' },
    windowDays: 30,
    night: { at: '22:15' },
  },
} as const;

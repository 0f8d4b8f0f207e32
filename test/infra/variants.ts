/** Settings beside those of the usual example that tests deploy; CDK makes them together with the examples. */
export const VARIANTS = {
  busy: {
    flowLogs: { bucket: 'amzn-s3-demo-bucket', keyPrefix: 'logs/vpc/' },
    countUsage: { maximumConcurrency: 9, batchSeconds: 240 },
  },
  compactedHourly: { countUsage: { compactMinutes: 60 } },
  withoutDashboard: { dashboard: false },
  afterMidnight: { night: { at: '00:05' } },
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

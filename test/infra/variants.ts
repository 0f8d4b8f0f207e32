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
    flowLogs: { bucket: 'amzn-s3-demo-bucket', logGroups: ['/aws/vpc/vpc-1'] },
    report: {
      sender: 'stale-sg <stale-sg@mail.example.com>',
      recipients: ['network@example.com'],
      configurationSet: 'bounces',
    },
    securityHub: { minPriority: 0 },
    account: '111122223333',
    region: 'eu-central-1',
    webhook: { kind: 'slack', secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:channel-AbCdEf' },
    ownerTag: 'owning-team',
    exemptions: 'exemptions/kept.csv',
  },
  /** Security Hub is told besides. */
  told: { report: { sender: 'stale-sg@example.com', recipients: ['network@example.com'] }, securityHub: {} },
  toldAlone: { securityHub: {} },
  report: { report: { sender: 'stale-sg@example.com', recipients: ['network@example.com'] } },
  /** What an organization may ask of whatever is deployed. */
  bounded: {
    account: '111122223333',
    region: 'eu-central-1',
    operators: [],
    alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call',
    report: { sender: 'stale-sg@example.com', recipients: ['network@example.com'] },
    vpc: { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-0123456789abcdef0'] },
    kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    permissionsBoundary: 'teams/boundary',
    tags: { 'cost-center': '42' },
    lakeFormation: true,
    protect: true,
    quicksight: { principalArn: 'arn:aws:quicksight:eu-central-1:111122223333:group/default/network' },
  },
  china: {
    lakeFormation: true,
    account: '111122223333',
    region: 'cn-north-1',
    flowLogs: {
      bucket: 'amzn-s3-demo-bucket',
      kmsKeyArns: ['arn:aws-cn:kms:cn-north-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'],
      enableOn: [{ vpcId: 'vpc-0123456789abcdef0' }],
    },
    quicksight: { principalArn: 'arn:aws-cn:quicksight:cn-north-1:111122223333:group/default/network' },
  },
  govCloud: {
    lakeFormation: true,
    account: '111122223333',
    region: 'us-gov-west-1',
    report: {
      sender: 'stale-sg@example.com',
      recipients: ['network@example.com'],
      createIdentities: ['stale-sg@example.com'],
    },
    quicksight: { principalArn: 'arn:aws-us-gov:quicksight:us-gov-west-1:111122223333:group/default/network' },
  },
  quicksight: {
    quicksight: { principalArn: 'arn:aws:quicksight:eu-central-1:111122223333:group/default/network team' },
  },
  quicksightEarly: {
    quicksight: { principalArn: 'arn:aws:quicksight:eu-central-1:111122223333:group/default/network team' },
    windowDays: 30,
    night: { at: '22:15' },
  },
} as const;

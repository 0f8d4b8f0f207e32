import { DAY_SECONDS } from '../shared/time.ts';
/** What deployments have to do on a day. */
export interface Load {
  /** Of all accounts together, and so is all below: they share it evenly. */
  readonly recordsPerDay: number;
  /** Each has a deployment of its own. 1 if not given. */
  readonly accounts?: number;
  /** Of VPCs; each delivers an object every five minutes at least. */
  readonly flowLogs: number;
  readonly rules: number;
  /** `countUsage.batchSeconds` and `compactMinutes` of the configuration. */
  readonly batchSeconds: number;
  readonly compactMinutes: number;
  /** `dashboard` of the configuration: true if not given. */
  readonly dashboard?: boolean;
}

/** Measured on generated accounts; where and how is told in infra/README.md, test/README.md and services/count-usage/README.md. */
export const MEASURED = {
  /** v5 records of the generator, 29 fields: gzip by `npm run bench:night`, text by `stale-sg generate`. */
  compressedBytesPerRecord: 30,
  textBytesPerRecord: 243,
  /** 4.92 million records in 15 s at one CPU. */
  streamSecondsPerMillion: 3,
  /** `npm run bench:night`: 1,394 s for 50 million, an upper bound. */
  nightSecondsPerMillion: 28,
  /** `npm run bench:night`: 3.32 of 50 million. */
  serviceFlowsPerMillion: 66_400,
  /** `npm run bench:writes` and `bench:day`: of all rules, those that a compaction shows, by its records for each rule. */
  rulesShown: [
    [209, 0.403],
    [1043, 0.577],
  ],
  /** `npm run bench:day`: 55 s of CPU more for 12 compactions and 54 batches more, of 3,000 rules; an upper bound. */
  compactionSecondsPerThousandRules: 1.5,
  /** `verdicts.bench.ts` and `send-report.bench.ts`, 10,000 rules over a year: 28 s and 67 s; the mail 3.9, the page 27 MB. */
  judgeAndMailSecondsPerRule: 0.0095,
  mailBytesPerRule: 390,
  pageBytesPerRule: 2700,
} as const;

/** Assumed, not measured. */
const ASSUMED = {
  secondsPerBatch: 0.5,
  /** Of a log group: its calls, the CPU is some milliseconds; and what the function logs of it. */
  secondsPerArchivedBatch: 0.05,
  loggedBytesPerArchivedBatch: 600,
  snapshotSeconds: 10,
  bytesPerServiceFlow: 20,
  bytesPerRuleAndDay: 1024,
  /** Of services whose alarms look at some of them; and of the others. */
  metricsOfAlarms: 10,
  metricsOfDashboard: 22,
  retentionDays: 400,
  recipients: 10,
  /** The report as JSON and its CSV files, packed, beside the page. */
  reportBytesPerRule: 2700,
} as const;

/** List prices in USD, us-east-1, 2026, without free tiers and discounts. Links to them: infra/README.md. */
export const PRICES = {
  lambdaGibibyteSecondArm: 0.0000133334,
  lambdaMillionRequests: 0.2,
  logsGibibyte: 0.5,
  dynamoMillionWrites: 0.625,
  dynamoMillionReads: 0.125,
  dynamoGibibyteMonth: 0.25 + 0.2,
  s3ThousandPuts: 0.005,
  s3ThousandGets: 0.0004,
  s3GibibyteMonth: 0.023,
  athenaTebibyte: 5,
  sqsMillion: 0.4,
  eventBridgeMillion: 1,
  sesThousand: 0.1,
  sesGigabyteAttached: 0.12,
  alarmMonth: 0.1,
  dashboardMonth: 3,
  customMetricMonth: 0.3,
  /** Vended logs to S3: up to so many gibibytes a month, each. */
  flowLogGibibyte: [
    [10_240, 0.25],
    [30_720, 0.15],
    [51_200, 0.075],
    [Infinity, 0.05],
  ],
} as const;

const DAYS = 30;
const GIB = 2 ** 30;
/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html */
const LARGEST_OBJECT = 75e6;
const INTERVALS_PER_DAY = 288;
/** What the deployment is made with, as count-usage.ts, night.ts, snapshot-groups.ts and reconcile-usage have it. */
export const MADE_WITH = {
  objectsPerBatch: 50,
  /** How Lambda polls a standard queue at first. */
  pollers: 5,
  workerMiB: 1769,
  nightMiB: 3008,
  archiverMiB: 512,
  snapshotsPerDay: 96,
  /** An alarm costs by the metrics that it looks at. https://aws.amazon.com/cloudwatch/pricing/ */
  metricsInAlarms: 24,
  bytesPerPart: 64e6,
  /** Of files; each statement of the night reads all of them. */
  bytesPerStatement: 8 * 2 ** 30,
  parts: 100,
} as const;

/** Of all rules, those that so many records of each touch: on a straight line over logarithms, and all at most. */
function shareOfRulesShown(recordsPerRule: number): number {
  const [few, many] = MEASURED.rulesShown;
  const [x1, y1, x2, y2] = [...few, ...many].map(Math.log) as [number, number, number, number];
  return Math.min(1, Math.exp(y1 + ((Math.log(recordsPerRule) - x1) * (y2 - y1)) / (x2 - x1)));
}

function flowLogsOf(gibibytes: number): number {
  let [sum, below] = [0, 0];
  for (const [upTo, price] of PRICES.flowLogGibibyte) {
    sum += Math.max(0, Math.min(gibibytes, upTo) - below) * price;
    below = upTo;
  }
  return sum;
}

/** What a day's load means for the parts of the design, and what a month of it costs in USD. */
export function estimate(load: Load) {
  const { accounts = 1 } = load;
  const [recordsPerDay, flowLogs, rules] = [load.recordsPerDay, load.flowLogs, load.rules].map(
    (all) => all / accounts,
  ) as [number, number, number];
  const one = estimateOfOne({ ...load, recordsPerDay, flowLogs, rules });
  return {
    ...one,
    usdPerMonth: Object.fromEntries(Object.entries(one.usdPerMonth).map(([part, usd]) => [part, usd * accounts])),
    flowLogsUsdPerMonth: one.flowLogsUsdPerMonth * accounts,
    objects: one.objects * accounts,
    batches: one.batches * accounts,
  };
}

function estimateOfOne({ recordsPerDay, flowLogs, rules, batchSeconds, compactMinutes, dashboard = true }: Load) {
  const millions = recordsPerDay / 1e6;
  const compressed = recordsPerDay * MEASURED.compressedBytesPerRecord;
  const objects = Math.max(INTERVALS_PER_DAY * flowLogs, compressed / LARGEST_OBJECT);
  // Each poller gathers for itself: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
  const gathered = (objects * batchSeconds) / DAY_SECONDS / MADE_WITH.pollers;
  const batches = objects / Math.min(MADE_WITH.objectsPerBatch, Math.max(1, gathered));
  const compactions = Math.min(batches, DAY_SECONDS / 60 / compactMinutes);
  const shown = rules * shareOfRulesShown(recordsPerDay / compactions / rules);
  // The calls of dynamo-adapter.ts and compactor-adapter.ts, two units for each item of a transaction: the number and the
  // batch, a note an object; the pointer, the sums of a day and now and then of the day before, the note of the counters.
  const writes = 4 * batches + 2 * objects + compactions * (2 + 2 * 1.1 + 1 + shown) + rules;
  const reads = 2 * batches + objects + 6 * compactions;
  const streamSeconds =
    millions * MEASURED.streamSecondsPerMillion +
    batches * ASSUMED.secondsPerBatch +
    compactions * MEASURED.compactionSecondsPerThousandRules * (rules / 1000);
  const nightSeconds = millions * MEASURED.nightSecondsPerMillion;
  const parts = Math.min(MADE_WITH.parts, Math.max(1, Math.ceil(compressed / MADE_WITH.bytesPerPart)));
  const statements = Math.ceil(compressed / MADE_WITH.bytesPerStatement);
  const lambda = (seconds: number, mib: number) => ((seconds * mib) / 1024) * PRICES.lambdaGibibyteSecondArm;
  const kept = (bytesPerDay: number) => (bytesPerDay * ASSUMED.retentionDays) / GIB;
  const aDay = {
    'DynamoDB, streaming': (writes * PRICES.dynamoMillionWrites + reads * PRICES.dynamoMillionReads) / 1e6,
    'DynamoDB, night': ((4 * rules) / 1e6) * PRICES.dynamoMillionWrites,
    'Lambda, streaming': lambda(streamSeconds, MADE_WITH.workerMiB),
    'Lambda, night': lambda(nightSeconds, MADE_WITH.nightMiB),
    'Lambda, verdicts and mail': lambda(rules * MEASURED.judgeAndMailSecondsPerRule, MADE_WITH.nightMiB),
    'Lambda, snapshots': lambda(MADE_WITH.snapshotsPerDay * ASSUMED.snapshotSeconds, MADE_WITH.workerMiB),
    Athena: ((2 * compressed * statements) / 2 ** 40) * PRICES.athenaTebibyte,
    'S3 requests':
      ((2 * objects + batches + compactions) * PRICES.s3ThousandGets +
        (batches + compactions) * PRICES.s3ThousandPuts) /
      1e3,
    'SQS, EventBridge': (objects * (3 * PRICES.sqsMillion + PRICES.eventBridgeMillion)) / 1e6,
    SES:
      ASSUMED.recipients *
      (PRICES.sesThousand / 1e3 + ((rules * MEASURED.mailBytesPerRule) / 1e9) * PRICES.sesGigabyteAttached),
  };
  const aMonth = {
    ...Object.fromEntries(Object.entries(aDay).map(([part, usd]) => [part, usd * DAYS])),
    'What is kept, after 400 days':
      kept(
        millions * MEASURED.serviceFlowsPerMillion * ASSUMED.bytesPerServiceFlow +
          rules * (MEASURED.pageBytesPerRule + ASSUMED.reportBytesPerRule),
      ) *
        PRICES.s3GibibyteMonth +
      kept(rules * ASSUMED.bytesPerRuleAndDay) * PRICES.dynamoGibibyteMonth,
    'Alarms, and metrics with them':
      MADE_WITH.metricsInAlarms * PRICES.alarmMonth + ASSUMED.metricsOfAlarms * PRICES.customMetricMonth,
    'Dashboard, and metrics for it alone': dashboard
      ? PRICES.dashboardMonth + ASSUMED.metricsOfDashboard * PRICES.customMetricMonth
      : 0,
  };
  return {
    usdPerMonth: aMonth as Readonly<Record<string, number>>,
    flowLogsUsdPerMonth: flowLogsOf((recordsPerDay * MEASURED.textBytesPerRecord * DAYS) / GIB),
    objects,
    batches,
    /** On average; there are `countUsage.maximumConcurrency` at most. */
    workersBusy: streamSeconds / DAY_SECONDS,
    /** Lambda ends it at 900. */
    secondsOfOnePart: nightSeconds / parts,
    /** Bound by `night.scanLimitGiB`. */
    queryGibibytes: (2 * compressed) / GIB,
  };
}

/**
 * What a million batches of log groups cost in USD beside their records: each is an object, and all that is done by objects is
 * done for it, from its being written to its being read by two nights.
 */
export function usdPerMillionBatches(): number {
  const archiving = 1e6 * ASSUMED.secondsPerArchivedBatch * (MADE_WITH.archiverMiB / 1024);
  const counting = (1e6 / MADE_WITH.objectsPerBatch) * ASSUMED.secondsPerBatch * (MADE_WITH.workerMiB / 1024);
  return (
    PRICES.lambdaMillionRequests +
    (archiving + counting) * PRICES.lambdaGibibyteSecondArm +
    ((1e6 * ASSUMED.loggedBytesPerArchivedBatch) / GIB) * PRICES.logsGibibyte +
    1e3 * PRICES.s3ThousandPuts +
    // Of `count-usage`, and of the queries that read the day's folder and the one before.
    4e3 * PRICES.s3ThousandGets +
    3 * PRICES.sqsMillion +
    PRICES.eventBridgeMillion +
    2 * PRICES.dynamoMillionWrites +
    PRICES.dynamoMillionReads
  );
}

const MANY = { batchSeconds: 300, compactMinutes: 5, dashboard: false } as const;

/** The steps that infra/README.md speaks of. */
const STEPS: readonly Load[] = [
  { recordsPerDay: 1e7, flowLogs: 2, rules: 500, batchSeconds: 30, compactMinutes: 1 },
  { recordsPerDay: 1e9, flowLogs: 20, rules: 3000, batchSeconds: 30, compactMinutes: 1 },
  { recordsPerDay: 1e9, flowLogs: 20, rules: 3000, batchSeconds: 300, compactMinutes: 5 },
  { ...MANY, recordsPerDay: 1e9, accounts: 40, flowLogs: 80, rules: 12_000 },
  { ...MANY, recordsPerDay: 1e11, accounts: 500, flowLogs: 1000, rules: 150_000 },
];

/** The table of infra/README.md, in Markdown. */
export function costTable(steps: readonly Load[] = STEPS): string {
  const estimates = steps.map(estimate);
  const row = (name: string, cells: readonly string[]) => `| ${[name, ...cells].join(' | ')} |`;
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  const usd = (value: number) => (value < 10 ? value.toFixed(2) : whole(value));
  const of = (name: string, cell: (one: (typeof estimates)[number]) => string) => row(name, estimates.map(cell));
  const total = ({ usdPerMonth }: (typeof estimates)[number]) =>
    Object.values(usdPerMonth).reduce((sum, one) => sum + one, 0);
  return [
    row(
      'records a day',
      steps.map(({ recordsPerDay }) => whole(recordsPerDay)),
    ),
    row(
      '---',
      steps.map(() => '---:'),
    ),
    row(
      'accounts',
      steps.map(({ accounts = 1 }) => whole(accounts)),
    ),
    row(
      'flow logs; rules',
      steps.map(({ flowLogs, rules }) => `${whole(flowLogs)}; ${whole(rules)}`),
    ),
    row(
      'seconds a batch is gathered; minutes between compactions',
      steps.map(({ batchSeconds, compactMinutes }) => `${whole(batchSeconds)}; ${whole(compactMinutes)}`),
    ),
    of('objects; batches a day', ({ objects, batches }) => `${whole(objects)}; ${whole(batches)}`),
    ...Object.keys(estimates[0]!.usdPerMonth).map((part) => of(part, ({ usdPerMonth }) => usd(usdPerMonth[part]!))),
    of('**USD a month**', (one) => `**${usd(total(one))}**`),
    of('flow logs themselves, if they are made for this', ({ flowLogsUsdPerMonth }) => usd(flowLogsUsdPerMonth)),
    of('workers busy, on average', ({ workersBusy }) => workersBusy.toFixed(3)),
    of('seconds of one part of the night (limit 900)', ({ secondsOfOnePart }) => whole(secondsOfOnePart)),
    of('GiB that a query reads (`night.scanLimitGiB`)', ({ queryGibibytes }) => usd(queryGibibytes)),
  ].join('\n');
}

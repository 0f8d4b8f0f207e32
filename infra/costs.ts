import { DAY_SECONDS } from '../shared/time.ts';
/** What a deployment has to do on a day. */
export interface Load {
  readonly recordsPerDay: number;
  /** Of VPCs; each delivers an object every five minutes at least. */
  readonly flowLogs: number;
  readonly rules: number;
  /** `countUsage.batchSeconds` of the configuration. */
  readonly batchSeconds: number;
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
  /** `npm run bench:writes`, 1,000 rules: write units of a batch, by its records. */
  writesOfBatch: [
    [3719, 666],
    [37_190, 4314],
    [357_000, 12_495],
  ],
  /** `verdicts.bench.ts` and `send-report.bench.ts`, 10,000 rules over a year: 28 s and 67 s; the mail 3.9, the page 27 MB. */
  judgeAndMailSecondsPerRule: 0.0095,
  mailBytesPerRule: 390,
  pageBytesPerRule: 2700,
} as const;

/** Assumed, not measured. */
const ASSUMED = {
  secondsPerBatch: 0.5,
  snapshotSeconds: 10,
  bytesPerServiceFlow: 20,
  bytesPerRuleAndDay: 1024,
  customMetrics: 30,
  retentionDays: 400,
  recipients: 10,
  /** The report as JSON and its CSV files, packed, beside the page. */
  reportBytesPerRule: 2700,
} as const;

/** List prices in USD, us-east-1, 2026, without free tiers and discounts. Links to them: infra/README.md. */
export const PRICES = {
  lambdaGibibyteSecondArm: 0.0000133334,
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
  workerMiB: 1769,
  nightMiB: 3008,
  snapshotsPerDay: 96,
  alarms: 16,
  bytesPerPart: 64e6,
  parts: 100,
} as const;

/** Write units of one batch: between what was measured, and beyond it, as a straight line over logarithms. */
function writesOfBatch(records: number, rules: number): number {
  const points = MEASURED.writesOfBatch.map(([n, units]) => [Math.log(n), Math.log(units)] as const);
  const x = Math.log(records);
  const at = x > points[1]![0] ? 1 : 0;
  const [[x1, y1], [x2, y2]] = [points[at]!, points[at + 1]!];
  const ofThousandRules = Math.exp(y1 + ((x - x1) * (y2 - y1)) / (x2 - x1));
  return (ofThousandRules * rules) / 1000;
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
export function estimate({ recordsPerDay, flowLogs, rules, batchSeconds }: Load) {
  const millions = recordsPerDay / 1e6;
  const compressed = recordsPerDay * MEASURED.compressedBytesPerRecord;
  const objects = Math.max(INTERVALS_PER_DAY * flowLogs, compressed / LARGEST_OBJECT);
  const objectsPerBatch = Math.min(MADE_WITH.objectsPerBatch, Math.max(1, (objects * batchSeconds) / DAY_SECONDS));
  const batches = objects / objectsPerBatch;
  const writes = batches * writesOfBatch(recordsPerDay / batches, rules);
  const streamSeconds = millions * MEASURED.streamSecondsPerMillion + batches * ASSUMED.secondsPerBatch;
  const nightSeconds = millions * MEASURED.nightSecondsPerMillion;
  const parts = Math.min(MADE_WITH.parts, Math.max(1, Math.ceil(compressed / MADE_WITH.bytesPerPart)));
  const lambda = (seconds: number, mib: number) => ((seconds * mib) / 1024) * PRICES.lambdaGibibyteSecondArm;
  const kept = (bytesPerDay: number) => (bytesPerDay * ASSUMED.retentionDays) / GIB;
  const aDay = {
    // An item is written in a transaction, at two units, and read before, at half a unit: `chunk-adapter.ts`.
    'DynamoDB, streaming': (writes * PRICES.dynamoMillionWrites + (writes / 4) * PRICES.dynamoMillionReads) / 1e6,
    'DynamoDB, night': ((4 * rules) / 1e6) * PRICES.dynamoMillionWrites,
    'Lambda, streaming': lambda(streamSeconds, MADE_WITH.workerMiB),
    'Lambda, night': lambda(nightSeconds, MADE_WITH.nightMiB),
    'Lambda, verdicts and mail': lambda(rules * MEASURED.judgeAndMailSecondsPerRule, MADE_WITH.nightMiB),
    'Lambda, snapshots': lambda(MADE_WITH.snapshotsPerDay * ASSUMED.snapshotSeconds, MADE_WITH.workerMiB),
    Athena: ((2 * compressed) / 2 ** 40) * PRICES.athenaTebibyte,
    'S3 requests':
      (2 * objects * PRICES.s3ThousandGets + batches * (PRICES.s3ThousandPuts + PRICES.s3ThousandGets)) / 1e3,
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
    'Alarms, metrics, dashboard':
      MADE_WITH.alarms * PRICES.alarmMonth + PRICES.dashboardMonth + ASSUMED.customMetrics * PRICES.customMetricMonth,
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

/** The steps that infra/README.md speaks of. */
const STEPS: readonly Load[] = [
  { recordsPerDay: 1e7, flowLogs: 2, rules: 500, batchSeconds: 30 },
  { recordsPerDay: 1e9, flowLogs: 20, rules: 3000, batchSeconds: 30 },
  { recordsPerDay: 1e9, flowLogs: 20, rules: 3000, batchSeconds: 300 },
  { recordsPerDay: 1e11, flowLogs: 500, rules: 30_000, batchSeconds: 300 },
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
      'flow logs; rules',
      steps.map(({ flowLogs, rules }) => `${whole(flowLogs)}; ${whole(rules)}`),
    ),
    row(
      'seconds a batch is gathered',
      steps.map(({ batchSeconds }) => whole(batchSeconds)),
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

import { nightMetrics } from '../../services/reconcile-usage/night-metrics.ts';
import type { Settled } from '../../shared/usage/settled.ts';
import { all, plain, type Properties, type Resources } from './synthesized.ts';

const MINUTE = 60;
export const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEP = 5 * MINUTE;

/** Figures by metric, as `Errors of sg-analysis-count-usage`, and by the five minutes that they are of. */
class Metrics {
  readonly #figures = new Map<string, Map<number, number[]>>();

  put(metric: string, at: number, value: number): void {
    const figures = this.#figures.get(metric) ?? new Map<number, number[]>();
    this.#figures.set(metric, figures);
    const slot = Math.floor(at / STEP);
    figures.set(slot, [...(figures.get(slot) ?? []), value]);
  }

  /** What CloudWatch makes of the figures from `from` on, before `to`: both whole steps. */
  statistic(metric: string, statistic: string, from: number, to: number): number | undefined {
    const figures = this.#figures.get(metric);
    const values: number[] = [];
    for (let slot = from / STEP; figures && slot < to / STEP; slot++) values.push(...(figures.get(slot) ?? []));
    if (values.length === 0) return undefined;
    if (statistic === 'Sum') return values.reduce((sum, value) => sum + value);
    return statistic === 'Minimum' ? Math.min(...values) : Math.max(...values);
  }
}

interface Query {
  readonly Id: string;
  readonly Expression?: string;
  readonly Period?: number;
  readonly MetricStat?: { readonly Metric: Properties; readonly Period: number; readonly Stat: string };
  readonly ReturnData?: boolean;
}
type Figure = (from: number, to: number) => number | undefined;
type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** Of what is multiplied, added and subtracted where all have a figure, and of FILL. */
function figureOf(expression: string, of: (id: string) => Figure): Figure {
  for (const operator of ['+', '-', '*'] as const) {
    const sides = expression.split(` ${operator} `);
    if (sides.length === 1) continue;
    const [left, right] = [sides.slice(0, -1).join(` ${operator} `), sides.at(-1)!].map((side) => figureOf(side, of));
    return (from, to) => {
      const [a, b] = [left!(from, to), right!(from, to)];
      if (a === undefined || b === undefined) return undefined;
      return operator === '+' ? a + b : operator === '-' ? a - b : a * b;
    };
  }
  const filled = /^FILL\((\w+), (-?[\d.]+)\)$/.exec(expression);
  if (filled) return (from, to) => of(filled[1]!)(from, to) ?? Number(filled[2]);
  return /^\d/.test(expression) ? () => Number(expression) : of(expression);
}

/** One alarm as CloudWatch evaluates it. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html */
class Alarm {
  readonly name: string;
  readonly #properties: Properties;
  readonly #figure: Figure;
  readonly #period: number;
  state: State = 'INSUFFICIENT_DATA';

  constructor(properties: Properties, services: Resources, metrics: Metrics) {
    this.name = String(properties.AlarmName).replace('sg-analysis-', '');
    this.#properties = properties;
    const stat = ({ MetricName, Dimensions }: Properties, statistic: string): Figure => {
      const dimensions = (Dimensions as { Value: unknown }[]).map(({ Value }) => plain(Value, services)).join(' ');
      return (from, to) => metrics.statistic(`${String(MetricName)} of ${dimensions}`, statistic, from, to);
    };
    const queries = properties.Metrics as readonly Query[] | undefined;
    if (!queries) {
      this.#figure = stat(properties, String(properties.Statistic));
      this.#period = Number(properties.Period);
      return;
    }
    const of = (id: string): Figure => {
      const { Expression, MetricStat } = queries.find(({ Id }) => Id === id)!;
      // A query of Metrics Insights, whose figures are known by its words.
      if (Expression?.startsWith('SELECT ') === true) {
        return (from, to) => metrics.statistic(Expression, 'Sum', from, to);
      }
      return Expression === undefined ? stat(MetricStat!.Metric, MetricStat!.Stat) : figureOf(Expression, of);
    };
    this.#figure = of(queries.find(({ ReturnData }) => ReturnData !== false)!.Id);
    this.#period = queries.flatMap(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? [])[0]!;
  }

  /** Whether anybody is told of trouble by that. */
  evaluate(now: number): boolean {
    const before = this.state;
    this.state = this.#stateAt(now);
    if (this.state === before) return false;
    const { AlarmActions, InsufficientDataActions } = this.#properties;
    return (
      (this.state === 'ALARM' ? AlarmActions : this.state === 'OK' ? undefined : InsufficientDataActions) !== undefined
    );
  }

  #stateAt(now: number): State {
    const { EvaluationPeriods, DatapointsToAlarm, TreatMissingData, Threshold, ComparisonOperator } = this.#properties;
    const [periods, least] = [Number(EvaluationPeriods), Number(DatapointsToAlarm)];
    const isBad = (value: number): boolean =>
      ComparisonOperator === 'LessThanThreshold' ? value < Number(Threshold) : value > Number(Threshold);
    // The latest first; undefined where there is no figure.
    const bad = Array.from({ length: periods }, (_, i) => {
      const figure = this.#figure(now - (i + 1) * this.#period, now - i * this.#period);
      return figure === undefined ? undefined : isBad(figure);
    });
    const known = bad.filter((one) => one !== undefined);
    const enough = (some: readonly (boolean | undefined)[]): State =>
      some.filter((one) => one === true).length >= least ? 'ALARM' : 'OK';
    if (known.length === periods) return enough(bad);
    if (TreatMissingData === 'breaching') return enough(bad.map((one) => one ?? true));
    if (TreatMissingData === 'notBreaching') return enough(bad.map((one) => one ?? false));
    if (TreatMissingData === 'ignore') return this.state;
    if (known.length === 0) return 'INSUFFICIENT_DATA';
    // A bad figure that is old enough, and nothing good since.
    const oldest = bad.lastIndexOf(true);
    return oldest + 1 >= least && !bad.slice(0, oldest).includes(false) ? 'ALARM' : 'OK';
  }
}

const SETTLED: Settled & { day: string } = {
  day: '2026-01-05',
  run: 'r',
  records: 9000,
  streamedRecords: 1000,
  evidence: [],
  replaced: [],
  // As bad as the figures of a day can be of which only a part was streamed.
  driftShare: 0.9,
  driftingRules: 9,
  coverage: 0.2,
  unknownInterfaceShare: 0.5,
};

export interface Life {
  /** Seconds since midnight, UTC. */
  readonly deployedAt: number;
  readonly nightHours?: number;
  /** What never runs, or stops at some time. */
  readonly stops?: Readonly<Record<string, number>>;
  readonly compactMinutes?: number;
  /** Of every night but those whose day the deployment has not seen begin. */
  readonly settled?: Partial<Settled>;
  /** Days that somebody has run again, while the second night is there. */
  readonly backfilled?: boolean;
  /** What `reconcile-usage` has published, where it ran: in place of what is made up of its nights. */
  readonly published?: readonly PublishedFigure[];
}

/** Seconds since midnight of the day of the deployment. */
export type PublishedFigure = readonly [name: string, at: number, value: number];

/** What AWS and the functions publish of a deployment, from its first minute on. */
function metricsOf(
  { deployedAt, nightHours = 1, stops = {}, compactMinutes = 1, settled, ...more }: Life,
  until: number,
) {
  const metrics = new Metrics();
  const { backfilled = false, published } = more;
  const ofNight = (name: string, at: number, value: number): void => {
    if (at < until) metrics.put(`${name} of sg-analysis reconcile-usage`, at, value);
  };
  for (const figure of published ?? []) ofNight(...figure);
  const every = (what: string, first: number, step: number, put: (at: number) => void): void => {
    for (let at = first; at < Math.min(until, stops[what] ?? Infinity); at += step) put(at);
  };
  const queue = 'sg-analysis-count-usage';
  every('queue', deployedAt + 10 * MINUTE, 5 * MINUTE, (at) => {
    metrics.put(`ApproximateNumberOfMessagesVisible of ${queue}`, at, 0);
    metrics.put(`NumberOfMessagesSent of ${queue}`, at, 0);
  });
  every('objects', deployedAt + 15 * MINUTE, 5 * MINUTE, (at) => {
    metrics.put(`NumberOfMessagesSent of ${queue}`, at, 3);
    for (const name of ['Errors', 'Throttles']) metrics.put(`${name} of ${queue}`, at, 0);
  });
  const runs = (name: string, at: number): void => {
    metrics.put(`Invocations of sg-analysis-${name}`, at, 1);
    for (const figure of ['Errors', 'Throttles']) metrics.put(`${figure} of sg-analysis-${name}`, at, 0);
  };
  every('batches', deployedAt + 15 * MINUTE, 5 * MINUTE, (at) => {
    runs('archive-flow-logs', at);
    metrics.put('BatchesRefused of sg-analysis archive-flow-logs', at, 0);
  });
  every('snapshots', deployedAt + 15 * MINUTE, 15 * MINUTE, (at) => {
    runs('snapshot-groups', at);
  });
  every('compaction', deployedAt + compactMinutes * MINUTE, compactMinutes * MINUTE, (at) => {
    runs('compact-usage', at);
    metrics.put('BatchesLeft of sg-analysis compact-usage', at, 0);
  });
  const firstNight = 3.5 * HOUR + (deployedAt > 3.5 * HOUR ? DAY : 0);
  every('nights', firstNight, DAY, (began) => {
    const at = began + nightHours * HOUR;
    if (at >= until) return;
    for (const name of ['reconcile-usage', 'judge-rules', 'send-report', 'send-findings']) runs(name, at);
    metrics.put('ExecutionsSucceeded of sg-analysis-night', at, 1);
    const assumed = began - 3.5 * HOUR - DAY < deployedAt;
    const runsOfDays = [
      { ...SETTLED, ...(!assumed && settled), nightly: true, assumed },
      ...(backfilled ? [{ ...SETTLED, nightly: false, assumed: false }] : []),
    ];
    for (const run of published ? [] : runsOfDays) {
      for (const [name, value] of nightMetrics(run)) ofNight(name, at, value);
    }
    metrics.put('NotTold of sg-analysis send-findings', at, 0);
    for (const name of ['MailsRefused', 'PagesMissing']) metrics.put(`${name} of sg-analysis send-report`, at, 0);
  });
  return metrics;
}

/** Which alarms tell of trouble, and how many hours after the deployment first. */
export function rung(life: Life, hours: number, services: Resources): Readonly<Record<string, number>> {
  const until = life.deployedAt + hours * HOUR;
  const metrics = metricsOf(life, until);
  const alarms = all(services, 'AWS::CloudWatch::Alarm').map((one) => new Alarm(one, services, metrics));
  const first: Record<string, number> = {};
  for (let now = life.deployedAt; now <= until; now += STEP) {
    for (const alarm of alarms) if (alarm.evaluate(now)) first[alarm.name] ??= (now - life.deployedAt) / HOUR;
  }
  return first;
}

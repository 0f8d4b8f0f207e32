import type { Settled } from '../../shared/usage/settled.ts';
import type { SettledHow } from './steps.ts';

type NightMetric = readonly [name: string, value: number, unit: 'Count' | 'None'];

/**
 * What is published of a day. Metrics and alarms are of nights: a past day that somebody has run again says nothing of how the
 * deployment fares. Of a day that the deployment has not seen begin, shares would tell what nobody can help: part of it was not
 * streamed, and interfaces that were gone by then were never seen.
 */
export function nightMetrics(settled: Settled & SettledHow): NightMetric[] {
  if (!settled.nightly) return [];
  const shares = [
    ['DriftShare', settled.driftShare],
    ['CoverageShare', settled.coverage],
    ['UnknownInterfaceShare', settled.unknownInterfaceShare],
  ] as const;
  return [
    ['DaysReconciled', 1, 'Count'],
    ['RecordsReconciled', settled.records, 'Count'],
    ...shares.flatMap(([name, share]) =>
      settled.assumed || typeof share !== 'number' ? [] : [[name, share, 'None'] as const],
    ),
  ];
}

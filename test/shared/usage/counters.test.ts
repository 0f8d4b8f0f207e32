import { describe, expect, test } from '@jest/globals';
import { usageCsv } from '../../../shared/reports/usage-csv.ts';
import { COUNTERS, COUNTER_NAMES, inColumns, REPORTED_COUNTERS } from '../../../shared/usage/counters.ts';
import { emptyRuleDay, type RuleDay } from '../../../shared/usage/usage.ts';
import { addRuleDay } from '../../../shared/usage/window.ts';

/** Each counter a number of its own. */
function numbered(factor: number): RuleDay {
  const use = emptyRuleDay();
  COUNTER_NAMES.forEach((name, i) => (use[name] = factor * 2 ** i));
  return use;
}

describe('the counters of a rule', () => {
  test('are all zero of a day on which nothing was counted', () => {
    expect(COUNTER_NAMES.map((name) => emptyRuleDay()[name])).toEqual(COUNTER_NAMES.map(() => 0));
  });

  test('are each added up apart', () => {
    const sum = numbered(1);
    addRuleDay(sum, numbered(1000));
    expect(sum).toMatchObject(Object.fromEntries(COUNTER_NAMES.map((name, i) => [name, 1001 * 2 ** i])));
  });

  test('are stored under the names that stores in use have', () => {
    expect(inColumns(COUNTER_NAMES, COUNTERS, numbered(1))).toEqual({
      used_times: 1,
      sole_times: 2,
      primary_times: 4,
      inferred_times: 8,
      reply_times: 16,
      possible_times: 32,
      untracked_replies: 64,
      set_aside_times: 128,
      packets: 256,
      bytes: 512,
    });
  });

  test('have a column each in the CSV, if they are reported', () => {
    const columns = usageCsv([]).trim().split(',');
    expect(columns).toEqual(expect.arrayContaining(REPORTED_COUNTERS.map((name) => COUNTERS[name])));
  });
});

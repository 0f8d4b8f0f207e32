import { choosesDays, dayStates, OF_EACH_DAY } from './day-definition.ts';
import { executionsAt, type NightParts } from './night-definition.ts';
import { catchAll, FAILING, invoke, LONGEST_FUNCTION_SECONDS, tells } from './states.ts';

/** Each has two queries at a time of the twenty or so that Athena runs in an account; the night may run beside them. */
const DAYS_AT_ONCE = 3;
/** Stands in the names of executions of days. */
export const EACH_DAY = 'days';

/**
 * The state machine that has past days reconciled, from `{ from, to }` on, both inclusive, as the night has its own. Each day
 * is an execution of its own, so that any number of them fits what Step Functions keeps of one; what becomes of it is kept
 * in the state table, and of hundreds of days nothing but their dates goes from state to state. A day that fails keeps
 * no other from being settled, and fails nothing. Then the rules are judged once, by all days that there are.
 *
 * It has no time limit: every task has one.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export function backfillDefinition(parts: NightParts): object {
  const caught = { Catch: catchAll('Notify') };
  const { reconcileUsage, judgeRules, sendReport } = parts;
  const link = `Execution: ${executionsAt(parts)}{}`;
  return {
    Comment: 'Makes the figures of past days authoritative, and judges the rules by them.',
    StartAt: 'Days',
    States: {
      Days: { ...choosesDays(parts), ...caught, Next: 'EachDay' },
      EachDay: {
        Type: 'Map',
        Label: EACH_DAY,
        ...OF_EACH_DAY,
        MaxConcurrency: DAYS_AT_ONCE,
        // Days end well in any case; one that is stopped by hand must not end the others.
        ToleratedFailurePercentage: 100,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          // Of all days together a state may hand on 256 KiB.
          ...dayStates(parts, { nightly: false, last: { ResultPath: null, OutputPath: '$.day' } }),
        },
        ResultPath: null,
        ...caught,
        Next: 'Conclude',
      },
      Conclude: {
        ...invoke(reconcileUsage, { step: 'outcome', 'days.$': '$.days', 'run.$': '$.run' }, LONGEST_FUNCTION_SECONDS),
        ResultPath: '$.outcome',
        ...caught,
        Next: 'Judge',
      },
      Judge: {
        // As of now: it may be days since the execution began.
        ...invoke(
          judgeRules,
          { 'startedAt.$': '$$.State.EnteredTime', 'execution.$': '$$.Execution.Name' },
          LONGEST_FUNCTION_SECONDS,
        ),
        ResultPath: '$.judged',
        ...caught,
        Next: sendReport === undefined ? 'Tell' : 'SendReport',
      },
      ...(sendReport === undefined
        ? {
            Tell: tells({
              ...parts,
              subject: 'stale-sg: the backfill is done',
              message: `States.Format('{} of {} days are settled, {} have no flow logs, {} failed. | ${link}', $.outcome.settled, $.outcome.days, $.outcome.withoutLogs, $.outcome.failed, $$.Execution.Id)`,
              next: 'Done',
            }),
          }
        : {
            SendReport: {
              ...invoke(
                sendReport,
                { 'report.$': '$.judged.report', 'backfill.$': '$.outcome', 'execution.$': '$$.Execution.Id' },
                LONGEST_FUNCTION_SECONDS,
              ),
              ResultPath: '$.sent',
              ...caught,
              Next: 'Done',
            },
          }),
      Done: { Type: 'Succeed', OutputPath: '$.outcome' },
      Notify: tells({
        ...parts,
        subject: 'stale-sg: a backfill FAILED',
        message: `States.Format('A backfill ended before it could report. Days that were settled stay so; the others can be run again (stale-sg backfill). | ${link} | {}: {}', $$.Execution.Id, $.error.Error, $.error.Cause)`,
        next: 'End',
      }),
      ...FAILING,
    },
  };
}

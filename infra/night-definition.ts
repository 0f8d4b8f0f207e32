import { choosesDays, dayStates, OF_EACH_DAY, type DayParts } from './day-definition.ts';
import { catchAll, FAILING, invoke, LONGEST_FUNCTION_SECONDS, tells } from './states.ts';

/** ARNs of what the states call, as they stand in the definition: literal, or tokens of CDK. */
export interface NightParts extends DayParts {
  readonly snapshotGroups: string;
  readonly recallAccount: string;
  readonly judgeRules: string;
  /** Undefined where no mail is configured. */
  readonly sendReport: string | undefined;
  /** Undefined where neither Security Hub nor a webhook is configured. */
  readonly sendFindings: string | undefined;
  /** Where operators hear of a night that failed. */
  readonly topic: string;
  readonly region: string;
  /** Of the AWS console in the region. */
  readonly console: string;
}

/** A day takes a dozen minutes; what takes longer than this hangs. */
export const LONGEST_NIGHT_HOURS = 12;

/** What links to executions begin with. */
export function executionsAt({ region, console }: Pick<NightParts, 'region' | 'console'>): string {
  return `https://${console}/states/home?region=${region}#/v2/executions/details/`;
}

/**
 * The state machine of the night, in the words of the Amazon States Language: pointers go from state to state, never
 * what they point to. A day that fails does not keep the others from being settled; it fails the night.
 *
 * Whatever works on settled days stands between `EachDay` and the end, behind `Conclude`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 */
export function nightDefinition(parts: NightParts): object {
  const caught = { Catch: catchAll('Notify') };
  const { reconcileUsage } = parts;
  return {
    Comment: 'Snapshots the account, and makes the figures of the last day authoritative.',
    StartAt: 'Snapshot',
    TimeoutSeconds: LONGEST_NIGHT_HOURS * 3600,
    States: {
      Snapshot: { ...invoke(parts.snapshotGroups, {}, 360), ResultPath: null, ...caught, Next: 'FirstRound' },
      ...recalling(parts),
      Days: { ...choosesDays(parts), ...caught, Next: 'EachDay' },
      EachDay: {
        Type: 'Map',
        ...OF_EACH_DAY,
        MaxConcurrency: 1,
        ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...dayStates(parts, { nightly: true, last: {} }) },
        ResultPath: '$.done',
        ...caught,
        Next: 'Conclude',
      },
      Conclude: {
        ...invoke(reconcileUsage, { step: 'conclude', 'days.$': '$.done' }, 120),
        ResultPath: '$.night',
        ...caught,
        Next: 'Judge',
      },
      ...reporting(parts, caught),
      Done: { Type: 'Succeed' },
      Notify: tells({
        ...parts,
        subject: 'stale-sg: the night FAILED, and nothing was reported of it',
        // The error comes last: it may be long, though Step Functions cuts it to far less than SNS takes.
        message: `States.Format('The nightly run failed; nothing was reported of this night. What was streamed, and days that were settled, stay as they are. | Execution: ${executionsAt(parts)}{} | What to do: infra/RUNBOOK.md, section night-failed | {}: {}', $$.Execution.Id, $.error.Error, $.error.Cause)`,
        next: parts.sendReport === undefined ? 'End' : 'SendFailure',
      }),
      ...FAILING,
    },
  };
}

/**
 * Asks what the account remembers, round by round, as long as the function says that something is left. Whatever fails of it
 * keeps no day from being settled: the report says that it was not asked, an alarm that it failed.
 */
function recalling({ recallAccount }: NightParts): object {
  return {
    FirstRound: { Type: 'Pass', Result: { round: 1 }, ResultPath: '$.recall', Next: 'Recall' },
    Recall: {
      ...invoke(
        recallAccount,
        { 'startedAt.$': '$$.Execution.StartTime', 'round.$': '$.recall.round' },
        LONGEST_FUNCTION_SECONDS,
      ),
      ResultPath: '$.recall',
      Catch: catchAll('Days', '$.recall'),
      Next: 'IsMoreToRecall',
    },
    IsMoreToRecall: {
      Type: 'Choice',
      Choices: [{ Variable: '$.recall.again', BooleanEquals: true, Next: 'NextRound' }],
      Default: 'Days',
    },
    NextRound: { Type: 'Wait', SecondsPath: '$.recall.waitSeconds', Next: 'Recall' },
  };
}

/** What follows a night of which every day was settled; and the mail that takes the report's place where one was not. */
function reporting({ judgeRules, sendReport, sendFindings }: NightParts, caught: object): object {
  const told = sendFindings === undefined ? 'Done' : 'SendFindings';
  const judge = invoke(
    judgeRules,
    { 'startedAt.$': '$$.Execution.StartTime', 'execution.$': '$$.Execution.Name' },
    LONGEST_FUNCTION_SECONDS,
  );
  return {
    Judge: { ...judge, ResultPath: '$.judged', ...caught, Next: sendReport === undefined ? told : 'SendReport' },
    ...(sendReport !== undefined && {
      SendReport: {
        ...invoke(sendReport, { 'report.$': '$.judged.report' }, LONGEST_FUNCTION_SECONDS),
        ResultPath: '$.sent',
        ...caught,
        Next: told,
      },
      SendFailure: {
        ...invoke(sendReport, { 'failed.$': '$.error', 'execution.$': '$$.Execution.Id' }, 120),
        Catch: catchAll('End', '$.sent'),
        ResultPath: '$.sent',
        Next: 'End',
      },
    }),
    ...(sendFindings !== undefined && {
      // The report is there, and mailed: what becomes of the rest an alarm tells.
      SendFindings: {
        ...invoke(sendFindings, { 'report.$': '$.judged.report' }, LONGEST_FUNCTION_SECONDS),
        ResultPath: '$.told',
        Catch: catchAll('Done', '$.told'),
        Next: 'Done',
      },
    }),
  };
}

import type { QueryExecution } from '@aws-sdk/client-athena';
import { StateMachine } from 'aws-local-stepfunctions';
import { one, plain, servicesWith } from '../../infra/synthesized.ts';
import { VARIANTS } from '../../infra/variants.ts';

/** What a task is given, and what it returns or throws: an error's name is the error's. */
export type Task = (input: never) => unknown;

/** When each state began, as far as executions here tell. */
export const ENTERED = '2026-01-08T10:00:00.000Z';

/** When executions begin, as far as executions here tell. */
const STARTED = '2026-01-06T03:30:00Z';

/** One entry of the execution's history. */
export interface Happening {
  readonly type: string;
  readonly state?: string;
  /** Of what went into a state or came out of it, as JSON in UTF-8. */
  readonly bytes?: number;
}

/** The definition of the night or the backfill that CDK deploys, from the synthesized template, with names in place of what is known only in AWS. */
export async function deployedDefinition(
  changes: object = VARIANTS.report,
  which: 'night' | 'backfill' = 'night',
): Promise<string> {
  const services = await servicesWith(changes);
  const { DefinitionString } = one(services, 'AWS::StepFunctions::StateMachine', {
    StateMachineName: `sg-analysis-${which}`,
  });
  return plain(DefinitionString, services).replaceAll('<account>', '111122223333').replaceAll('<region>', 'eu-west-1');
}

/** The functions that states call. */
type Called = Readonly<Record<'snapshot' | 'recall' | 'reconcile' | 'judge' | 'send', Task>>;

/** By the names of the states of a night and of a backfill, what they do; all but `Notify`. */
export function tasksOf(
  { snapshot, recall, reconcile, judge, send }: Called,
  sent: (statement: string) => Promise<QueryExecution>,
): Record<string, Task> {
  const query = async ({ QueryString }: { QueryString: string }) => {
    const QueryExecution = await sent(QueryString);
    if (QueryExecution.Status!.State === 'FAILED') throw failedQuery(QueryExecution);
    return { QueryExecution };
  };
  const steps = ['Days', 'Plan', 'Attribute', 'Settle', 'Incomplete', 'Conclude'];
  return {
    Snapshot: asLambda(snapshot),
    Recall: asLambda(recall),
    ...Object.fromEntries(steps.map((name) => [name, asLambda(reconcile)])),
    Judge: asLambda(judge),
    SendReport: asLambda(send),
    SendFailure: asLambda(send),
    CreateTable: query,
    Fold: query,
  };
}

const machines = new Map<string, StateMachine>();

/** Held to the states language as a whole, once: left to itself, a machine holds every item of a map to it again, in 0.2 s each. */
function validMachine(definition: string): StateMachine {
  const parsed = JSON.parse(definition) as never;
  if (!machines.has(definition)) new StateMachine(parsed, { validationOptions: { checkArn: false } });
  const machine = machines.get(definition) ?? new StateMachine(parsed, { validationOptions: { noValidate: true } });
  machines.set(definition, machine);
  return machine;
}

/**
 * Runs the definition with local tasks by the name of the state.
 *
 * @param name of the execution; AWS takes each once
 * @param at when it begins, and each of its states
 */
export async function execute(
  definition: string,
  input: object,
  tasks: Readonly<Record<string, Task>>,
  name = 'one',
  { StartTime, EnteredTime } = { StartTime: STARTED, EnteredTime: ENTERED },
) {
  const machine = validMachine(definition);
  const names = Object.keys(tasks);
  const context = {
    // Of whichever state asks.
    State: { EnteredTime },
    Execution: {
      Id: `arn:aws:states:eu-west-1:111122223333:execution:sg-analysis-night:${name}`,
      Name: name,
      StartTime,
      Input: input,
      RoleArn: 'arn:aws:iam::111122223333:role/night',
    },
  };
  const { result, eventLogs } = machine.run(input as never, {
    overrides: {
      taskResourceLocalHandlers: tasks as never,
      retryIntervalOverrides: Object.fromEntries(names.map((name) => [name, 0])),
    },
    context: context as never,
  });
  const happened: Happening[] = [];
  const watching = (async () => {
    for await (const event of eventLogs) {
      if (!('state' in event)) happened.push({ type: event.type });
      else {
        const { name, input, output = null } = event.state;
        const bytes = Math.max(...[input, output].map((data) => Buffer.byteLength(JSON.stringify(data))));
        happened.push({ type: event.type, state: name, bytes });
      }
    }
  })();
  const end = await result.then(
    (output: unknown) => ({ output, error: undefined }),
    // The end of the execution: its error and its cause.
    (error: unknown) => ({ output: undefined, error: told(error as Error) }),
  );
  await watching;
  return { ...end, happened };
}

/**
 * As Lambda calls it: what goes in and out is JSON, and what is thrown is told as JSON.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
export function asLambda(task: Task): Task {
  const copied = (value: unknown): never => JSON.parse(JSON.stringify(value ?? null)) as never;
  return async (input) => {
    try {
      return copied(await task(copied(input)));
    } catch (error) {
      const { name, message, stack = '' } = error as Error;
      const trace = stack.split('\n');
      throw thrown(name, JSON.stringify({ errorType: name, errorMessage: message, trace }));
    }
  };
}

/** As Step Functions tells of a query that failed: all that Athena says of it, by the names in their order. */
function failedQuery(execution: QueryExecution): Error {
  return thrown('States.TaskFailed', JSON.stringify({ QueryExecution: sorted(execution) }));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, one]) => [name, sorted(one)]));
}

/** An error's name is what the state machine knows it by, its message the cause. */
export function thrown(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

/** `Name: message` of what the execution ended with. */
function told({ cause, message }: Error): string {
  return `${(cause as Error).name}: ${message.replace('Execution has failed with the following error: ', '')}`;
}

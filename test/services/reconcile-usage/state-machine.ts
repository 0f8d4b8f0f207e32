import { rmSync } from 'node:fs';
import { StateMachine } from 'aws-local-stepfunctions';
import { one, plain, synthesize } from '../../infra/synthesized.ts';

/** What a task is given, and what it returns or throws: an error's name is the error's. */
export type Task = (input: never) => unknown;

/** One entry of the execution's history. */
export interface Happening {
  readonly type: string;
  readonly state?: string;
}

/** The definition that CDK deploys, from the synthesized template, with names in place of what is known only in AWS. */
export function deployedDefinition(): string {
  const { services, folder } = synthesize();
  rmSync(folder, { recursive: true });
  const { DefinitionString } = one(services, 'AWS::StepFunctions::StateMachine', {
    StateMachineName: 'sg-analysis-night',
  });
  return plain(DefinitionString, services).replaceAll('<account>', '111122223333').replaceAll('<region>', 'eu-west-1');
}

/** Runs the definition with local tasks by the name of the state. */
export async function execute(definition: string, input: object, tasks: Readonly<Record<string, Task>>) {
  const machine = new StateMachine(JSON.parse(definition) as never, { validationOptions: { checkArn: false } });
  const names = Object.keys(tasks);
  const context = {
    Execution: {
      Id: 'arn:aws:states:eu-west-1:111122223333:execution:sg-analysis-night:one',
      Name: 'one',
      StartTime: '2026-01-06T03:30:00Z',
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
      happened.push({ type: event.type, ...('state' in event && { state: event.state.name }) });
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

/** `Name: message` of what the execution ended with. */
function told({ cause, message }: Error): string {
  return `${(cause as Error).name}: ${message.replace('Execution has failed with the following error: ', '')}`;
}

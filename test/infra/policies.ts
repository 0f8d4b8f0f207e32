import { all, plain, type Properties, type Resources } from './synthesized.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: string | Readonly<Record<string, unknown>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]);

/** One line for each action and resource, with who and when: `allow s3:GetObject on … if …`. Sorted. */
export function policyLines(document: unknown, resources: Resources): string[] {
  const { Statement } = document as { readonly Statement: readonly Statement[] };
  return Statement.flatMap((statement) => {
    const { Effect, Action, Resource, Principal = {}, Condition = {}, ...unread } = statement;
    // NotAction and the like would turn the meaning round.
    if (Object.keys(unread).some((key) => key !== 'Sid')) throw new Error(`cannot read ${JSON.stringify(unread)}`);
    const who = typeof Principal === 'string' ? [Principal] : Object.values(Principal).map(String);
    const when = Object.entries(Condition).flatMap(([kind, tests]) =>
      Object.entries(tests).map(([key, value]) => `${key} ${kind} ${plain(value, resources)}`),
    );
    return list(Action).flatMap((action) =>
      list(Resource).map((resource) =>
        [
          `${Effect.toLowerCase()} ${String(action)}`,
          ...who.map((principal) => `to ${principal}`),
          ...(resource === undefined ? [] : [`on ${plain(resource, resources)}`]),
          ...(when.length === 0 ? [] : [`if ${when.sort().join(' and ')}`]),
        ].join(' '),
      ),
    );
  }).sort();
}

/** What may be done by whoever has the role with this ARN. */
export function grantsOf(roleArn: unknown, resources: Resources): string[] {
  const role = roleId(roleArn);
  const inline = (resources[role]!.Properties.Policies ?? []) as Properties[];
  const attached = all(resources, 'AWS::IAM::Policy').filter(({ Roles }) =>
    (Roles as { Ref: string }[]).some(({ Ref }) => Ref === role),
  );
  return [...inline, ...attached].flatMap(({ PolicyDocument }) => policyLines(PolicyDocument, resources)).sort();
}

/** Logical id of the role with this ARN. */
export function roleId(roleArn: unknown): string {
  return (roleArn as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
}

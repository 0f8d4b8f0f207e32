import * as z from 'zod';
import type { AsffFinding } from '../../shared/security-findings/asff.ts';

const text = z.string().min(1);

/** What we say of a finding, whatever others have made of it: their notes, its workflow and its severity are theirs. */
const SAID = z.object({
  SchemaVersion: text,
  Id: text,
  ProductArn: text,
  GeneratorId: text,
  AwsAccountId: text,
  Title: text,
  Description: text,
  Remediation: z.object({ Recommendation: z.object({ Text: text }) }),
  FindingProviderFields: z.object({
    Severity: z.object({ Label: z.enum(['LOW', 'MEDIUM', 'HIGH']), Original: text }),
    Types: z.array(text),
  }),
  ProductFields: z.object({ 'stale-sg/ruleId': text, 'stale-sg/priority': text }),
  Resources: z.array(
    z.object({
      Type: text,
      Id: text,
      Partition: z.enum(['aws', 'aws-cn', 'aws-us-gov']),
      Region: text,
      Details: z.object({
        AwsEc2SecurityGroup: z.object({
          GroupId: text,
          OwnerId: text,
          GroupName: text.optional(),
          VpcId: text.optional(),
        }),
      }),
    }),
  ),
});

/** A finding of ours as Security Hub has it: whatever else it has of one is no matter here. */
export const standingFinding = SAID.extend({ CreatedAt: text, UpdatedAt: text });

export type StandingFinding = z.output<typeof standingFinding>;

/** One that is to be imported, for the first time or again. */
export type SaidFinding = StandingFinding & { readonly RecordState: 'ACTIVE' | 'ARCHIVED' };

/** Whether both say the same, times aside. */
export function saysTheSame(one: StandingFinding | AsffFinding, other: StandingFinding): boolean {
  // Keys come in the order of the schema.
  return JSON.stringify(SAID.parse(one)) === JSON.stringify(SAID.parse(other));
}

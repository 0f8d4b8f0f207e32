import * as z from 'zod';
import type { Immutable } from '../../immutable.ts';

const place = z.object({ file: z.string(), line: z.int().positive() });

const proposed = z.object({
  protocol: z.string(),
  fromPort: z.int().nullable(),
  toPort: z.int().nullable(),
  peer: z.object({ type: z.enum(['cidrIpv4', 'cidrIpv6', 'prefixList', 'group']), value: z.string() }),
});

const codeChange = z.object({
  ruleId: z.string(),
  groupId: z.string(),
  groupName: z.string(),
  admits: z.string().describe('What the rule admits, for people. Text of others.'),
  address: z
    .string()
    .describe('Of the resource, as Terraform writes it. Text of others, as all names and elements here.'),
  module: z.string().describe('Address of its module; empty for the root.'),
  type: z.string(),
  index: z.union([z.string(), z.number()]).nullable().describe('Key of `for_each`, number of `count`.'),
  block: z.enum(['ingress', 'egress']).nullable().describe('Of a rule that stands in a block of its group.'),
  list: z.string().nullable().describe('The list in the resource or block of which the rule is an element.'),
  element: z.string().nullable(),
  action: z.enum(['deleteResource', 'deleteInstance', 'deleteBlock', 'deleteElement', 'narrow']),
  narrowTo: z.array(proposed).describe('The rules that take its place; none where it is deleted.'),
  instruction: z.string().describe('What to do, in a sentence. Holds text of others.'),
  code: place.nullable().describe('The block of the resource; null where the code is not at hand.'),
  call: place.nullable().describe('The call of its module; null in the root, and where the code is not at hand.'),
  notes: z.array(z.string()).describe('What a reviewer must know as well. Holds text of others.'),
});

/** `terraform.json`, version 1. */
export const terraformJson = z
  .object({
    schemaVersion: z.literal(1),
    pullRequests: z
      .array(
        z.object({
          state: z.string().describe('The file of the state.'),
          module: z.string().describe('The call of the module without keys; empty for the root.'),
          undo: z.string(),
          changes: z.array(codeChange),
        }),
      )
      .describe('Each can be reviewed, applied and reverted by itself.'),
    unmapped: z
      .array(
        z.object({
          ruleId: z.string(),
          groupId: z.string(),
          groupName: z.string(),
          admits: z.string(),
          reason: z.string(),
        }),
      )
      .describe('Rules that no state is known to hold.'),
    problems: z.array(z.string()).describe('What of the code could not be used, and why.'),
  })
  .describe('What to change in Terraform code so that the rules of a plan go, or get narrower, and stay so.');

export type TerraformChanges = Immutable<z.output<typeof terraformJson>>;
export type PullRequest = TerraformChanges['pullRequests'][number];
export type CodeChange = PullRequest['changes'][number];
export type UnmappedRule = TerraformChanges['unmapped'][number];

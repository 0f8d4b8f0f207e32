import type { Group, Rule } from '../../inventory/inventory.ts';
import type { TerraformHint } from './plan.ts';
import { shellQuote } from './shell-quote.ts';

type Tags = Readonly<Record<string, string>>;

/** Keys of tags that controllers put on groups whose rules they write. */
const CONTROLLERS = [
  /^kubernetes\.io\/cluster\//,
  /^(?:aws:)?eks:cluster-name$/,
  /^elbv2\.k8s\.aws\//,
  /^ingress\.k8s\.aws\//,
];
const TOOLS = /\b(?:terraform|opentofu|pulumi|cloudformation|cdk|ansible|crossplane)\b/i;

/**
 * Who would bring the rule back, as far as tags tell: a rule that a tool or controller manages must be removed there.
 * Holds text of others.
 */
export function managedBy(rule: Rule, group: Group | undefined): string[] {
  const notes: string[] = [];
  for (const [what, tags] of [
    ['rule', rule.tags],
    ['group', group?.tags ?? {}],
  ] as const) {
    const stack = tags['aws:cloudformation:stack-name'];
    if (stack !== undefined) notes.push(stackNote(what, stack, tags));
    for (const [key, value] of Object.entries(tags)) {
      if (CONTROLLERS.some((pattern) => pattern.test(key))) {
        notes.push(`the tag ${key} of its ${what} names a controller, which may bring the rule back: change it there`);
      } else if (!key.startsWith('aws:') && (TOOLS.test(key) || TOOLS.test(value))) {
        notes.push(
          `the tag ${key} = ${value} of its ${what} names a tool, which may bring the rule back: change it there`,
        );
      }
    }
  }
  return notes;
}

function stackNote(what: string, stack: string, tags: Tags): string {
  const resource = tags['aws:cloudformation:logical-id'];
  const named = resource === undefined ? '' : ` (resource ${resource})`;
  return `its ${what} belongs to the CloudFormation stack ${stack}${named}: take the rule out of the template, or it comes back`;
}

/**
 * The import id of these resources is the rule's id. A group may hold the rule in its own block, too, or in an
 * `aws_security_group_rule`: then only the group is found.
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_ingress_rule
 */
export function terraformHint({ ruleId, groupId, direction }: Rule): TerraformHint {
  return {
    resource: `aws_vpc_security_group_${direction}_rule`,
    importId: ruleId,
    lookUp: [ruleId, groupId].map((id) => `terraform state list -id=${shellQuote(id)}`),
  };
}

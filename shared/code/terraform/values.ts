import * as z from 'zod';

/*
 * What the AWS provider keeps of security groups and their rules. Text, numbers and lists may be null or absent: in a
 * state since nothing was said, in a plan since it is not known before the apply too.
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/default_security_group
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group_rule
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_ingress_rule
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_egress_rule
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_rules_exclusive
 */

/** Longer than any CIDR, id or name of AWS. */
const text = z.string().max(1024).nullish();
const number = z.number().nullish();
const texts = z.array(z.string().max(1024).nullable()).nullish();
const flag = z.boolean().nullish();

/** A block `ingress` or `egress` of a group, and what `aws_security_group_rule` has in common with it. */
const permission = z.object({
  protocol: text,
  from_port: number,
  to_port: number,
  cidr_blocks: texts,
  ipv6_cidr_blocks: texts,
  prefix_list_ids: texts,
  security_groups: texts,
  self: flag,
  description: text,
});
export type Permission = z.output<typeof permission>;

const blocks = z.array(permission.nullable()).nullish();
/** `aws_security_group` and `aws_default_security_group`. */
const groupValues = z.object({
  id: text,
  vpc_id: text,
  revoke_rules_on_delete: flag,
  ingress: blocks,
  egress: blocks,
});

/** `aws_security_group_rule`: `security_group_rule_id` where it stands for one rule; `id` is none of AWS. */
const listRule = permission.extend({
  type: text,
  security_group_id: text,
  source_security_group_id: text,
  security_group_rule_id: text,
});

/** `aws_vpc_security_group_ingress_rule` and `…_egress_rule`: one rule each. */
const singleRule = z.object({
  id: text,
  security_group_rule_id: text,
  security_group_id: text,
  ip_protocol: text,
  from_port: number,
  to_port: number,
  cidr_ipv4: text,
  cidr_ipv6: text,
  prefix_list_id: text,
  referenced_security_group_id: text,
});

/** `aws_vpc_security_group_rules_exclusive`: the rules of a group that are on no list of it are removed. */
const exclusive = z.object({ security_group_id: text, ingress_rule_ids: texts, egress_rule_ids: texts });

/** By type of resource. */
const SHAPES = {
  aws_security_group: groupValues,
  aws_default_security_group: groupValues,
  aws_security_group_rule: listRule,
  aws_vpc_security_group_ingress_rule: singleRule,
  aws_vpc_security_group_egress_rule: singleRule,
  aws_vpc_security_group_rules_exclusive: exclusive,
} as const;

type Shapes = typeof SHAPES;
export type RuleType = keyof Shapes;
/** The values of one resource of a type that has to do with rules. */
export type RuleValues = {
  readonly [T in RuleType]: { readonly type: T; readonly values: z.output<Shapes[T]> };
}[RuleType];
export type ValuesOf<T extends RuleType> = Extract<RuleValues, { readonly type: T }>['values'];

export function isRuleType(type: string): type is RuleType {
  return Object.hasOwn(SHAPES, type);
}

/**
 * The values as they are used.
 *
 * @param where file and address, for the message
 * @throws Error of one line that names the value which is not what the provider keeps there
 */
export function ruleValues(type: RuleType, values: unknown, where: string): RuleValues {
  const { success, data, error } = SHAPES[type].safeParse(values);
  if (success) return { type, values: data } as RuleValues;
  const [issue] = error.issues;
  throw new Error(`${where}: values.${issue!.path.join('.')}: ${issue!.message}`);
}

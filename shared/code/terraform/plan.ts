import * as z from 'zod';
import { FORMAT_VERSION, instead } from './state.ts';

/*
 * What `terraform show -json` prints of a plan; OpenTofu prints the same. `complete` came with 1.8 of Terraform, `errored`
 * with 1.5.
 * https://developer.hashicorp.com/terraform/internals/json-format
 */

const change = z.object({
  actions: z.array(z.string()),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  /** An object like `after`, `true` for whatever is not known before the apply. */
  after_unknown: z.unknown().optional(),
});

const resourceChange = z.object({
  address: z.string().max(4096),
  /** Set where a `moved` block gave the resource its address. */
  previous_address: z.string().max(4096).nullish(),
  mode: z.string().nullish(),
  type: z.string(),
  /** Set for an object that a replacement left behind. */
  deposed: z.string().nullish(),
  change,
});
export type ResourceChange = z.output<typeof resourceChange>;

const PLAN = z.object({
  format_version: FORMAT_VERSION,
  resource_changes: z.array(resourceChange).nullish(),
  errored: z.boolean().nullish(),
  complete: z.boolean().nullish(),
});

export interface TerraformPlan {
  /** Of managed resources. */
  readonly changes: readonly ResourceChange[];
  /** False where Terraform put off a part of it, which comes in a plan of its own. */
  readonly isComplete: boolean;
}

/**
 * A plan.
 *
 * @param name of the file, for messages
 * @throws Error of one line that names the file and says what it is not
 */
export function terraformPlan(name: string, content: unknown): TerraformPlan {
  const { success, data, error } = PLAN.safeParse(content);
  const isPlan = typeof content === 'object' && content !== null && 'planned_values' in content;
  if (!success) {
    if (!isPlan) throw new Error(`${name}: not what 'terraform show -json PLAN' prints of a plan: ${instead(content)}`);
    const [issue] = error.issues;
    throw new Error(`${name}: not the plan of a version that is known: ${issue!.path.join('.')}: ${issue!.message}`);
  }
  if (!isPlan && !data.resource_changes) {
    throw new Error(
      `${name}: not a plan but a state: run 'terraform plan -out tfplan', then 'terraform show -json tfplan'`,
    );
  }
  if (data.errored === true)
    throw new Error(`${name}: the plan ended with an error, so it does not tell all it would do`);
  const changes = (data.resource_changes ?? []).filter(({ mode }) => mode !== 'data');
  return { changes, isComplete: data.complete ?? true };
}

/** For people. Text of others. */
export function changeName({ address, deposed }: ResourceChange): string {
  return deposed === null || deposed === undefined ? address : `${address} (deposed)`;
}

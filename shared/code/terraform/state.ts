import * as z from 'zod';
import { quoted } from '../../text/plain.ts';
import { isRuleType, ruleValues, type RuleValues } from './values.ts';

/** The resources of one state that have to do with rules. */
export interface TerraformState {
  /** For messages and reports: the file. */
  readonly name: string;
  readonly resources: readonly StateResource[];
}

/** One instance of a resource. */
export interface StateResource {
  /** As Terraform writes it: `module.net["a"].aws_security_group.web[0]`. */
  readonly address: string;
  /** Address of its module; `''` for the root. */
  readonly module: string;
  readonly name: string;
  /** Key of `for_each`, number of `count`; undefined without either. */
  readonly index: string | number | undefined;
  readonly values: RuleValues;
}

/*
 * Terraform and OpenTofu write the same, and add to it within a major version.
 * https://developer.hashicorp.com/terraform/internals/json-format
 * https://opentofu.org/docs/internals/json-format/
 */
export const FORMAT_VERSION = z.string().regex(/^1\.\d+$/);

const STATE = z.object({
  format_version: FORMAT_VERSION,
  values: z.object({ root_module: z.unknown().optional() }).nullish(),
});
const MODULE = z.object({
  address: z.string().max(4096).nullish(),
  resources: z.array(z.unknown()).nullish(),
  child_modules: z.array(z.unknown()).nullish(),
});
const RESOURCE = z.object({
  address: z.string().max(4096),
  mode: z.string(),
  type: z.string(),
  name: z.string(),
  index: z.union([z.string(), z.number()]).nullish(),
  values: z.unknown().optional(),
});

/**
 * What `terraform show -json` printed of a state.
 *
 * @param name of the file, for messages
 * @throws Error of one line that names the file and says what it is not
 */
export function terraformState(name: string, content: unknown): TerraformState {
  const { success, data } = STATE.safeParse(content);
  if (!success) throw new Error(`${name}: not the output of 'terraform show -json': ${instead(content)}`);
  if (isObject(content) && ('resource_changes' in content || 'planned_values' in content)) {
    throw new Error(`${name}: a plan, not a state: give what 'terraform show -json' prints without a plan file`);
  }
  const resources: StateResource[] = [];
  // By a list, not by recursion: how deep modules lie is up to the file.
  const left: unknown[] = data.values?.root_module === undefined ? [] : [data.values.root_module];
  while (left.length > 0) {
    const module = parsed(MODULE, left.pop(), name, 'a module');
    for (const child of (module.child_modules ?? []).toReversed()) left.push(child);
    for (const raw of module.resources ?? []) {
      if (!isRuleResource(raw)) continue;
      const resource = parsed(RESOURCE, raw, name, 'a resource');
      if (resource.mode !== 'managed' || !isRuleType(resource.type)) continue;
      const values = ruleValues(resource.type, resource.values, `${name}: ${resource.address}`);
      const { address, index } = resource;
      resources.push({ address, module: module.address ?? '', name: resource.name, index: index ?? undefined, values });
    }
  }
  return { name, resources };
}

function isRuleResource(raw: unknown): boolean {
  return isObject(raw) && typeof raw.type === 'string' && isRuleType(raw.type);
}

function parsed<T>(shape: z.ZodType<T>, raw: unknown, name: string, what: string): T {
  const { success, data, error } = shape.safeParse(raw);
  if (success) return data;
  const [issue] = error.issues;
  throw new Error(
    `${name}: ${what} is not what 'terraform show -json' prints: ${issue!.path.join('.')}: ${issue!.message}`,
  );
}

/** What the file seems to be, and how the right one is made. */
export function instead(content: unknown): string {
  if (!isObject(content)) return 'it holds no JSON object';
  if (content.version === 4 && 'lineage' in content) {
    return "it is a raw state, whose format is Terraform's own: run 'terraform show -json > state.json' where it belongs to";
  }
  const { format_version: version } = content;
  if (typeof version === 'string') return `its format_version is ${quoted(version)}, and 1.x is known`;
  return 'it has no format_version';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

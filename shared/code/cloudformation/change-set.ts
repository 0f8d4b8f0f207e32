import * as z from 'zod';
import { itemsOf } from '../../inventory/page-items.ts';
import type { JsonPage } from '../../inventory/json-pages.ts';
import { quoted } from '../../text/plain.ts';

/*
 * What `aws cloudformation describe-change-set --include-property-values` prints.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
 */

const text = z.string().nullish();

const resourceChange = z.object({
  /** Add, Modify, Remove, Import, Dynamic or SyncWithActual. */
  Action: z.string(),
  LogicalResourceId: z.string().max(256),
  PhysicalResourceId: text,
  ResourceType: z.string(),
  /** True, False or Conditional. */
  Replacement: text,
  /** Retain: what is removed from the stack stays in the account. */
  PolicyAction: text,
  /** Of a nested stack. */
  ChangeSetId: text,
  /** JSON: `{"Properties": {…}}`; only with the option. */
  BeforeContext: text,
  AfterContext: text,
});
export type StackResourceChange = z.output<typeof resourceChange>;

const change = z.object({ Type: text, ResourceChange: resourceChange.nullish() });

export interface ChangeSet {
  readonly id: string | undefined;
  readonly changes: readonly StackResourceChange[];
}

/**
 * A change set.
 *
 * @param pages of one file
 * @throws Error of one line that names the file, where it is no change set or one that failed
 */
export function changeSet(pages: readonly JsonPage[]): ChangeSet {
  for (const { source, value } of pages) {
    const { Status: status, StatusReason: reason } = value;
    if (!Array.isArray(value.Changes)) {
      throw new Error(`${source}: not what 'aws cloudformation describe-change-set' prints: it has no Changes`);
    }
    if (status !== undefined && status !== 'CREATE_COMPLETE') {
      throw new Error(`${source}: the change set is ${statusText(status)}: ${statusText(reason ?? '')}`);
    }
  }
  const id = pages[0]?.value.ChangeSetId;
  const changes = itemsOf(pages, 'Changes', change).flatMap(({ ResourceChange }) => ResourceChange ?? []);
  return { id: typeof id === 'string' ? id : undefined, changes };
}

function statusText(value: unknown): string {
  return typeof value === 'string' ? quoted(value, 120) : 'no text';
}

import * as z from 'zod';
import type { Direction } from '../protocols.ts';

/** A rule's reference to a group, of which AWS says that it leads nowhere. */
export interface StaleReference {
  readonly groupId: string;
  readonly direction: Direction;
  readonly referencedGroupId: string;
  /** Of the peering connection, as AWS says it, say `deleted`; `''` where none is named. */
  readonly peeringStatus: string;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const pair = z.object({ GroupId: text, PeeringStatus: text });
const permissions = z
  .array(z.object({ UserIdGroupPairs: z.array(pair).nullish() }))
  .nullish()
  .transform((list) => (list ?? []).flatMap(({ UserIdGroupPairs }) => UserIdGroupPairs ?? []));
const staleGroup = z.object({ GroupId: text, StaleIpPermissions: permissions, StaleIpPermissionsEgress: permissions });

/**
 * Reads the items of DescribeStaleSecurityGroups (`StaleSecurityGroupSet` of a snapshot, or of
 * `stale-security-groups.json`). What it cannot read it leaves out: such a reference counts as one that leads somewhere.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StaleSecurityGroup.html
 */
export function staleReferences(items: readonly unknown[]): StaleReference[] {
  return items.flatMap((item) => {
    const { success, data } = staleGroup.safeParse(item);
    if (!success) return [];
    const { GroupId: groupId, StaleIpPermissions: ingress, StaleIpPermissionsEgress: egress } = data;
    return (['ingress', 'egress'] as const).flatMap((direction) =>
      (direction === 'ingress' ? ingress : egress).map((one) => ({
        groupId,
        direction,
        referencedGroupId: one.GroupId,
        peeringStatus: one.PeeringStatus,
      })),
    );
  });
}

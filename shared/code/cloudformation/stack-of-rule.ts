import * as z from 'zod';
import type { Group, Rule } from '../../inventory/inventory.ts';

/** Where CloudFormation, or the CDK, declares a rule or the group that holds it. All of it is text of others. */
export interface StackPlace {
  readonly stack: string;
  readonly logicalId: string;
  /** What the resource is: a rule of its own, or the group, in whose lists the rule stands unless a resource of its own has it. */
  readonly of: 'rule' | 'group';
  /** `Net/Web/Resource`, as in the metadata `aws:cdk:path`; undefined where no `cdk.out` tells. */
  readonly constructPath: string | undefined;
}

/**
 * An item of `StackResources`, as `aws cloudformation describe-stack-resources` prints it. Of a rule the physical id is
 * `sgr-…`, of a group `sg-…`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResource.html
 */
export const stackResource = z.object({
  StackName: z.string().max(1024),
  LogicalResourceId: z.string().max(256),
  PhysicalResourceId: z.string().max(1024).nullish(),
  ResourceType: z.string(),
  ResourceStatus: z.string().nullish(),
});
export type StackResource = z.output<typeof stackResource>;

/** By stack and logical id, as {@link constructPaths} makes it. */
export type ConstructPaths = ReadonlyMap<string, string>;

export interface StackFacts {
  readonly resources?: readonly StackResource[];
  readonly paths?: ConstructPaths;
}

/**
 * Which stack declares the rule, as far as tags and resources tell. AWS tags what CloudFormation makes; resources that are
 * deleted count no more.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
 */
export function stackOfRule(
  { ruleId, groupId, tags }: Pick<Rule, 'ruleId' | 'groupId' | 'tags'>,
  group: Pick<Group, 'tags'> | undefined,
  { resources = [], paths }: StackFacts = {},
): StackPlace | undefined {
  const listed = (id: string) =>
    resources.find((one) => one.PhysicalResourceId === id && one.ResourceStatus !== 'DELETE_COMPLETE');
  for (const [of, id, own] of [
    ['rule', ruleId, tags],
    ['group', groupId, group?.tags ?? {}],
  ] as const) {
    const found = listed(id);
    const stack = found?.StackName ?? own['aws:cloudformation:stack-name'];
    const logicalId = found?.LogicalResourceId ?? own['aws:cloudformation:logical-id'];
    if (stack === undefined || logicalId === undefined) continue;
    return { stack, logicalId, of, constructPath: paths?.get(pathKey(stack, logicalId)) };
  }
  return undefined;
}

/** What the metadata of a cloud assembly says of a construct. */
const metadata = z.record(z.string(), z.array(z.object({ type: z.string(), data: z.unknown().optional() })));
const manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.object({ stackName: z.string().nullish() }).nullish(),
      metadata: metadata.nullish(),
      additionalMetadataFile: z.string().nullish(),
    }),
  ),
});

/**
 * The construct paths in `cdk.out`: of a stack, in its `manifest.json`, or in the file that this names as
 * `additionalMetadataFile`, as newer versions write it.
 * https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema.ArtifactManifest.html
 *
 * @param file a file of the folder, as JSON; undefined where there is none
 * @throws Error of one line where the manifest is none
 */
export function constructPaths(file: (name: string) => unknown): ConstructPaths {
  const { success, data } = manifest.safeParse(file('manifest.json'));
  if (!success) throw new Error('manifest.json: not what the CDK writes into cdk.out');
  const paths = new Map<string, string>();
  for (const [name, { type, properties, metadata: own, additionalMetadataFile: more }] of Object.entries(
    data.artifacts,
  )) {
    if (type !== 'aws:cloudformation:stack') continue;
    const beside = more === null || more === undefined || !/^[\w.-]+$/.test(more) ? undefined : file(more);
    const told = [own, metadata.safeParse(beside).data].flatMap((one) => Object.entries(one ?? {}));
    for (const [path, entries] of told) {
      for (const entry of entries) {
        if (entry.type !== 'aws:cdk:logicalId' || typeof entry.data !== 'string') continue;
        paths.set(pathKey(properties?.stackName ?? name, entry.data), path.replace(/^\//, ''));
      }
    }
  }
  return paths;
}

function pathKey(stack: string, logicalId: string): string {
  return JSON.stringify([stack, logicalId]);
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import { addStacks, type Stacks } from '../../infra/add-stacks.ts';
import { parseConfig, readConfig, type Config } from '../../infra/config.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const EXAMPLES = join(ROOT, 'infra/examples');
const EXAMPLE = join(EXAMPLES, 'existing-bucket.json');

export type Properties = Readonly<Record<string, unknown>>;

interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Resources: Resources;
  readonly Parameters?: Readonly<Record<string, Properties>>;
  readonly Rules?: Properties;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** By logical id. */
export type Resources = Readonly<Record<string, Resource>>;

export interface Synthesized {
  readonly data: Resources;
  readonly services: Resources;
  readonly templates: { readonly data: Template; readonly services: Template };
  /** What the account of a central bucket is to deploy. */
  readonly logAccount: Template | undefined;
  /** The cloud assembly: remove it. */
  readonly folder: string;
}

/** As `cdk synth` does it, with the settings of cdk.json. Throws what the checks find. */
export function synthesize(config: Config = readConfig(EXAMPLE), change?: (stacks: Stacks) => void): Synthesized {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  const folder = mkdtempSync(join(tmpdir(), 'stale-sg-synth-'));
  try {
    const app = new App({ outdir: folder, context, analyticsReporting: false });
    const stacks = addStacks(app, config);
    change?.(stacks);
    const assembly = app.synth();
    const [data, services] = [stacks.data, stacks.services].map(
      ({ stackName }) => assembly.getStackByName(stackName).template as Template,
    ) as [Template, Template];
    const logAccount = assembly.nestedAssemblies[0]?.nestedAssembly.stacks[0]?.template as Template | undefined;
    return { data: data.Resources, services: services.Resources, templates: { data, services }, logAccount, folder };
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
}

/** An example by its name, without what is written beside its templates. */
export function synthesizeExample(name: string): Omit<Synthesized, 'folder'> {
  const known = examples.get(name);
  if (known) return known;
  const { folder, ...synthesized } = synthesize(readConfig(join(EXAMPLES, `${name}.json`)));
  rmSync(folder, { recursive: true });
  examples.set(name, synthesized);
  return synthesized;
}

/** Those of this test file. */
const examples = new Map<string, Omit<Synthesized, 'folder'>>();

/** The services with other settings than those of the example. */
export function servicesWith(changes: object): Resources {
  const example = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as object;
  const { services, folder } = synthesize(parseConfig({ ...example, ...changes }));
  rmSync(folder, { recursive: true });
  return services;
}

export function all(resources: Resources, type: string): readonly Properties[] {
  return Object.values(resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));
}

/** The one resource of a type; with `where`, the one that has these properties. */
export function one(resources: Resources, type: string, where: Properties = {}): Properties {
  const found = all(resources, type).filter((properties) =>
    Object.entries(where).every(([name, value]) => properties[name] === value),
  );
  if (found.length !== 1) throw new Error(`${found.length} of ${type} with ${JSON.stringify(where)}`);
  return found[0]!;
}

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::AccountId': '<account>',
  'AWS::Region': '<region>',
};
const NAMES = ['FunctionName', 'QueueName', 'LogGroupName', 'TopicName', 'StateMachineName', 'Name'];

/** A value of a template as text: joins are joined, resources stand as their names, pseudo parameters in brackets. */
export function plain(value: unknown, resources: Resources): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map((one) => plain(one, resources)).join();
  const {
    Ref,
    'Fn::GetAtt': got,
    'Fn::Join': join,
  } = value as {
    Ref?: string;
    'Fn::GetAtt'?: [id: string, attribute: string];
    'Fn::Join'?: [separator: string, parts: unknown[]];
  };
  if (join) return join[1].map((part) => plain(part, resources)).join(join[0]);
  const id = Ref ?? got?.[0];
  if (id === undefined) throw new Error(`cannot read ${JSON.stringify(value)}`);
  const properties = resources[id]?.Properties ?? {};
  const name = NAMES.map((property) => properties[property]).find((it) => typeof it === 'string');
  return PSEUDO[id] ?? name ?? id;
}

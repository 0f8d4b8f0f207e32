import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CONSOLES } from '../../shared/console-links.ts';
import { ENVIRONMENT } from '../../shared/names.ts';
import { onceARun } from '../once-a-run.ts';
import { VARIANTS } from './variants.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const EXAMPLES = join(ROOT, 'infra/examples');

export type Properties = Readonly<Record<string, unknown>>;

interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Resources: Resources;
  readonly Mappings?: Readonly<Record<string, Properties>>;
  readonly Parameters?: Readonly<Record<string, Properties>>;
  readonly Rules?: Properties;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** By logical id. */
export type Resources = Readonly<Record<string, Resource>>;

export interface Synthesized {
  readonly data: Resources;
  readonly services: Resources;
  readonly setup: Resources;
  /** By stack, what is deployed before it. */
  readonly after: Readonly<Record<string, readonly string[]>>;
  /** The names of stacks that nobody removes by mistake. */
  readonly protectedStacks: readonly string[];
  readonly templates: Readonly<Record<'data' | 'services' | 'setup', Template>>;
  /** What the account of a central bucket is to deploy. */
  readonly logAccount: Template | undefined;
  /** What is in each bundle: its files and their hashes, by the key under which it is uploaded. */
  readonly assets: Readonly<Record<string, readonly string[]>>;
}

/** What is configured in an example. */
export function exampleOf(name: string): object {
  return JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8')) as object;
}

/** What a file of this folder prints, run by itself. @throws Error with all that it says if it fails */
async function outputOf(file: string, input: string): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], { env });
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [status, out, said] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (status !== 0) throw new Error(`${file}: ${said}`);
  return out;
}

/** What one process makes: of each example and variant, and why what must not be deployed is refused. */
export interface AllSynthesized {
  readonly made: readonly Synthesized[];
  readonly refused: string;
}

const CONFIGS = [
  ...readdirSync(EXAMPLES).map((file) => exampleOf(basename(file, '.json'))),
  ...Object.values(VARIANTS).map(withChanges),
].map((config) => JSON.stringify(config));

/** All at once and once a run: each takes a tenth of the time of the first. */
async function synthesizeAll(): Promise<AllSynthesized> {
  return onceARun('synthesized', async () => {
    return JSON.parse(await outputOf('synthesize-process.ts', `[${CONFIGS.join()}]`)) as AllSynthesized;
  });
}

async function synthesize(config: object): Promise<Synthesized> {
  const wanted = JSON.stringify(config);
  const index = CONFIGS.indexOf(wanted);
  if (index < 0) throw new Error(`neither an example nor one of variants.ts: ${wanted}`);
  return (await synthesizeAll()).made[index]!;
}

/** Why what `refused.ts` adds is not synthesized: all findings. */
export async function refusal(): Promise<string> {
  return (await synthesizeAll()).refused;
}

/** An example by its name. */
export async function synthesizeExample(name: string): Promise<Synthesized> {
  return synthesize(exampleOf(name));
}

/** With other settings than those of the usual example. */
export async function synthesizeWith(changes: object): Promise<Synthesized> {
  return synthesize(withChanges(changes));
}

/** The services with other settings than those of the usual example. */
export async function servicesWith(changes: object): Promise<Resources> {
  const { services } = await synthesizeWith(changes);
  return services;
}

function withChanges(changes: object): object {
  return { ...exampleOf('existing-bucket'), ...changes };
}

/** Of every file in a folder, its name and the SHA-256 of its bytes. */
export function hashesIn(folder: string): string[] {
  return readdirSync(folder).map((file) => {
    const bytes = readFileSync(join(folder, file));
    return `${file} ${createHash('sha256').update(bytes).digest('hex')}`;
  });
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
  'AWS::URLSuffix': 'amazonaws.com',
};
const NAMES = ['FunctionName', 'QueueName', 'LogGroupName', 'TopicName', 'StateMachineName', 'Name'];

/** A value of a template as text: joins are joined, resources stand as their names, pseudo parameters in brackets, or as in the commercial partition. */
export function plain(value: unknown, resources: Resources): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map((one) => plain(one, resources)).join();
  const {
    Ref,
    'Fn::GetAtt': got,
    'Fn::Join': join,
    'Fn::FindInMap': found,
  } = value as {
    Ref?: string;
    'Fn::GetAtt'?: [id: string, attribute: string];
    'Fn::Join'?: [separator: string, parts: unknown[]];
    'Fn::FindInMap'?: [map: string, partition: unknown, of: 'host'];
  };
  if (join) return join[1].map((part) => plain(part, resources)).join(join[0]);
  // The only map there is.
  if (found) return CONSOLES[plain(found[1], resources) as keyof typeof CONSOLES];
  const id = Ref ?? got?.[0];
  if (id === undefined) throw new Error(`cannot read ${JSON.stringify(value)}`);
  const properties = resources[id]?.Properties ?? {};
  const name = NAMES.map((property) => properties[property]).find((it) => typeof it === 'string');
  return PSEUDO[id] ?? name ?? id;
}

/** What URLs of queues begin with. */
export const QUEUES = 'https://sqs.<region>.amazonaws.com/<account>/';

/**
 * What a function is told, by name. The `Ref` of a queue is its URL.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html
 */
export function variablesOf({ Environment }: Properties, resources: Resources): readonly (readonly [string, string])[] {
  const { Variables } = Environment as { Variables: Readonly<Record<string, unknown>> };
  return Object.entries(Variables).map(([name, value]) => {
    const text = plain(value, resources);
    return [name, name === ENVIRONMENT.queueUrl ? `${QUEUES}${text}` : text] as const;
  });
}

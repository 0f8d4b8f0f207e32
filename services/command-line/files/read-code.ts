import { readFile, readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import {
  constructPaths,
  stackResource,
  type ConstructPaths,
  type StackFacts,
} from '../../../shared/code/cloudformation/stack-of-rule.ts';
import { TerraformCode } from '../../../shared/code/terraform/code.ts';
import { terraformState, type TerraformState } from '../../../shared/code/terraform/state.ts';
import { itemsOf } from '../../../shared/inventory/page-items.ts';
import { compareText } from '../../../shared/text/compare.ts';
import { namedError } from '../../../shared/text/named-error.ts';

/** Node cannot hold a longer text than 512 Mi characters. */
const MAX_FILE_BYTES = 500 * 2 ** 20;
/** Of code; larger ones are no code that a person wrote. */
const MAX_CODE_BYTES = 2 ** 20;
const MAX_CODE_FILES = 20_000;

/**
 * A file of JSON that a tool of infrastructure as code printed. Also in UTF-16, as PowerShell's `>` writes it.
 *
 * @throws Error of one line that names the file
 */
export async function readCodeJson(path: string): Promise<unknown> {
  const text = await readCodeText(path, MAX_FILE_BYTES);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Error(`${path}: not JSON, as 'show -json' and the AWS CLI print it`, { cause });
  }
}

/** States as `terraform show -json` printed them, one a file. */
export async function readTerraformStates(paths: readonly string[]): Promise<TerraformState[]> {
  const states: TerraformState[] = [];
  for (const path of paths) states.push(terraformState(path, await readCodeJson(path)));
  return states;
}

/**
 * The files `*.tf` and `*.tf.json` below a folder, by their paths in it. What Terraform fetched (`.terraform`), and other hidden folders, is no
 * code to change.
 *
 * @throws Error of one line where there are none, or too many
 */
export async function readTerraformCode(folder: string): Promise<TerraformCode> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw namedError(folder, error);
  });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.tf(?:\.json)?$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !/(?:^|\/)\./.test(path))
    .sort(compareText);
  if (paths.length === 0) throw new Error(`${folder}: no file *.tf or *.tf.json below it`);
  if (paths.length > MAX_CODE_FILES)
    throw new Error(`${folder}: more than ${MAX_CODE_FILES} files of Terraform below it`);
  const files = new Map<string, string>();
  for (const path of paths) files.set(path, await readCodeText(join(folder, path), MAX_CODE_BYTES));
  return new TerraformCode(files);
}

/**
 * What tells of stacks: files that `aws cloudformation describe-stack-resources` printed, and `cdk.out`, with the assemblies of
 * stages in it.
 *
 * @throws Error of one line that names what is none
 */
export async function readStackFacts(files: readonly string[], cdkOut?: string): Promise<StackFacts> {
  const pages = [];
  for (const source of files)
    pages.push({ source, value: Object(await readCodeJson(source)) as Record<string, unknown> });
  const resources = pages.flatMap((page) => itemsOf([page], 'StackResources', stackResource));
  return cdkOut === undefined ? { resources } : { resources, paths: await readConstructPaths(cdkOut) };
}

async function readConstructPaths(folder: string): Promise<ConstructPaths> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw namedError(folder, error);
  });
  const contents = new Map<string, unknown>();
  for (const name of names) {
    if (/^(?:manifest|.+\.metadata)\.json$/.test(name)) contents.set(name, await readCodeJson(join(folder, name)));
  }
  let paths: ConstructPaths;
  try {
    paths = constructPaths((name) => contents.get(name));
  } catch (error) {
    throw namedError(folder, error);
  }
  for (const name of names.filter((one) => one.startsWith('assembly-'))) {
    paths = new Map([...paths, ...(await readConstructPaths(join(folder, name)))]);
  }
  return paths;
}

async function readCodeText(path: string, maxBytes: number): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw new Error(`${path}: ${Math.ceil(size / 2 ** 20)} MiB, more than can be read`);
    const bytes = await readFile(path);
    const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
    return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
  } catch (error) {
    throw namedError(path, error);
  }
}

import { readFileSync } from 'node:fs';
import type { Command, Option } from 'commander';
import * as z from 'zod';
import { namedError } from '../../../shared/text/named-error.ts';
import { parsedJson } from './json-file.ts';
import { plainText, shown } from '../../../shared/text/plain.ts';

/** In the folder where the program is called. */
const OPTION_FILE = 'stale-sg.json';
/** Names another one; empty, none: for who runs in a folder that others write. */
const VARIABLE = 'STALE_SG_OPTIONS';
/** Of options that every command gets which has them. */
const ALL = '*';

const VALUES = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]));
/** By command, then by option without its dashes. */
const FILE = z.record(z.string(), VALUES);

export const OPTION_FILE_HELP = `Options that are the same in every call may stand in
${OPTION_FILE}, by command, "*" for all:
  {"*": {"inventory": ["inv"]}, "analyze": {"owner-tag": "team"}}
${VARIABLE} names another file; empty, none.`;

type Values = z.output<typeof VALUES>;

/**
 * What a file says of options that are the same in every call: `{"*": {"inventory": ["inv"]}, "analyze": {"owner-tag": "team"}}`.
 * Undefined where there is none.
 *
 * @throws Error of one line that names the file and what of it is wrong
 */
function readOptionFile(): { readonly path: string; readonly options: z.output<typeof FILE> } | undefined {
  const named = process.env[VARIABLE];
  if (named === '') return undefined;
  const path = named ?? OPTION_FILE;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw namedError(path, error);
  }
  return { path, options: parsedJson(path, text, FILE, 'options by command') };
}

/** The arguments of a call, with those of a file. */
export interface Completed {
  readonly args: readonly string[];
  /** Which of them are the file's, in one line of plain text; undefined where none is. */
  readonly told: string | undefined;
}

/**
 * The arguments of a call with those of the file behind them that it does not give itself, and that do not stand against one which
 * it gives.
 *
 * @param others all commands; asked for where this one lacks an option that is meant for all
 */
export async function withOptionFile(
  args: readonly string[],
  command: Command,
  others: () => Promise<readonly Command[]>,
): Promise<Completed> {
  const file = readOptionFile();
  if (!file) return { args, told: undefined };
  const { path, options } = file;
  const byName = new Map(command.options.map((option) => [nameOf(option), option]));
  const own = options[command.name()] ?? {};
  for (const name of Object.keys(own)) {
    if (!byName.has(name)) throw new Error(`${path}: ${command.name()} has no option ${shown(name)}`);
  }
  const common = options[ALL] ?? {};
  const foreign = Object.keys(common).filter((name) => !byName.has(name));
  const known = foreign.length === 0 ? [] : (await others()).flatMap(({ options: some }) => some.map(nameOf));
  for (const name of foreign) {
    if (!known.includes(name)) throw new Error(`${path}: no command has an option ${shown(name)}`);
  }
  const values: Values = { ...common, ...own };
  const end = args.indexOf('--');
  const [before, behind] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end)];
  const given = command.options.filter((option) => isGiven(option, before));
  const added = Object.entries(values).flatMap(([name, value]) => {
    const option = byName.get(name);
    return !option || given.some((other) => excludes(other, option)) ? [] : argumentsOf(option, value, path);
  });
  const names = [...new Set(added.map((one) => one.replace(/=.*/s, '')))];
  const told = names.length === 0 ? undefined : `options of ${plainText(path)}: ${names.join(', ')}`;
  return { args: [...before, ...added, ...behind], told };
}

function nameOf(option: Option): string {
  return option.long!.replace(/^--/, '');
}

function isGiven({ long, short }: Option, args: readonly string[]): boolean {
  return args.some((arg) => arg === long || arg === short || arg.startsWith(`${long!}=`));
}

function excludes(given: Option, option: Option): boolean {
  const [one, other] = [given.attributeName(), option.attributeName()];
  return one === other || conflictsOf(given).includes(other) || conflictsOf(option).includes(one);
}

/** What was given to `conflicts`, which commander keeps, and leaves out of its types. */
function conflictsOf(option: Option): readonly string[] {
  return (option as Option & { readonly conflictsWith: readonly string[] }).conflictsWith;
}

function argumentsOf({ long, variadic, required }: Option, value: Values[string], path: string): string[] {
  const isFlag = typeof value === 'boolean';
  if (isFlag === required || (Array.isArray(value) && !variadic)) {
    const wanted = required ? (variadic ? 'a text or a list of texts' : 'a text or a number') : 'true or false';
    throw new Error(`${path}: ${long!} takes ${wanted}`);
  }
  if (isFlag) return value ? [long!] : [];
  return (Array.isArray(value) ? value : [String(value)]).map((one) => `${long!}=${one}`);
}

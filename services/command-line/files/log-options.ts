import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseDay } from '../terminal/options.ts';
import { findColumns } from '../../../shared/flowlogs/fields.ts';
import { fieldsOfLogFormat } from '../../../shared/flowlogs/line-format.ts';
import type { LogOptions } from './asked-days.ts';
import { dryRunText } from './dry-run.ts';
import { findLogFiles } from './find-log-files.ts';

/** For a command that reads flow logs. An option that it has already counts for both. */
export function withLogOptions(command: Command): Command {
  const options = [
    new Option('--from <date>', 'first UTC day of the logs that counts (default: all days)').argParser(parseDay),
    new Option('--to <date>', 'last UTC day of the logs that counts').argParser(parseDay),
    new Option('--profile <name>', "to read logs in S3: profile of the AWS configuration (default: the SDK's own)"),
    new Option('--region <region>', "to read logs in S3: the first AWS region to ask (default: the SDK's own)"),
    new Option('--role-arn <arn>', 'to read logs in S3: role to assume').argParser(parseRoleArn),
    logFormatOption(),
  ];
  for (const option of options) {
    if (!command.options.some(({ long }) => long === option.long)) command.addOption(option);
  }
  return command;
}

export function logFormatOption(): Option {
  return new Option(
    '--log-format <format>',
    "fields of lines without a header, as in a flow log's LogFormat (default: as flow-logs.json of the inventory tells, " +
      'else the default format)',
  ).argParser(parseLogFormat);
}

const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/;

function parseRoleArn(text: string): string {
  if (ROLE_ARN.test(text)) return text;
  throw new InvalidArgumentError('Give a role such as arn:aws:iam::111122223333:role/log-reader.');
}

function parseLogFormat(text: string): readonly string[] {
  const fields = fieldsOfLogFormat(text);
  const format = text.length > 4096 ? 'longer than any' : findColumns(fields);
  if (typeof format !== 'string') return fields;
  throw new InvalidArgumentError(`Give names of fields such as '\${version} \${account-id} …': ${format}.`);
}

export interface DryRunOptions {
  readonly dryRun?: true;
}

export function dryRunOption(): Option {
  return new Option(
    '--dry-run',
    'say how much --logs leads to, how long it takes and what S3 charges, and read nothing',
  );
}

/**
 * Says what the reading of logs would come to, where that was asked for: files are looked for and not read.
 *
 * @returns whether it was
 */
export async function toldDryRun({
  dryRun,
  logs = [],
  ...options
}: DryRunOptions & LogOptions & { readonly logs?: readonly string[] }): Promise<boolean> {
  if (dryRun !== true) return false;
  process.stdout.write(dryRunText(await findLogFiles(logs, options)));
  return true;
}

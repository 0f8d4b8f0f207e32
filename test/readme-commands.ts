import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const SAMPLE = join(ROOT, 'services/command-line/sample');

/** Whose commands are run, one after the other in one folder, in the order in which a person reads them. */
const DOCUMENTS = [
  'README.md',
  'docs/get-started.md',
  'docs/verdicts.md',
  'docs/act.md',
  'docs/organization.md',
] as const;

/** The contents of a document's code blocks of one language, without their indent. */
export function blocks(document: string, language: string): string[] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const found = text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^\\1\`\`\`$`, 'gms'));
  return [...found].map(([, indent, block]) => block!.replaceAll(new RegExp(`^${indent!}`, 'gm'), ''));
}

/** Lines of the shell blocks of all of them. */
export const shellLines = DOCUMENTS.flatMap((document) => blocks(document, 'sh'))
  .flatMap((block) => block.trimEnd().split('\n'))
  .map((line) => line.trim());

const PROGRAM = 'npx stale-sg ';

/** Calls of the program among them, without its name; they may hold quotes. */
export const calls = [...new Set(shellLines)]
  .filter((line) => line.startsWith(PROGRAM))
  .map((line) => line.slice(PROGRAM.length));

/** Whether it reads an account, and so cannot be run by a test. */
export function needsAccount(call: string): boolean {
  return /^snapshot |s3:\/\/|--tables|--config/.test(call);
}

/** What is there in the documents when a call is made: an inventory `inv` and flow logs `logs` in the folder. */
export function furnish(folder: string): void {
  mkdirSync(folder, { recursive: true });
  cpSync(join(SAMPLE, 'inventory'), join(folder, 'inv'), { recursive: true });
  for (const name of ['logs', 'weeks-before']) cpSync(join(SAMPLE, name), join(folder, 'logs'), { recursive: true });
}

/** What a call that succeeds says on standard error, and its status. */
export function expectedOf(call: string): { status: number; stderr: string } {
  const holes = 'stale-sg: the logs cannot show all of it: lines that could not be read: 1\n';
  return { status: 0, stderr: call.startsWith('simulate ') ? holes : '' };
}

import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const SAMPLE = join(ROOT, 'services/command-line/sample');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The contents of the README's code blocks of one language. */
export function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text!);
}

/** Lines of its shell blocks. */
export const shellLines = blocks('sh').flatMap((block) => block.trimEnd().split('\n'));

/** Arguments of the calls of the program among them. */
export const calls = shellLines
  .filter((line) => line.startsWith('npx stale-sg '))
  .map((line) => line.split(' ').slice(2));

/** What a call needs that is there in the README: an inventory `inv` and flow logs `logs` in the folder. */
export function furnish(folder: string): void {
  mkdirSync(folder, { recursive: true });
  cpSync(join(SAMPLE, 'inventory'), join(folder, 'inv'), { recursive: true });
  for (const name of ['logs', 'weeks-before']) cpSync(join(SAMPLE, name), join(folder, 'logs'), { recursive: true });
}

/** Whether it reads an account, and so cannot be run by a test. */
export const needsAccount = (call: readonly string[]): boolean => call.some((word) => word.startsWith('s3://'));

/** What a call that succeeds says on standard error, and its status. */
export function expectedOf([command]: readonly string[]): { status: number; stderr: string } {
  const holes = 'stale-sg: the logs cannot show all of it: lines that could not be read: 1\n';
  return { status: 0, stderr: command === 'simulate' ? holes : '' };
}

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotInstalled } from '../beds/from-pypi.ts';

const HERE = import.meta.dirname;
export const FIXTURES = join(HERE, '../fixtures/terraform');

/**
 * Builds the stand-in for the AWS provider, for `terraform` to run in its place.
 *
 * @returns what Terraform is told of it, a file
 * @throws NotInstalled where Terraform or Go are not there, or what the provider needs cannot be fetched
 */
export function installProvider(): string {
  const folder = mkdtempSync(join(tmpdir(), 'terraform-provider-'));
  for (const [command, ...args] of [
    ['terraform', 'version'],
    ['go', 'build', '-o', join(folder, 'terraform-provider-aws'), '.'],
  ] as const) {
    const { status, error, stderr } = spawnSync(command, args, { cwd: join(HERE, 'provider'), encoding: 'utf8' });
    if (status === 0) continue;
    rmSync(folder, { recursive: true });
    throw new NotInstalled(
      `${command} ${args[0]} cannot be run: ${error?.message ?? stderr.trim().split('\n').at(-1)!}`,
    );
  }
  const settings = join(folder, 'terraformrc');
  writeFileSync(
    settings,
    `provider_installation {\n  dev_overrides { "hashicorp/aws" = ${JSON.stringify(folder)} }\n  direct {}\n}\n`,
  );
  return settings;
}

/** By name, what Terraform prints of the accounts here: of `forms` a state, of `changes` a state, and plans with the files of each case in the place of its own. */
export function terraformFiles(settings: string): Map<string, unknown> {
  const files = new Map<string, unknown>();
  const root = mkdtempSync(join(tmpdir(), 'terraform-'));
  const run = (folder: string, ...args: string[]): string =>
    execFileSync('terraform', args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TF_CLI_CONFIG_FILE: settings, CHECKPOINT_DISABLE: '1' },
    });
  try {
    const forms = join(root, 'forms');
    cpSync(join(HERE, 'forms'), forms, { recursive: true });
    run(forms, 'get');
    run(forms, 'apply', '-auto-approve');
    files.set('forms.json', shownOf(run(forms, 'show', '-json')));

    const [changes, cases] = [join(root, 'changes'), join(HERE, 'changes/after')];
    const begin = (): void => {
      for (const file of readdirSync(join(HERE, 'changes')).filter((name) => name.endsWith('.tf'))) {
        cpSync(join(HERE, 'changes', file), join(changes, file));
      }
    };
    begin();
    run(changes, 'apply', '-auto-approve');
    files.set('before.json', shownOf(run(changes, 'show', '-json')));
    for (const name of readdirSync(cases).sort()) {
      begin();
      cpSync(join(cases, name), changes, { recursive: true });
      run(changes, 'plan', '-out', 'tfplan');
      files.set(`plans/${name}.json`, shownOf(run(changes, 'show', '-json', 'tfplan')));
      rmSync(join(changes, 'more.tf'), { force: true });
    }
    return files;
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Without what differs each time, and of plans without the configuration and the states, which the program does not read. */
function shownOf(text: string): unknown {
  const differs = ['timestamp', 'configuration', 'prior_state', 'relevant_attributes'];
  const shown = Object.entries(JSON.parse(text) as object).filter(([key]) => !differs.includes(key));
  return Object.fromEntries(
    shown.map(([key, value]: [string, unknown]) => [key, key === 'planned_values' ? {} : value]),
  );
}

export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(join(FIXTURES, name), 'utf8'));
}

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { addStacks, type Stacks } from '../../infra/add-stacks.ts';
import { parseConfig } from '../../shared/configuration/config.ts';
import { hashesIn, ROOT, type Synthesized, type Template } from './synthesized.ts';

/** As `cdk synth` does it, with the settings of cdk.json. Throws what the checks find. */
export function synthesizeNow(config: object, change?: (stacks: Stacks) => void): Synthesized {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  const folder = mkdtempSync(join(tmpdir(), 'stale-sg-synth-'));
  try {
    const app = new App({ outdir: folder, context, analyticsReporting: false });
    const stacks = addStacks(app, parseConfig(config));
    change?.(stacks);
    const assembly = app.synth();
    const [data, services, setup] = [stacks.data, stacks.services, stacks.setup].map(({ stackName }) =>
      assembly.getStackByName(stackName),
    ) as [CloudFormationStackArtifact, CloudFormationStackArtifact, CloudFormationStackArtifact];
    const templateOf = ({ template }: CloudFormationStackArtifact) => template as Template;
    const logAccount = assembly.nestedAssemblies[0]?.nestedAssembly.stacks[0]?.template as Template | undefined;
    const assets = readdirSync(folder).filter((name) => name.startsWith('asset.'));
    return {
      data: templateOf(data).Resources,
      services: templateOf(services).Resources,
      setup: (setup.template as Partial<Template>).Resources ?? {},
      templates: { data: templateOf(data), services: templateOf(services), setup: templateOf(setup) },
      after: Object.fromEntries(
        [services, setup].map((stack) => [stack.stackName, stack.dependencies.map(({ id }) => id)]),
      ),
      protectedStacks: [data, services, setup].flatMap(({ stackName, terminationProtection }) =>
        terminationProtection ? [stackName] : [],
      ),
      logAccount,
      assets: Object.fromEntries(assets.map((name) => [name.slice('asset.'.length), hashesIn(join(folder, name))])),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

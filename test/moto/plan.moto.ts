// Costs about 20 seconds.
/**
 * The commands of a plan, run by the AWS CLI of PyPI against moto's EC2: away with rules of every shape, and back.
 * `npm run test:moto`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as ec2 from '@aws-sdk/client-ec2';
import { ec2Account } from '../../services/snapshot-groups/ec2-adapter.ts';
import { readAccount } from '../../services/snapshot-groups/read-account.ts';
import { planRemoval, windowsOf } from '../../shared/advice/removal/plan-removal.ts';
import { stageScript, undoScript } from '../../shared/advice/removal/plan-scripts.ts';
import type { Plan } from '../../shared/advice/removal/plan.ts';
import { unusedRule } from '../shared/advice/world.ts';
import { RemovalEvidence } from '../../shared/advice/removal/removal-evidence.ts';
import { readSnapshot, snapshotText } from '../../shared/inventory/snapshot-file.ts';
import { ruleContent } from '../../shared/inventory/content.ts';
import type { Inventory, Rule } from '../../shared/inventory/inventory.ts';
import { installFromPypi, orWhyNot } from '../beds/from-pypi.ts';
import { installMoto, Moto } from './moto-server.ts';

jest.setTimeout(600_000);

/** As on a machine that knows nothing but ASCII. */
const LANGUAGE = { LC_ALL: 'C' };
const SOCKET = 'aws.socket';

/** Loads the CLI once for all commands; lays a program `aws` into the folder, which has it do them. */
async function startCli(bin: string, folder: string): Promise<ChildProcess> {
  const [python, at] = [join(bin, 'python3'), (file: string) => join(import.meta.dirname, file)];
  const program = `#!/bin/sh\nexec '${python}' -IS '${at('aws.py')}' "$@"\n`;
  writeFileSync(join(folder, 'aws'), program, { mode: 0o755 });
  const child = spawn(python, [at('aws-server.py'), join(folder, SOCKET)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...LANGUAGE },
  });
  while (!existsSync(join(folder, SOCKET))) {
    if (child.exitCode !== null) throw new Error('the AWS CLI did not start');
    await sleep(50);
  }
  return child;
}

const { installed, missing } = orWhyNot(() => ({ program: installMoto(), bin: installFromPypi('awscli==1.46.3') }));

const REGION = 'eu-central-1';
const PLACE = { accountId: '123456789012', region: REGION };

/** The rule, whatever its id: all that a person sees of it. */
function inWords(rule: Rule): string {
  const { description, tags } = rule;
  const own = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${ruleContent(rule)} ${JSON.stringify([description, own])}`;
}

(installed ? describe : describe.skip)(`the commands of a plan in moto's EC2${missing}`, () => {
  let moto: Moto;
  let client: ec2.EC2Client;
  let before: Inventory;
  let plan: Plan;
  let cli: ChildProcess;
  const folder = mkdtempSync(join(tmpdir(), 'plan-moto-'));

  beforeAll(async () => {
    [moto, cli] = await Promise.all([Moto.start(installed!.program), startCli(installed!.bin, folder)]);
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    client = new ec2.EC2Client({ region: REGION, endpoint: moto.endpoint, credentials });
    await makeRules();
    before = await taken();
    plan = planOf(before);
  });
  afterAll(async () => {
    cli.kill();
    rmSync(folder, { recursive: true });
    client.destroy();
    await moto.stop();
  });

  /** One rule of each shape; each call makes one, since moto tags only the first. */
  async function makeRules(): Promise<void> {
    const { Vpc } = await client.send(new ec2.CreateVpcCommand({ CidrBlock: '10.20.0.0/16' }));
    const { Vpc: peer } = await client.send(new ec2.CreateVpcCommand({ CidrBlock: '10.30.0.0/16' }));
    const group = async (GroupName: string, VpcId: string): Promise<string> =>
      (await client.send(new ec2.CreateSecurityGroupCommand({ GroupName, Description: GroupName, VpcId }))).GroupId!;
    const web = await group('web', Vpc!.VpcId!);
    const far = await group('far', peer!.VpcId!);
    const { PrefixList } = await client.send(
      new ec2.CreateManagedPrefixListCommand({
        PrefixListName: 'offices',
        AddressFamily: 'IPv4',
        MaxEntries: 5,
        Entries: [{ Cidr: '198.51.100.0/25' }],
      }),
    );
    const tcp = (port: number) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port });
    const Description = `it's "old": $(touch pwned) \`x\` \\n; # é 🔥`;
    const ingress: ec2.IpPermission[] = [
      { ...tcp(22), IpRanges: [{ CidrIp: '10.0.0.0/8', Description }] },
      { ...tcp(0), Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32', Description: 'six' }] },
      { ...tcp(443), PrefixListIds: [{ PrefixListId: PrefixList!.PrefixListId!, Description: 'offices' }] },
      { ...tcp(8080), UserIdGroupPairs: [{ GroupId: web, Description: 'itself' }] },
      { ...tcp(5432), UserIdGroupPairs: [{ GroupId: far, UserId: PLACE.accountId, Description: 'peered' }] },
      { IpProtocol: 'udp', FromPort: 1, ToPort: 65_535, IpRanges: [{ CidrIp: '10.1.0.0/16' }] },
      { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
      { IpProtocol: 'icmp', FromPort: 0, ToPort: 0, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
      { IpProtocol: 'icmpv6', FromPort: -1, ToPort: -1, Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
      { IpProtocol: '-1', IpRanges: [{ CidrIp: '192.0.2.1/32' }] },
      { IpProtocol: '47', FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: '192.0.2.0/24', Description: 'GRE' }] },
    ];
    const Tags = [
      { Key: 'zeta', Value: `'; touch pwned; '` },
      { Key: 'Ünï 🔥', Value: '' },
      { Key: 'owner', Value: '$(touch pwned)\n"x"' },
    ];
    const tagged = [{ ResourceType: 'security-group-rule' as const, Tags }];
    for (const [i, permission] of ingress.entries()) {
      const TagSpecifications = i % 2 === 0 ? tagged : undefined;
      const input = { GroupId: web, IpPermissions: [permission], TagSpecifications };
      await client.send(new ec2.AuthorizeSecurityGroupIngressCommand(input));
    }
    const out = { ...tcp(53), IpRanges: [{ CidrIp: '10.20.0.2/32', Description: 'out' }] };
    await client.send(
      new ec2.AuthorizeSecurityGroupEgressCommand({ GroupId: web, IpPermissions: [out], TagSpecifications: tagged }),
    );
  }

  async function taken(): Promise<Inventory> {
    const described = await readAccount(ec2Account(client), new AbortController().signal);
    return readSnapshot(snapshotText(PLACE, described), 'moto').inventory;
  }

  const ours = ({ rules }: Inventory): Rule[] => rules.filter(({ groupName }) => groupName === 'web');

  function planOf(inventory: Inventory): Plan {
    const today = Math.floor(Date.now() / 86_400_000);
    const when = { asOf: 86_400 * today, windowDays: 1 };
    const evidence = new RemovalEvidence(inventory, windowsOf(when));
    const judged = ours(inventory).map(unusedRule);
    const days = { source: '', days: new Set([today - 1]) };
    const made = planRemoval(judged, inventory, evidence, days, when);
    return { ...made, stages: [{ ...made.stages[0]!, removals: made.stages.flatMap(({ removals }) => removals) }] };
  }

  async function sh(script: string, dryRun = ''): Promise<{ status: number; stdout: string; stderr: string }> {
    writeFileSync(join(folder, 'script.sh'), script);
    const child = spawn('sh', ['script.sh'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`,
        STALE_SG_AWS_SOCKET: join(folder, SOCKET),
        AWS_ENDPOINT_URL: moto.endpoint,
        DRY_RUN: dryRun,
        AWS_ACCESS_KEY_ID: 'testing',
        AWS_SECRET_ACCESS_KEY: 'testing',
        ...LANGUAGE,
      },
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { status: child.exitCode!, stdout, stderr };
  }

  test('every shape is there to begin with, and in the plan', () => {
    expect(ours(before)).toHaveLength(13);
    expect(plan.stages.map(({ removals }) => removals.length)).toEqual([13]);
    expect(plan.skipped).toEqual([]);
    const tags = new Set(ours(before).map(({ tags: own }) => Object.keys(own).length));
    expect([...tags].sort()).toEqual([0, 3]);
  });

  test('a rule edited since stops the stage before it: with another description, tag or port', async () => {
    const [rule] = ours(before).filter(({ ports }) => ports?.from === 22);
    const only = {
      ...plan.stages[0]!,
      removals: plan.stages[0]!.removals.filter((one) => one.rule.ruleId === rule!.ruleId),
    };
    const modify = (Description: string): Promise<unknown> =>
      client.send(
        new ec2.ModifySecurityGroupRulesCommand({
          GroupId: rule!.groupId,
          SecurityGroupRules: [
            {
              SecurityGroupRuleId: rule!.ruleId,
              SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIpv4: '10.0.0.0/8', Description },
            },
          ],
        }),
      );
    const tag = { Resources: [rule!.ruleId], Tags: [{ Key: 'stale-sg:keep', Value: 'yes' }] };
    const edits: (readonly [edit: () => Promise<unknown>, back: () => Promise<unknown>])[] = [
      [() => client.send(new ec2.CreateTagsCommand(tag)), () => client.send(new ec2.DeleteTagsCommand(tag))],
    ];
    await modify('another');
    const described = ours(await taken()).find(({ ruleId }) => ruleId === rule!.ruleId)!.description;
    // moto may not know how to edit a rule in place.
    if (described === 'another') edits.push([() => modify('another'), () => modify(rule!.description)]);
    await modify(rule!.description);
    for (const [edit, back] of edits) {
      await edit();
      const ran = await sh(stageScript(plan, only));
      expect(ran.status).toBe(1);
      expect(ran.stderr).toMatch(/was changed since the plan was made/);
      await back();
    }
    expect(
      ours(await taken())
        .map(inWords)
        .sort(),
    ).toEqual(ours(before).map(inWords).sort());
  });

  test('credentials of another account, and another Region, change nothing', async () => {
    const [stage] = plan.stages;
    const moved = (change: object) => ({ ...stage!, removals: stage!.removals.map((one) => ({ ...one, ...change })) });
    const account = await sh(stageScript(plan, moved({ accountId: '999988887777' })));
    expect([account.status, account.stderr]).toEqual([1, expect.stringContaining('These credentials are of account')]);
    const region = await sh(stageScript(plan, moved({ region: 'us-east-1' })));
    expect([region.status, region.stderr]).toEqual([1, expect.stringContaining('None of the rules asked for (13)')]);
    expect((await taken()).rules).toHaveLength(before.rules.length);
  });

  test('a dry run says that it would work, and changes nothing', async () => {
    const ran = await sh(stageScript(plan, plan.stages[0]!), '1');
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout).toContain('Nothing was removed: 13 of 13 rules would be.');
    expect((await taken()).rules).toHaveLength(before.rules.length);
  });

  test('the stage removes them, all and nothing else', async () => {
    const ran = await sh(stageScript(plan, plan.stages[0]!));
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    const after = await taken();
    expect(ours(after)).toEqual([]);
    expect(after.rules.length).toBe(before.rules.length - 13);
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  test('run again, it finds them gone', async () => {
    const ran = await sh(stageScript(plan, plan.stages[0]!));
    expect([ran.status, ran.stderr]).toEqual([1, expect.stringContaining('None of the rules asked for (13) is there')]);
    expect(ran.stdout.match(/is gone already/g)).toHaveLength(13);
  });

  test('its undo makes them again, with content, description and tags, under new ids', async () => {
    const ran = await sh(undoScript(plan, plan.stages[0]!));
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    const after = await taken();
    expect(ours(after).map(inWords).sort()).toEqual(ours(before).map(inWords).sort());
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  test('the undo run twice changes nothing more', async () => {
    expect((await sh(undoScript(plan, plan.stages[0]!))).status).toBe(0);
    expect(
      ours(await taken())
        .map(inWords)
        .sort(),
    ).toEqual(ours(before).map(inWords).sort());
  });
});

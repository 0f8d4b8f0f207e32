// Costs about 10 seconds.
/** Security Hub and the secret of a webhook by services that others wrote: moto's. It knows no filters: what is asked for is for other tests. */
import { GetFindingsCommand } from '@aws-sdk/client-securityhub';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createHubClient, securityHub } from '../../services/send-findings/security-hub-adapter.ts';
import { syncFindings } from '../../services/send-findings/sync-findings.ts';
import { webhook } from '../../services/send-findings/webhook-adapter.ts';
import { BED_CREDENTIALS } from '../beds/bed-environment.ts';
import { orWhyNot } from '../beds/from-pypi.ts';
import { PLACE, reportOfPorts } from '../services/send-findings/reports-of-findings.ts';
import { installMoto, Moto } from './moto-server.ts';

jest.setTimeout(120_000);

const { installed, missing } = orWhyNot(installMoto);

(installed === undefined ? describe.skip : describe)(`moto's account${missing}`, () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await Moto.start(installed!);
  });
  afterAll(async () => {
    await moto.stop();
  });
  const config = () => ({ endpoint: moto.endpoint, region: PLACE.region, credentials: BED_CREDENTIALS });

  test('keeps what is imported as it is read back: the same again is nothing, what is gone is archived', async () => {
    const client = createHubClient(config());
    const warned: unknown[] = [];
    const hub = securityHub(client, PLACE, (_what, why) => warned.push(why));
    const tell = (day: number, ...ports: number[]) =>
      syncFindings(reportOfPorts(...ports), {
        place: PLACE,
        minPriority: 0,
        hub,
        now: () => new Date(Date.UTC(2026, 1, day)),
      });
    const ports = Array.from({ length: 120 }, (_, i) => i + 1);
    expect(await tell(1, ...ports)).toMatchObject({ sent: 120, refused: [] });
    expect(await hub.active()).toHaveLength(120);
    expect(await tell(2, ...ports)).toMatchObject({ findings: 120, sent: 0, archived: 0 });
    expect(await tell(3, ...ports.slice(1))).toMatchObject({ sent: 0, archived: 1, refused: [] });
    const { Findings } = await client.send(new GetFindingsCommand({ MaxResults: 1 }));
    expect(Findings![0]).toMatchObject({
      RecordState: 'ARCHIVED',
      CreatedAt: '2026-02-01T00:00:00.000Z',
      UpdatedAt: '2026-02-03T00:00:00.000Z',
    });
    expect(warned).toEqual([]);
  });

  test('gives out the text of a secret', async () => {
    const client = new SecretsManagerClient(config());
    const { ARN } = await client.send(new CreateSecretCommand({ Name: 'channel', SecretString: 'no address' }));
    await expect(webhook(client, ARN!)(Buffer.from('{}'))).rejects.toThrow(`${ARN!} holds no https address alone`);
  });
});

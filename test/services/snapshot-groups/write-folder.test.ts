import { describe, expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { readAccount, type Snapshot } from '../../../services/snapshot-groups/read-account.ts';
import { writeFolder } from '../../../services/snapshot-groups/write-folder.ts';
import { fakeAccount, LISTED } from './fake-account.ts';
import { FILES, scratchFolder } from './scratch-folder.ts';

const at = scratchFolder();
const some = () => readAccount(fakeAccount(LISTED));
const none = () => readAccount(fakeAccount());

describe('what is written', () => {
  test('the layout of DESIGN 6, as the AWS CLI prints it; a list with unknown entries has no file', async () => {
    await writeFolder(await some(), at.folder);
    const files = await at.everything();
    expect(Object.keys(files).toSorted()).toEqual(FILES);
    expect(JSON.parse(files['inventory/security-groups.json'] ?? '')).toEqual({
      SecurityGroups: LISTED.groups?.toReversed(),
    });
    expect(JSON.parse(files['inventory/flow-logs.json'] ?? '')).toEqual({
      FlowLogs: [{ FlowLogId: 'fl-1', CreationTime: '2026-01-01T00:00:00.000Z' }],
    });
    expect(files['inventory/prefix-list-entries/pl-0a.json']).toBe(
      '{\n  "Entries": [\n    {\n      "Cidr": "10.0.0.0/8"\n    },\n    {\n      "Cidr": "192.0.2.0/24",\n      "Description": "b"\n    }\n  ]\n}\n',
    );
    expect(Object.values(files).map((text) => Object.keys(JSON.parse(text) as object)[0])).toEqual(
      expect.arrayContaining([
        'SecurityGroupRules',
        'NetworkInterfaces',
        'PrefixLists',
        'Vpcs',
        'SecurityGroupVpcAssociations',
      ]),
    );
  });

  test('the same bytes, however AWS ordered its pages', async () => {
    await writeFolder(await some(), at.folder);
    const first = await at.everything();
    const turned = Object.fromEntries(
      Object.entries(LISTED).map(([part, list]) => [part, Array.isArray(list) ? list.toReversed() : list]),
    );
    await writeFolder(await readAccount(fakeAccount(turned)), at.folder);
    expect(await at.everything()).toEqual(first);
  });

  test.each(['../evil', 'pl-1/../../../evil', 'pl-1\n', 'pl-', 'PL-1', 'pl-1.json', 'pl-1\0', '/etc/pl-1'])(
    'a hostile list id %j writes nothing',
    async (listId) => {
      const snapshot: Snapshot = { ...(await none()), prefixListEntries: new Map([[listId, []]]) };
      await expect(writeFolder(snapshot, at.folder)).rejects.toThrow(
        `cannot write the snapshot to ${at.folder}: not the id of a prefix list`,
      );
      expect(await at.everything()).toEqual({});
    },
  );
});

describe('stopped half-way', () => {
  const cancel = new AbortController();
  test.each([
    { why: 'an item that cannot be printed', item: { n: 1n }, message: /^cannot write the snapshot to .*BigInt/ },
    {
      why: 'Ctrl-C at the last file: the reason as it was given',
      item: {
        toJSON() {
          cancel.abort(new Error('Ctrl-C'));
          return {};
        },
      },
      message: /^Ctrl-C$/,
    },
  ])('$why; the former snapshot is as it was, and nothing lies beside it', async ({ item, message }) => {
    await writeFolder(await some(), at.folder);
    const before = await at.everything();
    const snapshot = { ...(await none()), groupVpcAssociations: [{ GroupId: 'sg-1', ...item }] };
    await expect(writeFolder(snapshot, at.folder, cancel.signal)).rejects.toThrow(message);
    expect(await at.everything()).toEqual(before);
    expect(await readdir(at.parent)).toEqual(['inventory']);
  });
});

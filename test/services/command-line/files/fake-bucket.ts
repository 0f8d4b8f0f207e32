import {
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  S3Client,
  type GetObjectCommandInput,
  type ListObjectsV2CommandInput,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';

const PAGE = 1000;
/** Behind whatever begins with a text. */
const LAST = '\uffff';

/** Keys in order, made as they are asked for: millions of them take no room. */
export interface Keys {
  readonly length: number;
  at(index: number): string;
}

/** Every S3Client of the process, answering of one bucket as S3 does, and counting. */
export class FakeBucket {
  readonly lists: ListObjectsV2CommandInput[] = [];
  readonly gets: GetObjectCommandInput[] = [];
  keysListed = 0;
  readonly #keys: Keys;
  readonly #size: (key: string) => number;

  /** @param body undefined for an object that nobody reads */
  constructor(
    keys: Keys,
    body: (key: string, input: GetObjectCommandInput) => Promise<Uint8Array> | undefined = () => undefined,
    size: (key: string) => number = () => 1000,
  ) {
    this.#keys = keys;
    this.#size = size;
    const mock = mockClient(S3Client);
    mock.on(HeadBucketCommand).resolves({ BucketRegion: 'eu-west-1' });
    mock.on(ListObjectsV2Command).callsFake((input: ListObjectsV2CommandInput) => this.#list(input));
    mock.on(GetObjectCommand).callsFake(async (input: GetObjectCommandInput) => {
      this.gets.push(input);
      const bytes = await body(input.Key!, input);
      if (!bytes) throw new Error(`nobody reads ${input.Key!}`);
      const [, from = '0', to = String(bytes.length - 1)] = /^bytes=(\d+)-(\d+)$/.exec(input.Range ?? '') ?? [];
      const part = bytes.subarray(Number(from), Number(to) + 1);
      return { Body: { transformToByteArray: () => Promise.resolve(part) } };
    });
  }

  #list({ ...input }: ListObjectsV2CommandInput) {
    this.lists.push(input);
    const { Prefix = '', Delimiter, StartAfter = '', ContinuationToken = '' } = input;
    const start = [Prefix, `${StartAfter}\0`, ContinuationToken].sort().at(-1)!;
    const Contents: object[] = [];
    const CommonPrefixes: object[] = [];
    let at = this.#from(start);
    for (; at < this.#keys.length && this.#keys.at(at).startsWith(Prefix);) {
      if (Contents.length + CommonPrefixes.length === PAGE) {
        this.keysListed += Contents.length;
        return { Contents, CommonPrefixes, NextContinuationToken: this.#keys.at(at) };
      }
      const key = this.#keys.at(at);
      const cut = Delimiter === undefined ? -1 : key.indexOf(Delimiter, Prefix.length);
      if (cut < 0) {
        Contents.push({ Key: key, Size: this.#size(key), ETag: '"e"' });
        at++;
      } else {
        const folder = key.slice(0, cut + 1);
        CommonPrefixes.push({ Prefix: folder });
        at = this.#from(`${folder}${LAST}`);
      }
    }
    this.keysListed += Contents.length;
    return { Contents, CommonPrefixes };
  }

  /** Index of the first key that does not come before the text. */
  #from(text: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys.at(middle) < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

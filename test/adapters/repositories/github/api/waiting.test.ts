import { describe, expect, test } from 'vitest';
import { EtagCache } from '../../../../../src/adapters/repositories/github/api/etag-cache.ts';
import { InFlight } from '../../../../../src/adapters/repositories/github/api/in-flight.ts';
import { Semaphore } from '../../../../../src/adapters/repositories/semaphore.ts';

/** Work that ends when it is told to. */
function pending<T>() {
  let end: (value: T) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { work: () => promise, end, fail };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a semaphore', () => {
  test('lets two work at a time, and the others in their order', async () => {
    const semaphore = new Semaphore(2);
    const begun: number[] = [];
    const jobs = [0, 1, 2, 3].map((index) => {
      const job = pending<number>();
      const done = semaphore.run(() => {
        begun.push(index);
        return job.work();
      });
      return { ...job, done };
    });
    await settle();
    expect(begun).toEqual([0, 1]);
    jobs[1]?.end(1);
    await settle();
    expect(begun).toEqual([0, 1, 2]);
    // A place that failed is free again.
    jobs[0]?.fail(new Error('broken'));
    await expect(jobs[0]?.done).rejects.toThrow('broken');
    await settle();
    expect(begun).toEqual([0, 1, 2, 3]);
    jobs[2]?.end(2);
    jobs[3]?.end(3);
    expect(await Promise.all([jobs[1]?.done, jobs[2]?.done, jobs[3]?.done])).toEqual([1, 2, 3]);
  });
});

describe('work in flight', () => {
  test('is shared by those who ask for the same, and done anew afterwards', async () => {
    const reads = new InFlight();
    let times = 0;
    const first = pending<string>();
    const read = () => {
      times++;
      return first.work();
    };
    const asked = [reads.share('a', read), reads.share('a', read)];
    const other = reads.share('b', async () => 'other');
    first.end('one');
    expect(await Promise.all(asked)).toEqual(['one', 'one']);
    expect(await other).toBe('other');
    expect(times).toBe(1);
    expect(await reads.share('a', async () => 'two')).toBe('two');
  });

  test('a failure reaches all of them and is not kept', async () => {
    const reads = new InFlight();
    const job = pending<string>();
    const asked = [reads.share('a', job.work), reads.share('a', job.work)];
    job.fail(new Error('gone'));
    const results = await Promise.allSettled(asked);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await reads.share('a', async () => 'again')).toBe('again');
  });

  test('what was forgotten does not come back when it ends', async () => {
    const reads = new InFlight();
    const [old, fresh] = [pending<string>(), pending<string>()];
    const before = reads.share('a', old.work);
    reads.forget();
    const after = reads.share('a', fresh.work);
    old.end('old');
    expect(await before).toBe('old');
    await settle();
    // The newer one is still under way, and the same for whoever asks now.
    expect(reads.share('a', async () => 'third')).toBe(after);
    fresh.end('fresh');
    expect(await after).toBe('fresh');
  });
});

describe('answers with their ETags', () => {
  const raw = (etag: string | undefined, data: unknown, length?: number) => ({
    status: 200,
    data,
    headers: { etag, link: '<…>; rel="next"', 'content-length': length, server: 'github.com' },
  });

  test('are kept with what is read of their headers, and only with an ETag', () => {
    const etags = new EtagCache();
    etags.keep('none', raw(undefined, [1]));
    etags.keep('some', raw('"a"', [1]));
    expect(etags.get('none')).toBeUndefined();
    expect(etags.get('some')).toEqual({
      etag: '"a"',
      raw: { status: 200, data: [1], headers: { link: '<…>; rel="next"' } },
    });
  });

  test('give way to newer ones when there are too many', () => {
    const etags = new EtagCache();
    const megabytes = (count: number) => count * 1024 * 1024;
    etags.keep('old', raw('"o"', [], megabytes(10)));
    etags.keep('new', raw('"n"', [], megabytes(10)));
    expect(etags.get('old')).toBeUndefined();
    expect(etags.get('new')?.etag).toBe('"n"');
  });
});

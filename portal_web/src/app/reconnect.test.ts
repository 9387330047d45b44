import { describe, expect, it } from 'vitest';

import { afterClose } from './reconnect';

describe('afterClose', () => {
  it('never retries when the viewer was signed out or refused', () => {
    expect(afterClose(4401, 0)).toEqual({ is: 'ended' });
    expect(afterClose(4403, 7)).toEqual({ is: 'refused' });
  });

  it.each([1000, 1001, 1006, 1011, 1012, 1013, 4400, 4429, 4499])('retries after code %i', (code) => {
    expect(afterClose(code, 0).is).toBe('retry');
  });

  it('draws the wait from the whole interval, which doubles up to 30 seconds', () => {
    const longest = [0, 1, 2, 3, 4, 5, 6, 60].map((attempt) => afterClose(1006, attempt, () => 1));
    expect(longest.map((next) => next.is === 'retry' && next.after)).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ]);
    expect(afterClose(1006, 60, () => 0)).toEqual({ is: 'retry', after: 0 });
  });
});

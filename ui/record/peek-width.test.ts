import { describe, expect, it } from 'vitest';
import { clampPeek, widthAfter } from './peek-width.ts';

describe('the width of the peek', () => {
  it('stays between 400 and 720', () => {
    expect([clampPeek(100), clampPeek(480.4), clampPeek(9000)]).toEqual([400, 480, 720]);
  });
  it('grows towards the beginning of the line, whichever way the language runs', () => {
    expect([widthAfter('ArrowLeft', 480, false), widthAfter('ArrowRight', 480, false)]).toEqual([496, 464]);
    expect([widthAfter('ArrowLeft', 480, true), widthAfter('ArrowRight', 480, true)]).toEqual([464, 496]);
    expect([widthAfter('Home', 480, false), widthAfter('End', 480, false), widthAfter('a', 480, false)]).toEqual([720, 400, null]);
  });
});

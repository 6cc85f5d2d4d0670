import { describe, expect, it } from 'vitest';
import { contrast } from './contrast.ts';
import { cssVariables, dark, light, type Tokens } from './tokens.ts';

/** Where text of the three weights may stand. */
const grounds = ['canvas', 'surface', 'floating'] as const;
const tinted = ['hover', 'selected'] as const;

describe.each([
  ['light', light],
  ['dark', dark],
] as [string, Tokens][])('contrast of the %s scheme', (_scheme, tokens) => {
  it.each([...grounds, ...tinted])('text on %s is at least 11', (ground) => {
    expect(contrast(tokens.text, tokens[ground])).toBeGreaterThanOrEqual(11);
  });
  it.each(grounds)('secondary on %s is at least 5.9', (ground) => {
    expect(contrast(tokens.secondary, tokens[ground])).toBeGreaterThanOrEqual(5.9);
  });
  it.each(tinted)('secondary on %s stays readable (4.5)', (ground) => {
    expect(contrast(tokens.secondary, tokens[ground])).toBeGreaterThanOrEqual(4.5);
  });
  it.each([...grounds, ...tinted])('meta on %s is at least 4.5', (ground) => {
    expect(contrast(tokens.meta, tokens[ground])).toBeGreaterThanOrEqual(4.5);
  });
  it.each(grounds)('control border on %s is at least 3', (ground) => {
    expect(contrast(tokens.control, tokens[ground])).toBeGreaterThanOrEqual(3);
  });
  it.each([...grounds, ...tinted])('accent as a link on %s is at least 4.5', (ground) => {
    expect(contrast(tokens.accent, tokens[ground])).toBeGreaterThanOrEqual(4.5);
  });
  it('words on accent are at least 4.5, also hovered', () => {
    expect(contrast(tokens.onAccent, tokens.accent)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens.onAccent, tokens.accentHover)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(['good', 'warning', 'danger', 'information'] as const)('%s ink on surfaces and its tint is at least 4.5', (status) => {
    for (const ground of [...grounds, ...tinted, `${status}Tint` as const] as const) {
      expect(contrast(tokens[status], tokens[ground]), ground).toBeGreaterThanOrEqual(4.5);
    }
  });
  it('every series colour stands out from every ground (3)', () => {
    for (const colour of tokens.series) {
      for (const ground of [...grounds, ...tinted] as const) {
        expect(contrast(colour, tokens[ground]), `${colour} on ${ground}`).toBeGreaterThanOrEqual(3);
      }
    }
  });
});

describe('CSS variables', () => {
  it('carry the same names in both schemes', () => {
    expect(Object.keys(cssVariables(light))).toEqual(Object.keys(cssVariables(dark)));
    expect(cssVariables(light)).toMatchObject({ '--pg-good-tint': light.goodTint, '--pg-series-8': light.series[7] });
  });
});

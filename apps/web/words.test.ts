import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { optionsOf } from '#engine/declare/fields/select/select.ts';
import { FINDING_CODES } from '#engine/declare/flow-findings.ts';
import { buildModel, SYSTEM_FIELDS } from '#engine/declare/model.ts';
import { modules } from '#modules/index.ts';

/** Every text that a user sees stands in a catalogue, each catalogue says the same things, and no catalogue says what nobody asks. */
const root = fileURLToPath(new URL('../..', import.meta.url));

function files(folder: string, end: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && end.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

type Catalogue = Record<string, string>;
const read = (path: string): Catalogue => JSON.parse(readFileSync(path, 'utf8'));
const places = ['ui/words', ...modules.map((module) => `modules/${module.key}/words`)].map((place) => join(root, place));
const catalogueOf = (language: string): Catalogue => Object.assign({}, ...places.map((place) => read(join(place, `${language}.json`))));
const en = catalogueOf('en');

const screens = [
  ...files('ui', /\.tsx?$/),
  ...files('apps/web', /\.tsx?$/),
  ...files('modules', /\.tsx?$/).filter((path) => path.includes('/ui/')),
].filter((path) => !/\.test\.tsx?$|pseudo\.ts$/.test(path));
const parsed = (paths: readonly string[]) =>
  paths.map((path) => ({
    name: path.slice(root.length),
    tree: ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX),
  }));
const sources = parsed(screens);
/** What the server says in the reader's language: pages of reports. */
const pages = parsed(files('engine/reports', /^(?:sheet|filter-said)\.ts$/));

/** Languages in full, and those under way with the groups of keys that are whole in them. */
const whole = ['de'];
const underWay: Record<string, string[]> = {
  ar: 'account act action board bulk calendar cell column conflict contact count density duplicate export failure field figure filter form group help history job jobState key keys layout list merge notice op password peek picker presence problem record role sample search setUp settings shell signIn undo unit value view walk'.split(
    ' ',
  ),
};

const plural = /_(zero|one|two|few|many|other)$/;
const stem = (key: string): string => key.replace(plural, '');
const isWord = (text: string): boolean => /\p{L}/u.test(text);

/** Keys that no source names, since they are put together from what is declared: `t(\`op.\${op}\`)` and the like. */
interface Used {
  keys: Set<string>;
  /** Beginning and end of keys with a variable middle. */
  shapes: [string, string][];
  /** Keys handed to `t` as they are: they must be there. */
  named: { key: string; place: string }[];
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** The strings an expression may become: both branches of a choice. */
function outcomes(node: ts.Expression): ts.Expression[] {
  if (ts.isParenthesizedExpression(node)) return outcomes(node.expression);
  if (ts.isConditionalExpression(node)) return [...outcomes(node.whenTrue), ...outcomes(node.whenFalse)];
  if (ts.isBinaryExpression(node) && /^(&&|\|\||\?\?)$/.test(node.operatorToken.getText()))
    return [...outcomes(node.left), ...outcomes(node.right)];
  return [node];
}

function usedWords(): Used {
  const used: Used = { keys: new Set(), shapes: [], named: [] };
  for (const { name, tree } of [...sources, ...pages]) {
    walk(tree, (node) => {
      if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) used.keys.add(node.text);
      if (ts.isTemplateExpression(node)) {
        const last = node.templateSpans.at(-1)?.literal.text ?? '';
        if (/^[a-z][A-Za-z]*\.|^$/.test(node.head.text)) used.shapes.push([node.head.text, last]);
      }
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't' && node.arguments[0]) {
        for (const one of outcomes(node.arguments[0])) if (ts.isStringLiteral(one)) used.named.push({ key: one.text, place: name });
      }
    });
  }
  return used;
}

describe('the words of the screens', () => {
  const used = usedWords();

  it('every sentence that a screen names is in the catalogues', () => {
    expect(used.named.length).toBeGreaterThan(300);
    const missing = used.named.filter(({ key }) => !(key in en) && !(`${key}_other` in en));
    expect(missing).toEqual([]);
    // Keys with a variable middle lead somewhere.
    const nowhere = used.shapes.filter(
      ([head, tail]) => /^[a-z][A-Za-z]*\.$/.test(head) && tail === '' && !Object.keys(en).some((key) => key.startsWith(head)),
    );
    expect(nowhere.filter(([head]) => !['preset.', 'set.', 'sum.', 'all.', 'base.'].includes(head))).toEqual([]);
  });

  it('what a sentence leaves open is filled in: its name stands in two braces', () => {
    // An automatic number is told what its braces mean.
    const half = ['en', 'de', 'ar']
      .flatMap((language) => Object.entries(catalogueOf(language)))
      .filter(([key, text]) => key !== 'catalogue.patternHint' && /(?<!\{)\{\w+\}(?!\})/.test(text));
    expect(half).toEqual([]);
  });

  it('no screen has words of its own: neither between its tags nor in what is read out or shown on hover', () => {
    const spoken = new Set(
      'aria-label aria-description aria-roledescription aria-valuetext ariaLabel title placeholder label description alt error nothingFoundMessage message hint'.split(
        ' ',
      ),
    );
    const literal: string[] = [];
    for (const { name, tree } of sources.filter((one) => one.name.endsWith('.tsx'))) {
      const check = (node: ts.Expression): void => {
        for (const one of outcomes(node)) {
          const text =
            ts.isStringLiteral(one) || ts.isNoSubstitutionTemplateLiteral(one)
              ? one.text
              : ts.isTemplateExpression(one)
                ? [one.head, ...one.templateSpans.map((span) => span.literal)].map((part) => part.text).join('')
                : '';
          // Keys of the keyboard are called the same in every language.
          if (isWord(text) && !/^ \(([A-Z]|Esc)\)$/.test(text)) literal.push(`“${text}” in ${name}`);
        }
      };
      walk(tree, (node) => {
        if (ts.isJsxText(node) && isWord(node.text)) literal.push(`“${node.text.trim()}” in ${name}`);
        if (ts.isJsxExpression(node) && node.expression && !ts.isJsxAttribute(node.parent)) check(node.expression);
        if (ts.isJsxAttribute(node) && spoken.has(node.name.getText()) && node.initializer) {
          if (ts.isStringLiteral(node.initializer) && isWord(node.initializer.text)) literal.push(`“${node.initializer.text}” in ${name}`);
          if (ts.isJsxExpression(node.initializer) && node.initializer.expression) check(node.initializer.expression);
        }
        // { 'aria-label': 'Close' } and { label: 'Close' } handed to a component.
        if (ts.isPropertyAssignment(node) && spoken.has(node.name.getText().replace(/'/g, '')) && node.initializer) check(node.initializer);
      });
    }
    expect(literal).toEqual([]);
  });

  const isUsed = (key: string): boolean => {
    const bare = stem(key);
    const fits = ([head, tail]: [string, string]): boolean =>
      head !== '' && bare.length > head.length + tail.length && bare.startsWith(head) && bare.endsWith(tail);
    return used.keys.has(key) || used.keys.has(bare) || used.shapes.some(fits);
  };

  it('every sentence is used', () => {
    expect(Object.keys(read(join(root, 'ui/words/en.json'))).filter((key) => !isUsed(key))).toEqual([]);
  });

  it('every object, field, choice, form and act that is declared has its word, and no word stands for what is not declared', () => {
    const model = buildModel(modules);
    const wanted = new Set<string>();
    const own = (key: string): void => void wanted.add(key);
    const options = (about: string, key: string, field: { type: string; with: Record<string, unknown> }): void => {
      // The roles that a link may have are choices, too.
      for (const role of Array.isArray(field.with.roles) ? field.with.roles : []) own(`${about}.options.${key}.${role}`);
      if (field.type !== 'select' && field.type !== 'multiSelect') return;
      for (const option of optionsOf(field as Parameters<typeof optionsOf>[0])) own(`${about}.options.${key}.${option.key}`);
    };
    for (const module of modules) {
      for (const object of module.objects) {
        own(`${object.key}.name`);
        own(`${object.key}.plural`);
        for (const [key, field] of Object.entries(object.fields)) {
          // A word that all objects share may be given another for one of them.
          if (!(`field.${key}` in en) || `${object.key}.fields.${key}` in en) own(`${object.key}.fields.${key}`);
          options(object.key, key, field);
        }
        for (const view of object.views ?? []) own(`${object.key}.views.${view.key}`);
        const forms = [object.form, ...Object.values(object.variants?.forms ?? {})];
        for (const section of forms.flatMap((form) => form ?? [])) own(`${object.key}.form.${section.key}`);
      }
      for (const action of module.actions ?? []) {
        own(`${action.key}.name`);
        for (const [key, field] of Object.entries(action.input ?? {})) {
          own(`${action.key}.fields.${key}`);
          options(action.key, key, field);
        }
      }
      for (const { key } of module.measures ?? []) [`measure.${key}`, `measure.${key}.is`].map(own);
      for (const { key } of module.reports ?? []) own(`report.${key}`);
      for (const { key } of module.dashboards ?? []) own(`dashboard.${key}`);
    }
    expect([...wanted].filter((key) => !(key in en))).toEqual([]);
    const ofModules = Object.keys(Object.assign({}, ...places.slice(1).map((place) => read(join(place, 'en.json')))));
    const asked = (key: string): boolean =>
      wanted.has(key) || isUsed(key) || SYSTEM_FIELDS.some((field) => key.endsWith(`.fields.${field}`));
    expect(ofModules.filter((key) => !asked(key))).toEqual([]);
    expect(model.objects.size).toBeGreaterThan(10);
  });
});

describe('the catalogues of all languages', () => {
  /** What a catalogue must hold for an English key: itself, or each plural form of the language (zero besides, where English has it). */
  const formsOf = (key: string, language: string): string[] => {
    const [, form] = plural.exec(key) ?? [];
    if (!form) return [key];
    const forms = new Set<string>(new Intl.PluralRules(language).resolvedOptions().pluralCategories);
    if (`${stem(key)}_zero` in en) forms.add('zero');
    return [...forms].map((one) => `${stem(key)}_${one}`);
  };
  const variables = (text: string): string[] => [...new Set(text.match(/\{\{[^}]*\}\}/g) ?? [])].sort();

  it('English has each plural in its own forms', () => {
    const wrong = Object.keys(en).filter((key) => formsOf(key, 'en').some((one) => !(one in en)));
    expect(wrong).toEqual([]);
  });

  it.each(whole)('%s says exactly what English says, in the same order', (language) => {
    for (const place of places) {
      const english = Object.keys(read(join(place, 'en.json')));
      const expected = [...new Set(english.flatMap((key) => formsOf(key, language)))].sort();
      expect(Object.keys(read(join(place, `${language}.json`))).sort(), place).toEqual(expected);
      const stems = (keys: string[]): string[] => [...new Set(keys.map(stem))];
      expect(stems(Object.keys(read(join(place, `${language}.json`)))), place).toEqual(stems(english));
    }
  });

  it.each(Object.keys(underWay))('%s says nothing else than English, and its groups are whole', (language) => {
    const theirs = catalogueOf(language);
    const expected = new Set(Object.keys(en).flatMap((key) => formsOf(key, language)));
    expect(Object.keys(theirs).filter((key) => !expected.has(key))).toEqual([]);
    const shell = Object.keys(read(join(root, 'ui/words/en.json')));
    const due = shell.filter((key) => underWay[language]?.includes(key.split('.')[0] ?? '')).flatMap((key) => formsOf(key, language));
    expect([...new Set(due)].filter((key) => !(key in theirs))).toEqual([]);
    // The navigation: what every kind of record is called.
    const names = Object.keys(en).filter((key) => /^[a-zA-Z]+\.(name|plural)$/.test(key) && key.replace(/\..*/, '.plural') in en);
    expect(names.filter((key) => !(key in theirs))).toEqual([]);
  });

  it.each([...whole, ...Object.keys(underWay)])('%s puts the same values into its sentences', (language) => {
    const theirs = catalogueOf(language);
    const wrong = Object.entries(theirs).filter(([key, text]) => {
      const [, form] = plural.exec(key) ?? [];
      const english = en[key] ?? en[`${stem(key)}_other`] ?? '';
      const wanted = variables(english);
      const got = variables(text);
      // A form for one number may say it in a word: "heute", «يومان».
      const may = form && form !== 'other' ? wanted.filter((one) => one !== '{{count}}' && one !== '{{n}}') : wanted;
      return may.some((one) => !got.includes(one)) || got.some((one) => !variables(en[`${stem(key)}_other`] ?? english).includes(one));
    });
    expect(wrong).toEqual([]);
  });
});

describe('what is wrong', () => {
  it('with a flow and with the conditions and values in it is said in every language', () => {
    const codes = new Set<string>(FINDING_CODES);
    for (const path of files('engine/declare', /\.ts$/).filter((one) => !one.endsWith('.test.ts')))
      for (const [, code = ''] of readFileSync(path, 'utf8').matchAll(/\b(?:FieldProblem\(\s*|refuse\([^,()]+,\s*)'(\w+)'/g))
        codes.add(code);
    expect(codes.size).toBeGreaterThan(FINDING_CODES.length + 8);
    for (const language of ['en', ...whole, ...Object.keys(underWay)]) {
      const catalogue = catalogueOf(language);
      expect(
        [...codes].filter((code) => !(`problem.${code}` in catalogue)),
        language,
      ).toEqual([]);
    }
  });
});

describe('both directions of writing', () => {
  const physical =
    /(?:^|[\s;{"'`(])(?:margin|padding|border|scroll-margin|scroll-padding|inset)-(?:left|right)(?:-\w+)?\s*:|(?:^|[\s;{])(?:left|right)\s*:|text-align\s*:\s*(?:left|right)\b|float\s*:\s*(?:left|right)\b|border-(?:top|bottom)-(?:left|right)-radius\s*:/;
  const inCode =
    /\b(?:marginLeft|marginRight|paddingLeft|paddingRight|borderLeft\w*|borderRight\w*)\s*:|textAlign\s*:\s*'(?:left|right)'|[{,]\s*(?:left|right)\s*:\s*(?!\s*[\w.]*\s*,?\s*\/\/)|\s(?:ml|mr|pl|pr)=[{"]|\sta="(?:left|right)"/;

  it('no side has a name: start and end, unless a comment says `physical` and why', () => {
    const css = [...files('ui', /\.css$/), ...files('apps/web', /\.css$/), ...files('modules', /\.css$/)];
    const wrong: string[] = [];
    for (const path of [...css, ...screens.filter((one) => one.endsWith('.tsx'))]) {
      const rule = path.endsWith('.css') ? physical : inCode;
      const lines = readFileSync(path, 'utf8').split('\n');
      lines.forEach((line, at) => {
        if (rule.test(line) && !/physical/.test(`${lines[at - 1]} ${line}`))
          wrong.push(`${path.slice(root.length)}:${at + 1} ${line.trim()}`);
      });
    }
    expect(wrong).toEqual([]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { typeOf } from '#engine/declare/fields/index.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { figuresTable } from '#engine/declare/figures.ts';
import { buildModel } from '#engine/declare/model.ts';
import { modules } from '#modules/index.ts';
import { repositoryRoot } from '#tests/harness/places.ts';

/**
 * The law of the one door, over the sources: the tables of objects are written by `engine/record` and made by `engine/store`, and
 * nobody else holds a connection to read or write them past the rights. What is let through stands here with its reason.
 */
const model = buildModel(modules);
const tables = new Set(
  [...model.objects.values()].flatMap((object) => [
    object.table,
    figuresTable(object),
    ...object.declared.filter((field) => typeOf(field).storage === 'link').map((field) => linkTable(field)),
  ]),
);
/** Those who are the door. */
const DOOR = ['engine/record/', 'engine/store/'];
/** Writes beside it, with the reason: none of them serves a request with what it was given. */
const WRITES: Record<string, string> = {
  'modules/workspace/exchange-rate.rules.ts': 'carries rates into base amounts, which are figures of the record',
  'modules/sales/fills.ts': 'answers for records that were there before what fields that came later hold: follows from what is known',
  'modules/leads/loss-reasons.ts': 'gives companies that were there before the reasons that set-up gives a new one',
  'modules/leads/score-leads.ts': 'keeps score and grade of leads, figures that follow from the log and the clock (decision 0048)',
  'modules/leads/score-defaults.ts': 'gives companies that were there before the rules that set-up gives a new one',
  'apps/server/sample/load.ts': 'sets the times of sample records that the pipeline made a moment ago into the past',
  'apps/server/seed/copy.ts': 'fills an empty base for measuring, from the command line',
};
/** Who opens connections, instead of being handed a context. */
const OPENS: Record<string, string> = {
  'apps/server/product.ts': 'opens the one database of the product',
  'apps/server/commands/backup.ts': 'reads whatever version of a base is there, without bringing it up first',
  'apps/server/commands/restore.ts': 'fills a database that no product has opened yet',
  'apps/server/commands/move.ts': 'holds two databases at once, neither through a product',
  'apps/server/commands/doctor.ts': 'looks whether a database can be reached at all',
};

const sources = ['engine', 'modules', 'apps']
  .flatMap((folder) => readdirSync(join(repositoryRoot, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.(test|d)\.tsx?$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({
    name: relative(repositoryRoot, path).replaceAll('\\', '/'),
    tree: ts.createSourceFile(
      path,
      readFileSync(path, 'utf8'),
      ts.ScriptTarget.Latest,
      true,
      path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
    ),
  }));

const visit = (node: ts.Node, see: (node: ts.Node) => void): void => {
  see(node);
  node.forEachChild((child) => visit(child, see));
};

/** A text as it stands in the source, with what is put into it in braces. */
function textOf(node: ts.Node): string | null {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map((span) => `{${span.expression.getText()}}${span.literal.text}`).join('');
}

const WRITE =
  /\b(?:insert\s+into|delete\s+from|truncate(?:\s+table)?|merge\s+into|copy)\s+(\{[^}]*\}|"?[a-z_0-9]+"?)|\bupdate\s+(?:only\s+)?(\{[^}]*\}|"?[a-z_0-9]+"?)(?:\s+(?:as\s+)?[a-z]\w*)?\s+set\b/gi;

/** Tables of objects that a text of SQL writes: by name, or by something that gives the name of any. */
const written = (text: string): string[] =>
  [...text.matchAll(WRITE)]
    .map(([, into, update]) => (into ?? update ?? '').replaceAll('"', ''))
    .filter((table) => tables.has(table) || /table/i.test(table));

it('knows a write when it sees one', () => {
  expect(written('update parties t set name = 1')).toEqual(['parties']);
  expect(written('with x as (delete from {object.table} where id = 1) select 1')).toEqual(['{object.table}']);
  expect(written('INSERT INTO parties_account_team (from_id) values (1)')).toEqual(['parties_account_team']);
  expect(written('select * from parties for update')).toEqual([]);
  expect(written('insert into sessions (id) values (1)')).toEqual([]);
});

it('tables of objects are written by the door alone', () => {
  const beside = new Map<string, string[]>();
  for (const { name, tree } of sources) {
    if (DOOR.some((folder) => name.startsWith(folder))) continue;
    visit(tree, (node) => {
      const text = textOf(node);
      const found = text === null ? [] : written(text);
      if (found.length > 0) beside.set(name, [...(beside.get(name) ?? []), ...found]);
    });
  }
  expect([...beside].filter(([name]) => !(name in WRITES))).toEqual([]);
  // What is let through is still there: a reason without a deed is one too many.
  expect(Object.keys(WRITES).filter((name) => !beside.has(name))).toEqual([]);
});

it('nobody but the store speaks to PostgreSQL by itself, and connections are opened in one place', () => {
  const drivers: string[] = [];
  const opened: string[] = [];
  for (const { name, tree } of sources) {
    if (name in OPENS) continue;
    visit(tree, (node) => {
      if (ts.isImportDeclaration(node) && !node.importClause?.isTypeOnly && ts.isStringLiteral(node.moduleSpecifier)) {
        if (['pg', 'pg-pool', 'postgres', 'pg-copy-streams'].includes(node.moduleSpecifier.text) && !name.startsWith('engine/store/'))
          drivers.push(name);
      }
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'openDb') opened.push(name);
    });
  }
  expect(drivers).toEqual([]);
  expect([...new Set(opened)].filter((name) => !(name in OPENS))).toEqual([]);
});

it('screens and modules read records through the door: no module’s SQL asks for rows without the rights of its reader', () => {
  // Routes are declared in the engine; a module brings rules, actions and declarations, which are handed a context.
  const routes: string[] = [];
  for (const { name, tree } of sources.filter((one) => one.name.startsWith('modules/')))
    visit(tree, (node) => {
      if (
        ts.isImportDeclaration(node) &&
        ts.isStringLiteral(node.moduleSpecifier) &&
        /#engine\/api|fastify/.test(node.moduleSpecifier.text)
      )
        routes.push(name);
    });
  expect(routes).toEqual([]);
});

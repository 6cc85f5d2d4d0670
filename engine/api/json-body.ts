import type { FastifyInstance } from 'fastify';
import { invalid } from '#kit/errors.ts';

/** What JSON can say and no text can hold: a zero byte, and half of a character that takes two. */
const MAY_SPELL = /\\u(?:0000|[dD][89a-fA-F])/;
const SPELLS = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** Reads bodies in JSON; one with a text that PostgreSQL could not keep is refused before anything is done with it. */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    parse(request, text as string, (error, body) => {
      // Written anew, pairs are one character again: what is still spelt out stands alone.
      if (!error && MAY_SPELL.test(text as string) && SPELLS.test(JSON.stringify(body)))
        done(invalid('A text has a character that cannot be kept: a zero byte, or half of one.', []), undefined);
      else done(error, body);
    });
  });
}

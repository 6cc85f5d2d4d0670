import { dateTime, longText, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/**
 * That somebody allowed to be written to, or does not any more: for a purpose, on a channel, with the proof of it. A row is never
 * overwritten; what holds now follows from all of them (engine/privacy/consent-state).
 */
export const consent = defineObject({
  key: 'consent',
  plural: 'consents',
  icon: 'shield',
  title: 'purpose',
  party: 'party',
  personal: true,
  owner: 'author',
  fields: {
    party: reference({ to: 'party', required: true, inverse: 'consents' }),
    decision: select(
      [
        { key: 'given', color: 'good' },
        { key: 'withdrawn', color: 'danger' },
      ],
      { required: true, default: 'given' },
    ),
    purpose: select(['all', 'marketing', 'newsletter', 'survey', 'profiling', 'sharing'], {
      required: true,
      default: 'marketing',
      open: true,
    }),
    channel: select(['all', 'email', 'phone', 'sms', 'messaging', 'post', 'web'], { required: true, default: 'email' }),
    /** When they said so. */
    at: dateTime({ required: true }),
    /** How they said so. */
    how: select(['form', 'email', 'phone', 'letter', 'inPerson', 'portal', 'import', 'other'], { required: true, default: 'form' }),
    /** What was shown to them, word for word, and which version of it. */
    wording: longText({ max: 10_000, personal: false }),
    wordingVersion: text({ max: 60, personal: false }),
    /** From where it came: a network address, an e-mail address, a number. */
    source: text({ max: 200 }),
    /** Who wrote it down. */
    author: user(),
    legalBasis: select(['consent', 'contract', 'legitimateInterest', 'legalDuty'], { default: 'consent' }),
  },
  list: { columns: ['party', 'decision', 'purpose', 'channel', 'at', 'how', 'wordingVersion', 'source', 'author'], sort: ['-at'] },
  form: [
    { key: 'main', fields: ['party', 'decision', 'purpose', 'channel', 'at', 'how'] },
    { key: 'proof', fields: ['wording', 'wordingVersion', 'source', 'author', 'legalBasis'] },
  ],
  quiet: true,
  unsearchable: true,
});

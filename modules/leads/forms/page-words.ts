import { namesIn, type SetUpNames } from '#engine/record/set-up-names.ts';
import type { Fault } from './answers.ts';

type Key = 'send' | 'optional' | 'notSent' | 'late' | 'early' | 'often' | 'thanks' | 'thanksIs' | 'goOn' | `wrong.${Fault}`;

/** What the public page of a form says by itself; the staff app never does. */
const WORDS: SetUpNames<Key> = {
  en: {
    send: 'Send',
    optional: 'optional',
    notSent: 'Not sent yet. Look at these lines:',
    late: 'This page was open for more than a day. Send it again.',
    early: 'That was quick. Send it once more.',
    often: 'Too much was sent from here. Wait ten minutes and send it again.',
    thanks: 'Thank you',
    thanksIs: 'We have your message and will answer soon.',
    goOn: 'Go on',
    'wrong.required': 'Fill this in.',
    'wrong.email': 'This is not an e-mail address.',
    'wrong.phone': 'This is not a phone number.',
    'wrong.number': 'Write a number such as 1500.',
    'wrong.choice': 'Choose one of the list.',
    'wrong.date': 'This is not a day.',
    'wrong.long': 'This is too long.',
    'wrong.value': 'This value cannot be taken.',
  },
  de: {
    send: 'Senden',
    optional: 'freiwillig',
    notSent: 'Noch nicht gesendet. Diese Zeilen ansehen:',
    late: 'Diese Seite war länger als einen Tag offen. Noch einmal senden.',
    early: 'Das ging schnell. Noch einmal senden.',
    often: 'Von hier wurde zu viel gesendet. Zehn Minuten warten und noch einmal senden.',
    thanks: 'Vielen Dank',
    thanksIs: 'Ihre Nachricht ist da. Wir antworten bald.',
    goOn: 'Weiter',
    'wrong.required': 'Hier fehlt etwas.',
    'wrong.email': 'Das ist keine E-Mail-Adresse.',
    'wrong.phone': 'Das ist keine Telefonnummer.',
    'wrong.number': 'Eine Zahl schreiben, etwa 1500.',
    'wrong.choice': 'Etwas aus der Liste wählen.',
    'wrong.date': 'Das ist kein Tag.',
    'wrong.long': 'Das ist zu lang.',
    'wrong.value': 'Dieser Wert geht nicht.',
  },
};

/** The words of a page in the language of its form. Pure. */
export const pageWords = (language: string): Readonly<Record<Key, string>> => namesIn(WORDS, language);

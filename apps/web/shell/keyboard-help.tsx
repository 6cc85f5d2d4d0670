import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '#ui/words.ts';
import { modKey as mod } from './keys.ts';
import classes from './shell.module.css';

/** A key that is written out, in the user's language. */
const space = 'key.space';

/** Every key that does something, by where it does it. */
const groups: { key: string; keys: { word: string; keys: string[] }[] }[] = [
  {
    key: 'everywhere',
    keys: [
      { word: 'palette', keys: [`${mod} K`, '/'] },
      { word: 'myDay', keys: ['Y'] },
      { word: 'note', keys: ['N'] },
      { word: 'call', keys: ['L'] },
      { word: 'task', keys: ['T'] },
      { word: 'promise', keys: ['P'] },
      { word: 'meeting', keys: ['A'] },
      { word: 'next', keys: ['E'] },
      { word: 'fact', keys: ['W'] },
      { word: 'lead', keys: ['I'] },
      { word: 'undo', keys: [`${mod} Z`] },
      { word: 'help', keys: ['?'] },
      { word: 'back', keys: ['Esc'] },
    ],
  },
  {
    key: 'list',
    keys: [
      { word: 'move', keys: ['J', 'K', '↓', '↑'] },
      { word: 'open', keys: ['Enter'] },
      { word: 'peek', keys: [space] },
      { word: 'panes', keys: ['F6'] },
      { word: 'select', keys: ['X'] },
      { word: 'range', keys: ['⇧ ↓', '⇧ ↑'] },
      { word: 'all', keys: [`${mod} A`] },
      { word: 'cell', keys: ['→', '←'] },
      { word: 'editCell', keys: ['Enter', 'A–Z'] },
      { word: 'nextCell', keys: ['Tab'] },
      { word: 'column', keys: ['↓'] },
      { word: 'filter', keys: ['F'] },
      { word: 'create', keys: ['C'] },
    ],
  },
  {
    key: 'myDay',
    keys: [
      { word: 'move', keys: ['J', 'K', '↓', '↑'] },
      { word: 'done', keys: ['D'] },
      { word: 'snooze', keys: ['S'] },
      { word: 'open', keys: ['Enter'] },
    ],
  },
  {
    key: 'record',
    keys: [
      { word: 'walk', keys: ['J', 'K'] },
      { word: 'back', keys: ['Esc'] },
    ],
  },
  {
    key: 'board',
    keys: [
      { word: 'go', keys: ['→', '←', '↓', '↑'] },
      { word: 'peek', keys: [space] },
      { word: 'move', keys: ['M'] },
      { word: 'day', keys: ['Alt →', 'Alt ↓'] },
      { word: 'longer', keys: ['Alt ⇧ ↓', 'Alt ⇧ ↑'] },
    ],
  },
  {
    key: 'chart',
    keys: [
      { word: 'go', keys: ['→', '←', '↓', '↑'] },
      { word: 'open', keys: ['Enter'] },
    ],
  },
  {
    key: 'search',
    keys: [
      { word: 'open', keys: ['Enter'] },
      { word: 'peek', keys: ['⇧ Enter'] },
      { word: 'all', keys: [`${mod} Enter`] },
    ],
  },
  {
    key: 'duplicates',
    keys: [
      { word: 'move', keys: ['J', 'K', '↓', '↑'] },
      { word: 'merge', keys: ['Enter'] },
      { word: 'dismiss', keys: ['N'] },
    ],
  },
  {
    key: 'form',
    keys: [
      { word: 'save', keys: ['Enter'] },
      { word: 'saveForm', keys: [`${mod} Enter`] },
      { word: 'cancel', keys: ['Esc'] },
    ],
  },
];

export function KeyboardHelp({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useWords();
  return (
    <Modal opened onClose={onClose} title={t('help.title')} size={480} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {groups.map((group) => (
        <section key={group.key} className={classes.help}>
          <h2 className={classes.helpTitle}>{t(`help.${group.key}`)}</h2>
          <dl className={classes.helpKeys}>
            {group.keys.map(({ word, keys }) => (
              <div key={word}>
                <dt>{t(`help.${group.key}.${word}`)}</dt>
                <dd>
                  {keys.map((key) => (
                    <kbd key={key} className={classes.key}>
                      {key === space ? t(space) : key}
                    </kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  );
}

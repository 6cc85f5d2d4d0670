import { Tabs } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useWords } from '../words.ts';
import classes from './record.module.css';

interface Props {
  /** The lines above all columns: name, acts. */
  head: ReactNode;
  attributes: ReactNode;
  main: { label: string; body: ReactNode };
  related: { label: string; body: ReactNode };
}

/** A record's columns: attributes, the middle, related; under 1320 px related is a tab, under 768 all are. */
export function RecordFrame({ head, attributes, main, related }: Props): ReactNode {
  const { t } = useWords();
  const wide = useMediaQuery('(width >= 1320px)', true, { getInitialValueInEffect: false });
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  if (wide) {
    return (
      <div className={classes.screen}>
        {head}
        <div className={classes.columns}>
          <aside className={classes.columnAttributes}>{attributes}</aside>
          <main className={classes.columnMain}>{main.body}</main>
          <aside className={classes.columnRelated}>{related.body}</aside>
        </div>
      </div>
    );
  }
  const tabs = (
    <Tabs defaultValue="main" keepMounted={false} className={classes.tabs}>
      <Tabs.List className={classes.tabList}>
        <Tabs.Tab value="main">{main.label}</Tabs.Tab>
        {phone && <Tabs.Tab value="attributes">{t('record.details')}</Tabs.Tab>}
        <Tabs.Tab value="related">{related.label}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="main" className={classes.panel}>
        {main.body}
      </Tabs.Panel>
      {phone && (
        <Tabs.Panel value="attributes" className={classes.panel}>
          {attributes}
        </Tabs.Panel>
      )}
      <Tabs.Panel value="related" className={classes.panel}>
        {related.body}
      </Tabs.Panel>
    </Tabs>
  );
  return (
    <div className={classes.screen}>
      {head}
      {phone ? (
        tabs
      ) : (
        <div className={classes.columnsMiddle}>
          <aside className={classes.columnAttributes}>{attributes}</aside>
          <main className={classes.columnTabs}>{tabs}</main>
        </div>
      )}
    </div>
  );
}

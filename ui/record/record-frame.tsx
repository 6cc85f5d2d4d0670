import { Tabs } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Later } from '../later.tsx';
import { useWords } from '../words.ts';
import { usePeeking } from './peek-context.ts';
import classes from './record.module.css';

interface Props {
  /** The line above all columns, always in sight: name, acts. */
  head: ReactNode;
  /** What stands between it and the columns and scrolls away. */
  top?: ReactNode;
  attributes: ReactNode;
  main: { label: string; body: ReactNode };
  related: { label: string; body: ReactNode };
  /** On a phone the fields come first, the middle second. */
  factsFirst?: boolean;
}

/** A record's columns: attributes, the middle, related; under 1320 px related is a tab, under 768 and in a peek all are. */
export function RecordFrame({ head, top, attributes, main, related, factsFirst = false }: Props): ReactNode {
  const { t } = useWords();
  const wide = useMediaQuery('(width >= 1320px)', true, { getInitialValueInEffect: false });
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const peeking = usePeeking();
  if (peeking)
    return (
      <div className={classes.screen}>
        <div className={classes.headBar}>{head}</div>
        {top && <div className={classes.top}>{top}</div>}
        <Tabs value={peeking.tab} onChange={(tab) => tab && peeking.setTab(tab)} keepMounted={false}>
          <Tabs.List className={classes.tabList}>
            <Tabs.Tab value="attributes">{t('record.details')}</Tabs.Tab>
            <Tabs.Tab value="main">{main.label}</Tabs.Tab>
            <Tabs.Tab value="related">{related.label}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="attributes" className={classes.panelBody}>
            {attributes}
          </Tabs.Panel>
          <Tabs.Panel value="main">{main.body}</Tabs.Panel>
          <Tabs.Panel value="related" className={classes.panelBody}>
            {related.body}
          </Tabs.Panel>
        </Tabs>
      </div>
    );
  if (wide) {
    return (
      <div className={classes.screen}>
        <div className={classes.headBar}>{head}</div>
        {top && <div className={classes.top}>{top}</div>}
        <div className={classes.columns}>
          <section className={classes.columnAttributes} aria-label={t('record.details')}>
            <Later>{attributes}</Later>
          </section>
          <div className={classes.columnMain}>
            <Later steps={2}>{main.body}</Later>
          </div>
          <section className={classes.columnRelated} aria-label={related.label}>
            <Later steps={3}>{related.body}</Later>
          </section>
        </div>
      </div>
    );
  }
  const details = <Tabs.Tab value="attributes">{t('record.details')}</Tabs.Tab>;
  const tabs = (
    <Tabs defaultValue={phone && factsFirst ? 'attributes' : 'main'} keepMounted={false}>
      <Tabs.List className={classes.tabList}>
        {phone && factsFirst && details}
        <Tabs.Tab value="main">{main.label}</Tabs.Tab>
        {phone && !factsFirst && details}
        <Tabs.Tab value="related">{related.label}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="main" className={classes.panel}>
        <Later steps={2}>{main.body}</Later>
      </Tabs.Panel>
      {phone && (
        <Tabs.Panel value="attributes" className={classes.panel}>
          <div className={classes.panelBody}>{attributes}</div>
        </Tabs.Panel>
      )}
      <Tabs.Panel value="related" className={classes.panel}>
        <div className={classes.panelBody}>{related.body}</div>
      </Tabs.Panel>
    </Tabs>
  );
  return (
    <div className={classes.screen}>
      <div className={classes.headBar}>{head}</div>
      {top && <div className={classes.top}>{top}</div>}
      {phone ? (
        tabs
      ) : (
        <div className={classes.columnsMiddle}>
          <section className={classes.columnAttributes} aria-label={t('record.details')}>
            <Later>{attributes}</Later>
          </section>
          <div className={classes.columnTabs}>{tabs}</div>
        </div>
      )}
    </div>
  );
}

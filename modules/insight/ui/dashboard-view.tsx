import { ActionIcon, Button, Menu, Switch, TextInput } from '@mantine/core';
import {
  IconCalendarEvent,
  IconCopy,
  IconDots,
  IconFileTypePdf,
  IconHome,
  IconLink,
  IconPlus,
  IconShare2,
  IconTrash,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { TileWidth } from '#engine/declare/report.ts';
import { request } from '#ui/api.ts';
import { reordered } from '#ui/form/movable-row.tsx';
import { iconLook } from '#ui/icons.ts';
import { FilterBar } from '#ui/list/filter-bar.tsx';
import { readWhere } from '#ui/list/predicate.ts';
import { MenuButton } from '#ui/menu-button.tsx';
import { useMeta } from '#ui/meta.ts';
import { showDone, showFailure, showUndo } from '#ui/notify.tsx';
import { PageHeader } from '#ui/page-header.tsx';
import { queryClient } from '#ui/query-client.ts';
import { removeRecord } from '#ui/record/remove-record.ts';
import { ShareDialog, useMayShare } from '#ui/record/share-dialog.tsx';
import { useSession } from '#ui/session.ts';
import type { RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { reportOf, type Shown } from './dashboards.ts';
import { downloadPdf } from './download.ts';
import { EmbedDialog } from './embed-dialog.tsx';
import classes from './insight.module.css';
import { fetchInsight, type Insight, insightQuery, measuresQuery, type Over, reportsQuery, save, type Tile } from './insight.ts';
import { PeriodSelect } from './period-select.tsx';
import { ScheduleDialog } from './schedule-dialog.tsx';
import { DashboardTile } from './tile.tsx';

/** A dashboard with its days, its filter and its tiles; whoever may change it does so in place. */
export function DashboardView({ shown }: { shown: Shown }): ReactNode {
  const words = useWords();
  const { t } = words;
  const meta = useMeta();
  const navigate = useNavigate();
  const session = useSession();
  const object = meta.object('dashboard');
  const insight = useQuery(insightQuery).data;
  const saved = useQuery(reportsQuery).data;
  const measures = useQuery(measuresQuery).data;
  const [over, setOver] = useState<Over>(shown.over);
  const [dialog, setDialog] = useState<'share' | 'embed' | 'schedule' | null>(null);
  const mayShare = useMayShare(object ?? NOTHING) && shown.record !== null;
  const mine =
    shown.record !== null && object?.verbs.update === true && (shown.record.owner?.id === session?.user.id || meta.may('administer'));
  // Held over all tiles is what most of them count.
  const counted = measures?.[0] ? meta.object(over.filter?.object ?? measures[0].object) : undefined;
  const kept = JSON.stringify(over) === JSON.stringify(shown.over);
  const write = async (values: object, said: string): Promise<void> => {
    if (!shown.record) return;
    try {
      const { cause } = await save('dashboards', shown.record.id, values);
      showUndo(said, cause);
    } catch (problem) {
      showFailure(problem);
      await fetchInsight();
    }
  };
  const tiles = [...shown.tiles];
  const arrange = mine
    ? {
        move: (from: number, to: number): void => {
          void write({ tiles: reordered(tiles, from, to) }, t('dashboard.moved')).then(() =>
            document.querySelector<HTMLElement>(`[data-tile="${to}"]`)?.focus(),
          );
        },
        resize: (at: number, width: TileWidth): void =>
          void write({ tiles: tiles.map((tile, i) => (i === at ? { ...tile, width } : tile)) }, t('dashboard.resized')),
        remove: (at: number): void => void write({ tiles: tiles.filter((_, i) => i !== at) }, t('dashboard.removed')),
      }
    : null;
  const copy = async (): Promise<void> => {
    try {
      const name = t('report.copyOf', { name: shown.name });
      const { id, cause } = await save('dashboards', null, {
        name,
        tiles,
        period: over.period ?? null,
        filter: over.filter ?? null,
        mine: over.mine ?? false,
      });
      await navigate({ to: '/dashboards/$id', params: { id } });
      showUndo(t('report.made', { name }), cause, () => void navigate({ to: '/dashboards' }));
    } catch (problem) {
      showFailure(problem);
    }
  };
  const pages = (): void => {
    const reports = (insight && saved ? tiles : []).flatMap((tile) => (insight && saved ? (reportOf(tile, insight, saved, t) ?? []) : []));
    const asked = reports.map(({ name, question, drawing }) => ({ name, question, drawing }));
    downloadPdf({ name: shown.name, language: words.language, over, reports: asked }).catch(showFailure);
  };
  const beginWith = async (): Promise<void> => {
    try {
      const next = insight?.home.chosen && insight.home.dashboard === shown.key ? null : shown.key;
      await request('PUT', '/insight/home', { body: { dashboard: next } });
      await queryClient.invalidateQueries({ queryKey: insightQuery.queryKey });
      showDone(t(next === null ? 'dashboard.homeOfRole' : 'dashboard.homeChosen', { name: shown.name }));
    } catch (problem) {
      showFailure(problem);
    }
  };
  return (
    <div className={classes.screen}>
      <PageHeader
        title={
          mine ? <Title key={shown.name} name={shown.name} onSave={(name) => write({ name }, t('report.renamed', { name }))} /> : shown.name
        }
      >
        {mine && insight && saved && (
          <AddTile insight={insight} saved={saved} onAdd={(tile) => void write({ tiles: [...tiles, tile] }, t('dashboard.added'))} />
        )}
        {!shown.record && object?.verbs.create && (
          <Button variant="default" onClick={() => void copy()}>
            {t('dashboard.copyToEdit')}
          </Button>
        )}
        <MenuButton
          position="bottom-end"
          button={(props) => (
            <ActionIcon {...props} variant="subtle" color="gray" aria-label={t('dashboard.acts')}>
              <IconDots {...iconLook} />
            </ActionIcon>
          )}
        >
          {() => (
            <>
              <Menu.Item leftSection={<IconHome {...iconLook} />} onClick={() => void beginWith()}>
                {t(insight?.home.chosen && insight.home.dashboard === shown.key ? 'dashboard.homeReset' : 'dashboard.homeChoose')}
              </Menu.Item>
              {object?.verbs.create && (
                <Menu.Item leftSection={<IconCopy {...iconLook} />} onClick={() => void copy()}>
                  {t('report.saveCopy')}
                </Menu.Item>
              )}
              {mayShare && (
                <Menu.Item leftSection={<IconShare2 {...iconLook} />} onClick={() => setDialog('share')}>
                  {t('share.open')}
                </Menu.Item>
              )}
              {meta.may('export') && tiles.length > 0 && (
                <Menu.Item leftSection={<IconFileTypePdf {...iconLook} />} onClick={pages}>
                  {t('report.pdf')}
                </Menu.Item>
              )}
              {meta.may('export') && meta.object('reportSchedule')?.verbs.create && (
                <Menu.Item leftSection={<IconCalendarEvent {...iconLook} />} onClick={() => setDialog('schedule')}>
                  {t('schedule.act')}
                </Menu.Item>
              )}
              {meta.may('export') && meta.object('embed')?.verbs.create && (
                <Menu.Item leftSection={<IconLink {...iconLook} />} onClick={() => setDialog('embed')}>
                  {t('embed.act')}
                </Menu.Item>
              )}
              {mine && shown.record && object && (
                <Menu.Item
                  leftSection={<IconTrash {...iconLook} />}
                  color="danger"
                  onClick={() =>
                    void removeRecord(object, shown.record as unknown as RecordData).then(async (gone) => {
                      await fetchInsight();
                      if (gone) await navigate({ to: '/dashboards' });
                    })
                  }
                >
                  {t('report.remove')}
                </Menu.Item>
              )}
            </>
          )}
        </MenuButton>
      </PageHeader>
      <div className={classes.page}>
        <div className={classes.bar}>
          <PeriodSelect value={over.period} own onChange={(period) => setOver(withPeriod(over, period))} />
          <Switch
            label={t('report.mine')}
            checked={over.mine === true}
            onChange={(event) => setOver(event.currentTarget.checked ? { ...over, mine: true } : without(over, 'mine'))}
          />
          {counted && (
            <FilterBar
              object={counted}
              where={readWhere(over.filter?.where)}
              clearable
              onChange={(where) => setOver(where ? { ...over, filter: { object: counted.key, where } } : without(over, 'filter'))}
            />
          )}
          {mine && !kept && (
            <Button
              size="compact"
              variant="subtle"
              onClick={() =>
                void write({ period: over.period ?? null, filter: over.filter ?? null, mine: over.mine ?? false }, t('dashboard.keptOver'))
              }
            >
              {t('dashboard.keepOver')}
            </Button>
          )}
        </div>
        {tiles.length === 0 && <p className="pg-secondary">{t(mine ? 'dashboard.empty' : 'dashboard.emptyOther')}</p>}
        {insight && saved && (
          <ul className={classes.grid}>
            {tiles.map((tile, at) => (
              <DashboardTile
                // biome-ignore lint/suspicious/noArrayIndexKey: a tile is its place; what it shows is told by its report
                key={`${at} ${tile.report ?? tile.name}`}
                at={at}
                count={tiles.length}
                width={tile.width}
                report={reportOf(tile, insight, saved, t)}
                over={over}
                arrange={arrange}
              />
            ))}
          </ul>
        )}
      </div>
      {dialog === 'schedule' && <ScheduleDialog name={shown.name} of={{ dashboard: shown.key }} onClose={() => setDialog(null)} />}
      {dialog === 'embed' && <EmbedDialog name={shown.name} of={{ dashboard: shown.key }} onClose={() => setDialog(null)} />}
      {dialog === 'share' && shown.record && object && (
        <ShareDialog object={object} record={shown.record as unknown as RecordData} onClose={() => setDialog(null)} />
      )}
    </div>
  );
}

const NOTHING = { verbs: { update: false } } as Parameters<typeof useMayShare>[0];

function without(over: Over, key: keyof Over): Over {
  const { [key]: _, ...rest } = over;
  return rest;
}

const withPeriod = (over: Over, period: Over['period']): Over => (period === undefined ? without(over, 'period') : { ...over, period });

/** A name that is saved when it is left or entered. */
function Title({ name, onSave }: { name: string; onSave: (name: string) => Promise<void> }): ReactNode {
  const { t } = useWords();
  const [draft, setDraft] = useState(name);
  const leave = (): void => {
    const next = draft.trim();
    if (next === '' || next === name) setDraft(name);
    else void onSave(next);
  };
  return (
    <TextInput
      className={classes.title ?? ''}
      aria-label={t('report.title')}
      variant="unstyled"
      value={draft}
      maxLength={120}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={leave}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') setDraft(name);
      }}
    />
  );
}

function AddTile({
  insight,
  saved,
  onAdd,
}: {
  insight: Insight;
  saved: { id: string; name: string }[];
  onAdd: (tile: Tile) => void;
}): ReactNode {
  const { t } = useWords();
  return (
    <MenuButton
      position="bottom-end"
      scrolling
      button={(props) => (
        <Button {...props} variant="default" leftSection={<IconPlus {...iconLook} />}>
          {t('dashboard.add')}
        </Button>
      )}
    >
      {() => (
        <>
          {saved.length > 0 && <Menu.Label>{t('report.own')}</Menu.Label>}
          {saved.map(({ id, name }) => (
            <Menu.Item key={id} onClick={() => onAdd({ report: id, width: 2 })}>
              {name}
            </Menu.Item>
          ))}
          <Menu.Label>{t('report.builtIn')}</Menu.Label>
          {insight.reports.map(({ key, drawing }) => (
            <Menu.Item key={key} onClick={() => onAdd({ report: key, width: drawing.form === 'number' ? 1 : 2 })}>
              {t(`report.${key}`)}
            </Menu.Item>
          ))}
        </>
      )}
    </MenuButton>
  );
}

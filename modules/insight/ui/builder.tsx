import { ActionIcon, Button, Menu, TextInput } from '@mantine/core';
import {
  IconBell,
  IconCalendarEvent,
  IconCopy,
  IconDots,
  IconDownload,
  IconFileTypePdf,
  IconLink,
  IconShare2,
  IconTable,
  IconTrash,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ReportView } from '#ui/chart/report-view.tsx';
import { failureText } from '#ui/failure.ts';
import { formatDate, formatRelative } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { MenuButton } from '#ui/menu-button.tsx';
import { useMeta } from '#ui/meta.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { PageHeader } from '#ui/page-header.tsx';
import { useCommands } from '#ui/palette/commands.ts';
import { removeRecord } from '#ui/record/remove-record.ts';
import { ShareDialog, useMayShare } from '#ui/record/share-dialog.tsx';
import { useSession } from '#ui/session.ts';
import type { RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { AlertDialog } from './alert-dialog.tsx';
import { downloadCsv, downloadPdf } from './download.ts';
import { EmbedDialog } from './embed-dialog.tsx';
import classes from './insight.module.css';
import { answerQuery, type Drawing, fetchInsight, type MeasureInfo, type Question, type SavedReport, save } from './insight.ts';
import { fitting, mended, objectOf } from './question.ts';
import { QuestionSide } from './question-side.tsx';
import { ScheduleDialog } from './schedule-dialog.tsx';
import { useDrill } from './use-drill.ts';

interface Draft {
  name: string;
  question: Question;
  drawing: Drawing;
}

interface Props {
  record: SavedReport | null;
  builtIn?: boolean;
  /** Its key or id; null while it is new. */
  id: string | null;
  start: Draft;
  measures: readonly MeasureInfo[];
}

/** A report asked beside its answer: every change is shown at once, and kept when it is saved. */
export function Builder({ record, builtIn = false, id, start, measures }: Props): ReactNode {
  const words = useWords();
  const { t } = words;
  const meta = useMeta();
  const navigate = useNavigate();
  const session = useSession();
  const object = meta.object('report');
  const [draft, setDraft] = useState<Draft>({ name: start.name, question: start.question, drawing: start.drawing });
  // Until somebody says how, it is drawn as fits the question best.
  const [formChosen, setFormChosen] = useState(record !== null || builtIn);
  const [dialog, setDialog] = useState<'share' | 'alert' | 'embed' | 'schedule' | null>(null);
  const [asTable, setAsTable] = useState(false);
  const { question, drawing } = draft;
  const mine = record !== null && object?.verbs.update === true && (record.owner?.id === session?.user.id || meta.may('administer'));
  const mayMake = object?.verbs.create === true;
  const mayShare = useMayShare(object ?? NOTHING) && mine;
  const asked = question.measures.length > 0;
  const { data, error, isFetching } = useQuery({ ...answerQuery(question, drawing, {}), enabled: asked });
  const drill = useDrill(data);
  const changed = JSON.stringify([draft.name, question, drawing]) !== JSON.stringify([start.name, start.question, start.drawing]);
  const ask = (next: Question): void => {
    const good = mended(next, measures);
    setDraft({ ...draft, question: good, drawing: fitting(good, drawing, measures, formChosen) });
  };
  const draw = (next: Drawing): void => {
    setFormChosen(true);
    setDraft({ ...draft, drawing: next });
  };
  const suggested = question.measures.map((key) => t(`measure.${key}`)).join(', ');
  const keep = async (as: 'same' | 'new'): Promise<void> => {
    const name = draft.name.trim() || suggested;
    try {
      const own = as === 'new' && (record || builtIn) && name === start.name ? t('report.copyOf', { name }) : name;
      const { id: made, cause } = await save('reports', as === 'same' ? (record?.id ?? null) : null, { name: own, question, drawing });
      await navigate({ to: '/reports/$id', params: { id: made }, replace: as === 'same' });
      showUndo(t(record && as === 'same' ? 'report.saved' : 'report.made', { name: own }), cause);
    } catch (problem) {
      showFailure(problem);
    }
  };
  const file = (): void => {
    downloadCsv({ question, drawing, name: draft.name || suggested, language: words.language }).catch(showFailure);
  };
  const pages = (): void => {
    const name = draft.name || suggested;
    downloadPdf({ name, language: words.language, reports: [{ name, question, drawing }] }).catch(showFailure);
  };
  useCommands([
    ...(mayMake && asked
      ? [{ key: 'report save', word: t('report.save'), icon: IconCopy, run: () => void keep(mine ? 'same' : 'new') }]
      : []),
    ...(meta.may('export') && asked
      ? [
          { key: 'report csv', word: t('report.csv'), icon: IconDownload, run: file },
          { key: 'report pdf', word: t('report.pdf'), icon: IconFileTypePdf, run: pages },
        ]
      : []),
  ]);
  const counted = meta.object(objectOf(question, measures) ?? undefined);
  return (
    <div className={classes.screen}>
      <PageHeader
        title={
          mayMake && (mine || !record) ? (
            <TextInput
              className={classes.title ?? ''}
              aria-label={t('report.title')}
              variant="unstyled"
              placeholder={suggested || t('report.new')}
              value={draft.name}
              maxLength={120}
              onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
            />
          ) : (
            draft.name
          )
        }
      >
        {asked && mayMake && (mine || !record) && (
          <Button disabled={(mine || builtIn) && !changed && !builtIn} onClick={() => void keep(mine ? 'same' : 'new')}>
            {t(builtIn ? 'report.saveCopy' : 'report.save')}
          </Button>
        )}
        <MenuButton
          position="bottom-end"
          button={(props) => (
            <ActionIcon {...props} variant="subtle" color="gray" aria-label={t('report.acts')}>
              <IconDots {...iconLook} />
            </ActionIcon>
          )}
        >
          {() => (
            <>
              {asked && meta.may('export') && (
                <>
                  <Menu.Item leftSection={<IconFileTypePdf {...iconLook} />} onClick={pages}>
                    {t('report.pdf')}
                  </Menu.Item>
                  <Menu.Item leftSection={<IconDownload {...iconLook} />} onClick={file}>
                    {t('report.csv')}
                  </Menu.Item>
                </>
              )}
              {id && !changed && meta.may('export') && meta.object('reportSchedule')?.verbs.create && (
                <Menu.Item leftSection={<IconCalendarEvent {...iconLook} />} onClick={() => setDialog('schedule')}>
                  {t('schedule.act')}
                </Menu.Item>
              )}
              <Menu.Item leftSection={<IconTable {...iconLook} />} onClick={() => setAsTable(!asTable)}>
                {t(asTable ? 'report.asDrawn' : 'report.asTable')}
              </Menu.Item>
              {mayMake && record && (
                <Menu.Item leftSection={<IconCopy {...iconLook} />} onClick={() => void keep('new')}>
                  {t('report.saveCopy')}
                </Menu.Item>
              )}
              {mayShare && (
                <Menu.Item leftSection={<IconShare2 {...iconLook} />} onClick={() => setDialog('share')}>
                  {t('share.open')}
                </Menu.Item>
              )}
              {asked && meta.object('measureAlert')?.verbs.create && (
                <Menu.Item leftSection={<IconBell {...iconLook} />} onClick={() => setDialog('alert')}>
                  {t('alert.act')}
                </Menu.Item>
              )}
              {id && !changed && meta.may('export') && meta.object('embed')?.verbs.create && (
                <Menu.Item leftSection={<IconLink {...iconLook} />} onClick={() => setDialog('embed')}>
                  {t('embed.act')}
                </Menu.Item>
              )}
              {mine && record && object && (
                <Menu.Item
                  leftSection={<IconTrash {...iconLook} />}
                  color="danger"
                  onClick={() =>
                    void removeRecord(object, record as unknown as RecordData).then(async (gone) => {
                      await fetchInsight();
                      if (gone) await navigate({ to: '/reports' });
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
      <div className={`${classes.page} ${classes.builder}`}>
        <QuestionSide
          question={question}
          drawing={drawing}
          measures={measures}
          object={counted}
          asOf={data?.asOf}
          onAsk={ask}
          onDraw={draw}
        />
        <section aria-label={t('report.preview')} aria-busy={isFetching}>
          {!asked && <p className="pg-secondary">{t('report.choose')}</p>}
          {asked && error && (
            <p role="alert" className="pg-secondary">
              {failureText(error)}
            </p>
          )}
          {asked && !error && data && (
            <>
              <ReportView answer={data} drawing={drawing} name={draft.name || suggested} height={360} asTable={asTable} onDrill={drill} />
              <p className="pg-meta">
                {data.period ? `${formatDate(data.period.from)} – ${formatDate(data.period.to)}` : t('period.always')} ·{' '}
                {t('report.asOfWhen', { when: formatRelative(data.asOf) })}
              </p>
            </>
          )}
        </section>
      </div>
      {dialog === 'share' && record && object && (
        <ShareDialog object={object} record={record as unknown as RecordData} onClose={() => setDialog(null)} />
      )}
      {dialog === 'alert' && asked && <AlertDialog question={question} measures={measures} onClose={() => setDialog(null)} />}
      {dialog === 'schedule' && id && <ScheduleDialog name={draft.name} of={{ report: id }} onClose={() => setDialog(null)} />}
      {dialog === 'embed' && id && <EmbedDialog name={draft.name} of={{ report: id }} onClose={() => setDialog(null)} />}
    </div>
  );
}

const NOTHING = { verbs: { update: false } } as Parameters<typeof useMayShare>[0];

import { Button, MultiSelect, Progress, SegmentedControl, Select } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconFileUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import type { ImportMode, Mapping } from '#engine/declare/import-mapping.ts';
import { ApiError } from '#ui/api.ts';
import { failureText, problemText, refusalText } from '#ui/failure.ts';
import { formatNumber, formatSize } from '#ui/format.ts';
import { ButtonLink } from '#ui/links.tsx';
import { useMeta } from '#ui/meta.ts';
import { PageHeader } from '#ui/page-header.tsx';
import { queryClient } from '#ui/query-client.ts';
import { useWords } from '#ui/words.ts';
import { ColumnMapping } from './column-mapping.tsx';
import { ErasedRows } from './erased-rows.tsx';
import classes from './import.module.css';
import { type Inspection, importQuery, inspectFile, isOver, startImport } from './import-run.ts';
import { LikelyRows } from './likely-rows.tsx';
import { Problems, RunCounts, RunProgress, RunView } from './run-view.tsx';
import { plainTarget, targetsOf } from './targets.ts';

const route = getRouteApi('/app/import');

function Part({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <section className={classes.part}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** A place to drop a file on, or to choose one by click or key. */
function DropPlace({ onFile, busy }: { onFile: (file: File) => void; busy: number | null }): ReactNode {
  const { t } = useWords();
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way, the button inside is the other
    <div
      className={classes.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileUpload size={20} stroke={1.5} aria-hidden />
      {busy === null ? (
        <>
          <span>{t('import.drop')}</span>
          <Button variant="default" onClick={() => input.current?.click()}>
            {t('import.choose')}
          </Button>
          <span className="pg-meta">{t('import.formats')}</span>
        </>
      ) : (
        <div className={classes.progress} role="status">
          <Progress value={busy * 100} size={6} aria-label={t('import.uploading')} />
          <span>{busy < 1 ? t('import.uploading') : t('import.reading')}</span>
        </div>
      )}
      <input
        ref={input}
        type="file"
        accept=".csv,.tsv,.txt,.xlsx"
        hidden
        aria-label={t('import.choose')}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          if (file) onFile(file);
        }}
      />
    </div>
  );
}

function delimiterWord(delimiter: string | null, label: (key: string) => string): string | null {
  const names: Record<string, string> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' };
  return delimiter === null ? null : names[delimiter] ? label(`delimiter.${names[delimiter]}`) : delimiter;
}

/** The first rows as they are in the file. */
function Sample({ inspection }: { inspection: Inspection }): ReactNode {
  return (
    <div className={classes.sample}>
      <table>
        <thead>
          <tr>
            {inspection.columns.map((column) => (
              <th key={column.name}>{column.name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {inspection.sample.slice(0, 4).map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file are their places
            <tr key={at}>
              {row.map((cell, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells of a file are their places
                <td key={place}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function emptyMapping(object: string, inspection: Inspection): Mapping {
  return { object, columns: Object.fromEntries(inspection.columns.map((column) => [column.name, { skip: true as const }])) };
}

interface PlanProps {
  inspection: Inspection;
  /** The object whose list led here. */
  wanted: string | undefined;
  sheet: string | null;
  onSheet: (sheet: string) => void;
  onOther: () => void;
}

/** All choices about one file, from its columns to its check. */
function FilePlan({ inspection, wanted, sheet, onSheet, onOther }: PlanProps): ReactNode {
  const words = useWords();
  const { t, plural, label } = words;
  const meta = useMeta();
  const navigate = useNavigate();
  const creatable = meta.objects.filter((object) => object.verbs.create);
  const suggested = inspection.suggest;
  const first =
    wanted && wanted !== suggested?.object && !suggested?.preset ? wanted : (suggested?.object ?? wanted ?? creatable[0]?.key ?? '');
  const [objectKey, setObjectKey] = useState(first);
  const [preset, setPreset] = useState<string | null>(suggested?.object === first ? (suggested?.preset ?? null) : null);
  const [mapping, setMapping] = useState<Mapping>(() =>
    suggested && suggested.object === first ? suggested.map : emptyMapping(first, inspection),
  );
  const [mode, setMode] = useState<ImportMode>(mapping.match && mapping.match.length > 0 ? 'upsert' : 'create');
  const [check, setCheck] = useState<string | null>(null);
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const [failure, setFailure] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const [leaveOut, setLeaveOut] = useState(false);
  const checked = useQuery({ ...importQuery(check ?? ''), enabled: check !== null }).data;
  const object = meta.object(objectKey);
  const presets = meta.presets.filter((entry) => entry.object === objectKey);
  const targets = Object.values(mapping.columns)
    .flat()
    .filter((target) => !target.skip && target.field);
  const mapped = targets.length;
  const needsMatch = mode !== 'create' && preset === null;
  const ready = object !== undefined && (preset !== null || mapped > 0) && (!needsMatch || (mapping.match?.length ?? 0) > 0);
  const good = checked && isOver(checked) && checked.state === 'done' ? inspection.rows - checked.failed : inspection.rows;
  // Any change makes the last check worthless.
  const change = (act: () => void): void => {
    setCheck(null);
    setFailure(null);
    act();
  };
  const start = async (dryRun: boolean): Promise<void> => {
    setStarting(true);
    setFailure(null);
    try {
      const id = await startImport({
        file: inspection.file,
        sheet,
        object: objectKey,
        preset,
        map: preset ? null : mapping,
        mode: preset ? null : mode,
        dryRun,
        // A trial tells of them; whether they are left out is said afterwards.
        leaveOutLikely: leaveOut && !dryRun,
      });
      if (dryRun) setCheck(id);
      else {
        await queryClient.invalidateQueries({ queryKey: ['jobs'] });
        await navigate({ to: '/import', search: { id } });
      }
    } catch (problem) {
      const details = problem instanceof ApiError ? problem.errors.map(problemText).join(' ') : '';
      setFailure([refusalText(problem), details].filter(Boolean).join(' '));
    } finally {
      setStarting(false);
    }
  };
  const mappedTo = new Set(targets.map((target) => plainTarget(target.field)));
  const matchable = object ? targetsOf(object, words).filter((target) => mappedTo.has(target.value)) : [];
  const checking = checked !== undefined && !isOver(checked);
  const passed = checked !== undefined && isOver(checked) && checked.state === 'done';
  return (
    <>
      <Part title={t('import.found')}>
        <div className={classes.foundLine}>
          <span className={classes.strong}>{inspection.name}</span>
          <span className="pg-secondary pg-figures">
            {[
              formatSize(inspection.size),
              inspection.format.toUpperCase(),
              inspection.encoding?.toUpperCase(),
              delimiterWord(inspection.delimiter, label),
              t('import.rows', { count: inspection.rows, n: formatNumber(inspection.rows, 0) }),
            ]
              .filter(Boolean)
              .join(' · ')}
          </span>
          <Button size="compact" variant="subtle" color="gray" onClick={onOther}>
            {t('import.otherFile')}
          </Button>
        </div>
        {inspection.sheets && inspection.sheets.length > 1 && (
          <Select
            label={t('import.sheet')}
            allowDeselect={false}
            data={inspection.sheets}
            value={sheet ?? inspection.sheets[0]}
            onChange={(next) => next && onSheet(next)}
          />
        )}
        <Sample inspection={inspection} />
      </Part>
      <Part title={t('import.into')}>
        <div className={classes.into}>
          <Select
            label={t('import.object')}
            searchable
            allowDeselect={false}
            data={creatable.map((entry) => ({ value: entry.key, label: plural(entry.key) }))}
            value={objectKey}
            onChange={(next) =>
              next &&
              change(() => {
                setObjectKey(next);
                setPreset(null);
                setMapping(suggested?.object === next ? suggested.map : emptyMapping(next, inspection));
              })
            }
          />
          {presets.length > 0 && (
            <Select
              label={t('import.preset')}
              placeholder={t('import.noPreset')}
              clearable
              data={presets.map((entry) => ({ value: entry.key, label: label(`preset.${entry.key}`) }))}
              value={preset}
              onChange={(next) => change(() => setPreset(next))}
            />
          )}
        </div>
        {preset !== null && <p className="pg-secondary">{t('import.presetDecides')}</p>}
      </Part>
      {object && preset === null && (
        <Part title={t('import.columns')}>
          <ColumnMapping
            key={objectKey}
            object={object}
            inspection={inspection}
            mapping={mapping}
            onChange={(next) => change(() => setMapping(next))}
          />
        </Part>
      )}
      {preset === null && (
        <Part title={t('import.how')}>
          <SegmentedControl
            orientation={phone ? 'vertical' : 'horizontal'}
            aria-label={t('import.how')}
            value={mode}
            onChange={(next) => change(() => setMode(next === 'update' || next === 'upsert' ? next : 'create'))}
            data={(['create', 'update', 'upsert'] as const).map((one) => ({ value: one, label: t(`import.mode.${one}`) }))}
          />
          {needsMatch && (
            <MultiSelect
              label={t('import.match')}
              description={t('import.matchHint')}
              data={matchable}
              value={mapping.match ?? []}
              onChange={(match) => change(() => setMapping({ ...mapping, match }))}
              maw={400}
            />
          )}
        </Part>
      )}
      {(checked || failure) && (
        <Part title={t('import.check')}>
          {checking && <RunProgress run={checked} />}
          {passed && (
            <>
              <p className={classes.outcome}>
                {checked.failed === 0
                  ? t('import.checkGood', { n: formatNumber(inspection.rows, 0), count: inspection.rows })
                  : t('import.checkBad', { n: formatNumber(checked.failed, 0), count: checked.failed })}
              </p>
              <RunCounts run={checked} planned />
              <Problems problems={checked.problems ?? []} failed={checked.failed} />
              <ErasedRows run={checked} />
              {object && <LikelyRows run={checked} object={object} leaveOut={leaveOut} onLeaveOut={setLeaveOut} />}
            </>
          )}
          {checked && isOver(checked) && !passed && (
            <p className={classes.missing}>{checked.error ?? t(`import.outcome.${checked.state}`)}</p>
          )}
          {failure && (
            <p className={classes.missing} role="alert">
              {failure}
            </p>
          )}
        </Part>
      )}
      <div className={classes.acts}>
        {passed ? (
          <>
            <Button disabled={starting || !ready || good === 0} onClick={() => void start(false)}>
              {t('import.run', { count: good, n: formatNumber(good, 0) })}
            </Button>
            <Button variant="default" disabled={starting} onClick={() => void start(true)}>
              {t('import.checkAgain')}
            </Button>
          </>
        ) : (
          <>
            <Button disabled={starting || checking || !ready} onClick={() => void start(true)}>
              {t('import.checkRows', { count: inspection.rows, n: formatNumber(inspection.rows, 0) })}
            </Button>
            <Button variant="subtle" disabled={starting || checking || !ready} onClick={() => void start(false)}>
              {t('import.unchecked')}
            </Button>
          </>
        )}
        {!ready && (
          <span className="pg-secondary">
            {needsMatch && (mapping.match?.length ?? 0) === 0 ? t('import.needsMatch') : t('import.needsColumns')}
          </span>
        )}
      </div>
    </>
  );
}

/** A file in, records out, on one page: what was found, what becomes what, the check, the run. The run is in the address and survives a reload. */
export function ImportScreen(): ReactNode {
  const { t } = useWords();
  const { object, id } = route.useSearch();
  const [file, setFile] = useState<File | null>(null);
  const [sheet, setSheet] = useState<string | null>(null);
  const [inspection, setInspection] = useState<Inspection | null>(null);
  const [busy, setBusy] = useState<number | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const run = useQuery({ ...importQuery(id ?? ''), enabled: id !== undefined });
  const read = async (given: File, ofSheet: string | null): Promise<void> => {
    setFile(given);
    setSheet(ofSheet);
    setFailure(null);
    setInspection(null);
    setBusy(0);
    try {
      setInspection(await inspectFile(given, ofSheet, setBusy, new AbortController().signal));
    } catch (problem) {
      setFailure(failureText(problem));
    } finally {
      setBusy(null);
    }
  };
  return (
    <div className={classes.screen}>
      <PageHeader title={t('import.heading')}>
        <ButtonLink size="compact" variant="default" to="/imports">
          {t('import.history')}
        </ButtonLink>
      </PageHeader>
      <div className={classes.page}>
        {id !== undefined ? (
          <>
            {run.data && (
              <Part title={run.data.name ?? run.data.label ?? t('import.one')}>
                <RunView run={run.data} />
              </Part>
            )}
            {run.isError && <p role="alert">{failureText(run.error)}</p>}
          </>
        ) : inspection ? (
          <FilePlan
            key={inspection.file}
            inspection={inspection}
            wanted={object}
            sheet={sheet}
            onSheet={(next) => file && void read(file, next)}
            onOther={() => setInspection(null)}
          />
        ) : (
          <>
            <DropPlace onFile={(given) => void read(given, null)} busy={busy} />
            {failure && (
              <p className={classes.missing} role="alert">
                {failure}
              </p>
            )}
          </>
        )}
      </div>
    </div>
  );
}

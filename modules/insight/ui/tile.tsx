import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArrowLeft,
  IconArrowRight,
  IconChartBar,
  IconColumns,
  IconDots,
  IconExternalLink,
  IconGripVertical,
  IconTable,
  IconTrash,
} from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { TileWidth } from '#engine/declare/report.ts';
import { iconLook } from '#ui/icons.ts';
import { MenuButton } from '#ui/menu-button.tsx';
import { Tip } from '#ui/tip.tsx';
import { useWords } from '#ui/words.ts';
import type { TileReport } from './dashboards.ts';
import classes from './insight.module.css';
import type { Over } from './insight.ts';
import { TileBody } from './tile-body.tsx';

const WIDTHS: readonly TileWidth[] = [1, 2, 3, 4];

interface Props {
  at: number;
  count: number;
  width: TileWidth;
  report: TileReport | undefined;
  over: Over;
  /** How the tiles are arranged; null where they are not this reader's to arrange. */
  arrange: {
    move: (from: number, to: number) => void;
    resize: (at: number, width: TileWidth) => void;
    remove: (at: number) => void;
  } | null;
}

/** A report on a dashboard. Its place changes by its handle, by Alt with an arrow key, or by its menu. */
export function DashboardTile({ at, count, width, report, over, arrange }: Props): ReactNode {
  const { t } = useWords();
  const navigate = useNavigate();
  const [asTable, setAsTable] = useState(false);
  const [dropping, setDropping] = useState(false);
  const tile = useRef<HTMLLIElement>(null);
  const handle = useRef<HTMLSpanElement>(null);
  const moving = useRef(arrange?.move);
  moving.current = arrange?.move;
  const movable = arrange !== null;
  useEffect(() => {
    const element = tile.current;
    const dragHandle = handle.current;
    if (!element || !dragHandle || !movable) return;
    return combine(
      draggable({ element, dragHandle, getInitialData: () => ({ kind: 'tile', at }) }),
      dropTargetForElements({
        element,
        canDrop: ({ source }) => source.data.kind === 'tile' && source.element !== element,
        onDragEnter: () => setDropping(true),
        onDragLeave: () => setDropping(false),
        onDrop: ({ source }) => {
          setDropping(false);
          moving.current?.(Number(source.data.at), at);
        },
      }),
    );
  }, [at, movable]);
  const name = report?.name ?? t('dashboard.tileGone');
  const step = (by: number): void => {
    if (at + by >= 0 && at + by < count) arrange?.move(at, at + by);
  };
  const onKey = (event: KeyboardEvent<HTMLLIElement>): void => {
    if (!arrange || !event.altKey || event.target !== event.currentTarget) return;
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    if (event.shiftKey) arrange.resize(at, Math.max(1, Math.min(4, width + by)) as TileWidth);
    else step(by);
  };
  return (
    <li
      ref={tile}
      className={classes.tile}
      style={{ '--width': width } as CSSProperties}
      data-over={dropping || undefined}
      data-tile={at}
      aria-label={name}
      tabIndex={arrange ? 0 : undefined}
      onKeyDown={onKey}
    >
      <div className={classes.tileHead}>
        {arrange && (
          <span ref={handle} className={classes.handle} aria-hidden>
            <IconGripVertical {...iconLook} />
          </span>
        )}
        <h2 className="pg-ellipsis">
          {report?.report ? (
            <Link to="/reports/$id" params={{ id: report.report }}>
              {name}
            </Link>
          ) : (
            name
          )}
        </h2>
        <span className={classes.acts}>
          {report && report.drawing.form !== 'number' && report.drawing.form !== 'table' && (
            <Tip label={t(asTable ? 'report.asDrawn' : 'report.asTable')}>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t(asTable ? 'report.asDrawnOf' : 'report.asTableOf', { name })}
                aria-pressed={asTable}
                onClick={() => setAsTable(!asTable)}
              >
                {asTable ? <IconChartBar {...iconLook} /> : <IconTable {...iconLook} />}
              </ActionIcon>
            </Tip>
          )}
          {(arrange || report?.report) && (
            <MenuButton
              position="bottom-end"
              button={(props) => (
                <ActionIcon {...props} variant="subtle" color="gray" aria-label={t('dashboard.tileActs', { name })}>
                  <IconDots {...iconLook} />
                </ActionIcon>
              )}
            >
              {() => (
                <>
                  {report?.report && (
                    <Menu.Item
                      leftSection={<IconExternalLink {...iconLook} />}
                      onClick={() => void navigate({ to: '/reports/$id', params: { id: report.report ?? '' } })}
                    >
                      {t('report.open')}
                    </Menu.Item>
                  )}
                  {arrange && (
                    <>
                      <Menu.Item leftSection={<IconArrowLeft {...iconLook} />} disabled={at === 0} onClick={() => step(-1)}>
                        {t('dashboard.earlier')}
                      </Menu.Item>
                      <Menu.Item leftSection={<IconArrowRight {...iconLook} />} disabled={at === count - 1} onClick={() => step(1)}>
                        {t('dashboard.later')}
                      </Menu.Item>
                      {WIDTHS.filter((one) => one !== width).map((one) => (
                        <Menu.Item key={one} leftSection={<IconColumns {...iconLook} />} onClick={() => arrange.resize(at, one)}>
                          {t('dashboard.width', { n: one })}
                        </Menu.Item>
                      ))}
                      <Menu.Item leftSection={<IconTrash {...iconLook} />} color="danger" onClick={() => arrange.remove(at)}>
                        {t('dashboard.removeTile')}
                      </Menu.Item>
                    </>
                  )}
                </>
              )}
            </MenuButton>
          )}
        </span>
      </div>
      <div className={classes.body}>
        {report ? (
          <TileBody name={name} question={report.question} drawing={report.drawing} over={over} asTable={asTable} />
        ) : (
          <p className="pg-secondary">{t('dashboard.tileGoneHint')}</p>
        )}
      </div>
    </li>
  );
}

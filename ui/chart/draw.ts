import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, type EChartsType, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { formatCompact } from '../format.ts';
import type { Tokens } from '../tokens.ts';
import { figureText, type Unit } from './answer.ts';
import type { Lines } from './series.ts';

// Fetched when the first chart is drawn; nothing of echarts but this.
use([LineChart, BarChart, GridComponent, TooltipComponent, AriaComponent, SVGRenderer]);

interface Look {
  tokens: Tokens;
  fromRight: boolean;
  /** What stands under a point, and what a series is called. */
  over: string[];
  names: string[];
  /** Written as figures in the company's currency. */
  currency: string;
  line: boolean;
}

/** Up to so many series are named where they run, and up to so many bars say their figure. */
const NAMED = 4;
const SAYING = 14;
const FONT = "'Inter Variable', 'Noto Sans Arabic Variable', system-ui, sans-serif";

export interface Drawn {
  show(lines: Lines, look: Look, onPick: (series: number, at: number) => void): void;
  resize(): void;
  /** Where a point stands in the element; null where it is not drawn. */
  spot(series: number, at: number): { x: number; y: number } | null;
  /** Shows what is told of a point, as under the mouse. */
  tell(series: number, at: number): void;
  hush(): void;
  end(): void;
}

/** Begins a chart in an element. */
export function begin(element: HTMLElement): Drawn {
  const chart: EChartsType = init(element, null, { renderer: 'svg' });
  let drawn: { lines: Lines; lying: boolean } | null = null;
  return {
    show(lines, look, onPick) {
      drawn = { lines, lying: isLying(lines, look) };
      chart.setOption(optionsOf(lines, look), { notMerge: true });
      chart.off('click');
      chart.on('click', ({ seriesIndex, dataIndex }) => onPick(seriesIndex ?? -1, dataIndex));
    },
    resize: () => chart.resize(),
    spot(series, at) {
      const value = drawn && heightOf(drawn.lines, series, at);
      if (!drawn || value === null) return null;
      const found: unknown = chart.convertToPixel({ seriesIndex: series }, drawn.lying ? [value, at] : [at, value]);
      const [x, y] = Array.isArray(found) ? (found as number[]) : [];
      return x === undefined || y === undefined ? null : { x, y };
    },
    tell: (seriesIndex, dataIndex) => chart.dispatchAction({ type: 'showTip', seriesIndex, dataIndex }),
    hush: () => chart.dispatchAction({ type: 'hideTip' }),
    end: () => chart.dispose(),
  };
}

/** Names read best beside bars that lie, unless they are stretches of time. */
const isLying = (lines: Lines, { line }: Look): boolean => !line && !lines.inTime;

/** How high a point stands: on those below it where they are stacked. */
function heightOf({ series, stacked }: Lines, of: number, at: number): number | null {
  const one = series[of];
  if (!one) return null;
  const below = stacked && !one.before ? series.slice(0, of).filter(({ before }) => !before) : [];
  return below.reduce((sum, { points }) => sum + (points[at]?.value ?? 0), one.points[at]?.value ?? 0);
}

/** What echarts is told: figures first, a horizontal grid, names at the lines. Pure. */
function optionsOf(lines: Lines, look: Look): EChartsCoreOption {
  const { tokens, fromRight } = look;
  const unit: Unit = lines.series[0]?.measure.unit ?? 'number';
  const text = { color: tokens.secondary, fontFamily: FONT, fontSize: 12 };
  const said = (value: unknown): string =>
    typeof value === 'number' ? figureText(unit, unit === 'money' ? { amount: String(value), currency: look.currency } : value) : '–';
  const lying = isLying(lines, look);
  const short = (value: number): string => (unit === 'percent' ? said(value) : formatCompact(value));
  const categories = {
    type: 'category' as const,
    data: look.over,
    inverse: lying || fromRight,
    axisLine: { lineStyle: { color: tokens.hairline } },
    axisTick: { show: false },
    axisLabel: { ...text, hideOverlap: true, ...(lying ? { width: 140, overflow: 'truncate' as const } : {}) },
    ...(lying && fromRight ? { position: 'right' as const } : {}),
  };
  const values = {
    type: 'value' as const,
    inverse: lying && fromRight,
    position: (!lying && fromRight ? 'right' : undefined) as 'right' | undefined,
    splitNumber: 4,
    axisLabel: { ...text, formatter: short, show: !lying },
    splitLine: { show: !lying, lineStyle: { color: tokens.hairline } },
    ...(unit === 'percent' ? { min: 0 } : {}),
  };
  const before = lines.series.some((one) => one.before);
  const many = lines.series.filter((one) => !one.before).length;
  const named = lines.series.length <= NAMED && lines.series.length > 1;
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    grid: {
      top: 16,
      bottom: 8,
      left: lying ? (fromRight ? 72 : 8) : fromRight && named && look.line ? 120 : 8,
      right: lying ? (fromRight ? 8 : 72) : !fromRight && named && look.line ? 120 : 16,
      outerBoundsMode: 'same',
    },
    tooltip: {
      trigger: 'axis',
      // Drawn like the chart itself: a page that lets in no foreign styles shows it as well.
      renderMode: 'richText',
      axisPointer: {
        type: look.line ? 'line' : 'shadow',
        lineStyle: { color: tokens.control },
        shadowStyle: { color: tokens.hover, opacity: 0.6 },
      },
      backgroundColor: tokens.floating,
      borderColor: tokens.hairline,
      textStyle: { ...text, color: tokens.text },
      confine: true,
      valueFormatter: said,
    },
    xAxis: lying ? values : categories,
    yAxis: lying ? categories : values,
    series: lines.series.map((series, i) => {
      const colour = series.before ? tokens.control : (tokens.series[i % tokens.series.length] ?? tokens.accent);
      const shown = !series.before && !lines.stacked && many === 1 && !look.line && lines.over.length <= SAYING;
      const common = {
        name: look.names[i] ?? '',
        data: series.points.map(({ value }) => value),
        cursor: 'pointer',
        emphasis: { disabled: true },
        ...(lines.stacked && !series.before ? { stack: 'all' } : {}),
      };
      if (look.line)
        return {
          ...common,
          type: 'line' as const,
          showSymbol: lines.over.length <= 40,
          symbol: 'circle',
          symbolSize: 5,
          lineStyle: { color: colour, width: 2, type: series.before ? ('dashed' as const) : ('solid' as const) },
          itemStyle: { color: colour },
          endLabel: { show: named, formatter: look.names[i] ?? '', ...text, color: colour, width: 110, overflow: 'truncate' as const },
          labelLayout: { moveOverlap: 'shiftY' as const },
        };
      return {
        ...common,
        type: 'bar' as const,
        barMaxWidth: lying ? 18 : 40,
        barGap: '10%',
        itemStyle: { color: colour, borderRadius: 2, ...(series.before ? { opacity: 0.45 } : {}) },
        label: {
          show: shown && (lying || !before),
          position: lying ? (fromRight ? ('left' as const) : ('right' as const)) : ('top' as const),
          formatter: ({ value }: { value?: unknown }) => (lying ? said(value) : typeof value === 'number' ? short(value) : ''),
          ...text,
          color: tokens.text,
        },
      };
    }),
  };
}

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ReportView } from '#ui/chart/report-view.tsx';
import { failureText } from '#ui/failure.ts';
import { useDelayed } from '#ui/use-delayed.ts';
import classes from './insight.module.css';
import { answerQuery, type Drawing, type Over, type Question } from './insight.ts';
import { useDrill } from './use-drill.ts';

interface Props {
  name: string;
  question: Question;
  drawing: Drawing;
  over: Over;
  asTable: boolean;
}

/** A report read and drawn, in the rights of who looks at it. */
export function TileBody({ name, question, drawing, over, asTable }: Props): ReactNode {
  const { data, error, isPending } = useQuery(answerQuery(question, drawing, over));
  const drill = useDrill(data);
  const waits = useDelayed(isPending);
  if (error) return <p className="pg-secondary">{failureText(error)}</p>;
  if (!data) return waits ? <div className={classes.waiting} /> : null;
  return <ReportView answer={data} drawing={drawing} name={name} asTable={asTable} onDrill={drill} />;
}

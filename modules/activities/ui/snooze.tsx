import { Button, Popover, TextInput } from '@mantine/core';
import { type FormEvent, type ReactElement, type ReactNode, useState } from 'react';
import { readWhen, whenText } from '#ui/when.ts';
import { useWords } from '#ui/words.ts';
import classes from './my-day.module.css';

/** What is offered without typing. */
const offered = ['tomorrow', 'monday', 'week', 'month'] as const;
const meant: Record<(typeof offered)[number], string> = { tomorrow: 'tomorrow', monday: 'next week', week: '+1w', month: '+1m' };

interface Props {
  opened: boolean;
  onChange: (opened: boolean) => void;
  /** Takes the words of the time. */
  onChoose: (text: string) => void;
  label: string;
  children: ReactElement;
}

/** Until when something is put off: typed as a time, or one of four days. */
export function Snooze({ opened, onChange, onChoose, label, children }: Props): ReactNode {
  const { t } = useWords();
  const [typed, setTyped] = useState('');
  const [failed, setFailed] = useState(false);
  const when = readWhen(typed);
  const choose = (text: string): void => {
    setTyped('');
    setFailed(false);
    onChange(false);
    onChoose(text);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (when) choose(typed);
    else setFailed(true);
  };
  return (
    <Popover opened={opened} onChange={onChange} position="bottom-end" width={260} trapFocus returnFocus>
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown p="sm" aria-label={label}>
        <form className={classes.snooze} onSubmit={submit} noValidate>
          <TextInput
            data-autofocus
            label={t('myDay.until')}
            placeholder={t('myDay.untilPlaceholder')}
            value={typed}
            onChange={({ currentTarget }) => {
              setTyped(currentTarget.value);
              setFailed(false);
            }}
            description={when ? whenText(when) : undefined}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            error={failed ? t('myDay.noTime') : undefined}
          />
          <div className={classes.offered}>
            {offered.map((one) => (
              <Button key={one} size="compact" variant="default" onClick={() => choose(meant[one])}>
                {t(`myDay.${one}`)}
              </Button>
            ))}
          </div>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

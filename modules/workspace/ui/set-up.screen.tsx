import { Button, PasswordInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, request } from '#ui/api.ts';
import { failureText, problemsByField } from '#ui/failure.ts';
import { currencyChoices, languageChoices, timeZoneChoices } from '#ui/fields/choices.ts';
import { enter } from '#ui/session.ts';
import type { Session } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { Begin } from './begin.tsx';
import classes from './entrance.module.css';

/** Currency of the region the browser is set to, the likeliest base currency. */
function likelyCurrency(): string {
  const region = new Intl.Locale(navigator.language).maximize().region ?? '';
  const byRegion: Record<string, string> = {
    US: 'USD',
    GB: 'GBP',
    CH: 'CHF',
    JP: 'JPY',
    CA: 'CAD',
    AU: 'AUD',
    NZ: 'NZD',
    SE: 'SEK',
    NO: 'NOK',
    DK: 'DKK',
    PL: 'PLN',
    CZ: 'CZK',
    IN: 'INR',
    BR: 'BRL',
    MX: 'MXN',
    ZA: 'ZAR',
    CN: 'CNY',
  };
  return byRegion[region] ?? 'EUR';
}

/** A language in its own words: whoever looks for it may read no other. */
function ownName(language: string): string {
  const name = new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

interface Props {
  /** Languages the page speaks. */
  languages: readonly string[];
  speak: (language: string) => Promise<void>;
}

/**
 * First run: the company, its money, language and time, and the person who looks after it. The page speaks the language that is
 * chosen for the company, as everything that set-up writes does.
 */
export function SetUpScreen({ languages, speak }: Props): ReactNode {
  const { t, language: spokenNow } = useWords();
  const [company, setCompany] = useState('');
  const [baseCurrency, setBaseCurrency] = useState<string | null>(likelyCurrency);
  const [language, setLanguage] = useState<string | null>(() => new Intl.Locale(navigator.language).language);
  const choose = (next: string | null): void => {
    setLanguage(next);
    const base = next?.split('-')[0];
    // A language that the page does not speak is the company's all the same.
    if (base && languages.includes(base)) speak(base).catch((problem: unknown) => setFailure(failureText(problem)));
  };
  const [timeZone, setTimeZone] = useState<string | null>(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    setErrors({});
    try {
      const { data } = await request<Session>('POST', '/setup', {
        body: { company, baseCurrency, language, timeZone, admin: { name, email, password } },
      });
      enter(data);
      setDone(true);
    } catch (problem) {
      const fields = problem instanceof ApiError ? problemsByField(problem) : {};
      setErrors(fields);
      if (Object.keys(fields).length === 0) setFailure(failureText(problem));
      setBusy(false);
    }
  };
  if (done)
    return (
      <main className={classes.page}>
        <div className={classes.mark}>
          <img src="/mark.svg" width={20} height={20} alt="" />
          {company}
        </div>
        <Begin />
      </main>
    );
  return (
    <main className={classes.page}>
      <div className={classes.mark}>
        <img src="/mark.svg" width={20} height={20} alt="" />
        {t('product')}
      </div>
      <SegmentedControl
        className={classes.languages}
        size="xs"
        aria-label={t('setUp.language')}
        value={spokenNow.split('-')[0] ?? 'en'}
        onChange={choose}
        data={languages.map((one) => ({ value: one, label: <span lang={one}>{ownName(one)}</span> }))}
      />
      <h1 className={classes.title}>{t('setUp.title')}</h1>
      <p className={classes.lead}>{t('setUp.lead')}</p>
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        {failure && (
          <div className={classes.failure} role="alert">
            {failure}
          </div>
        )}
        <TextInput
          label={t('setUp.company')}
          autoComplete="organization"
          value={company}
          onChange={(event) => setCompany(event.currentTarget.value)}
          error={errors.company}
          required
          withAsterisk={false}
          autoFocus
        />
        <div className={classes.pair}>
          <Select
            label={t('setUp.baseCurrency')}
            searchable
            allowDeselect={false}
            data={currencyChoices()}
            value={baseCurrency}
            onChange={setBaseCurrency}
            error={errors.baseCurrency}
          />
          <Select
            label={t('setUp.language')}
            searchable
            allowDeselect={false}
            data={languageChoices()}
            value={language}
            onChange={choose}
            error={errors.language}
          />
        </div>
        <Select
          label={t('setUp.timeZone')}
          searchable
          allowDeselect={false}
          data={timeZoneChoices()}
          value={timeZone}
          onChange={setTimeZone}
          error={errors.timeZone}
          limit={50}
        />
        <h2 className={classes.part}>{t('setUp.administrator')}</h2>
        <TextInput
          label={t('setUp.name')}
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errors['admin.name']}
          required
          withAsterisk={false}
        />
        <TextInput
          type="email"
          label={t('signIn.email')}
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={errors['admin.email']}
          required
          withAsterisk={false}
        />
        <PasswordInput
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          label={t('signIn.password')}
          description={t('setUp.passwordHint')}
          autoComplete="new-password"
          minLength={10}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={errors['admin.password']}
          required
          withAsterisk={false}
        />
        <Button type="submit" disabled={busy} fullWidth>
          {t('setUp.act')}
        </Button>
      </form>
    </main>
  );
}
